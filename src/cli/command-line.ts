import { type OptionEntry, type PositionalEntry, spelled } from './options/declare.ts';
import type { CommandPage } from './command-page.ts';

/** What is wrong with a command line. */
export type Fault =
  | { readonly type: 'unknown-option'; readonly name: string }
  | { readonly type: 'missing-value'; readonly name: string }
  | { readonly type: 'needless-value'; readonly name: string }
  | { readonly type: 'untied-value'; readonly name: string; readonly value: string }
  | { readonly type: 'missing-argument'; readonly name: string }
  | { readonly type: 'needless-argument'; readonly argument: string }
  | { readonly type: 'web-address'; readonly name: string; readonly value: string };

/** Values with these names are paths. */
const PATHS: ReadonlySet<string> = new Set(
  'BUNDLE BUNDLE_OR_RECEIPT DIR FILE IN NEW OLD OUT PATCH PATH PEM RECEIPT ROOT SPEC'.split(' '),
);

/** A parsed command line. */
interface Words {
  /** Name and value as the library expects them: an option with a value is `--name=value`. */
  readonly options: readonly string[];
  readonly positionals: readonly string[];
  readonly fault?: Fault | undefined;
}

/**
 * Returns the words after the command's name in a spelling that the library cannot misread, or what is wrong with them. Left
 * alone, the library accepts `--no-` before every name, allows no digit in a name, and reports errors as prose.
 */
export function readCommandLine(
  words: readonly string[],
  page: CommandPage,
): { readonly words: readonly string[] } | { readonly fault: Fault } {
  const { options, positionals, fault } = takeApart(words, page.options);
  const wrong =
    fault ?? countFault(positionals, page.positionals) ?? addressFault(positionals, page.positionals);
  if (wrong === undefined) return { words: [...options, '--', ...positionals] };
  return { fault: untied(wrong, words, page) ?? wrong };
}

/** An unknown option is reported first: what follows may be its value. */
function takeApart(words: readonly string[], known: readonly OptionEntry[]): Words {
  const options: string[] = [];
  const positionals: string[] = [];
  const faults: Fault[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      positionals.push(...words.slice(at + 1));
      break;
    }
    if (!isOption(word)) {
      positionals.push(word);
      continue;
    }
    const { name, value } = split(word);
    const option = known.find(({ names }) => names.includes(name));
    if (option === undefined) faults.push({ type: 'unknown-option', name });
    else if (option.value === undefined) {
      if (value === undefined) options.push(spelled(option.names.join()));
      else faults.push({ type: 'needless-value', name });
    } else if (value !== undefined && isAddressFor(option.value, value))
      faults.push({ type: 'web-address', name, value });
    else if (value !== undefined) options.push(`${spelled(option.names.join())}=${value}`);
    else if (option.isValueOptional === true) options.push(spelled(option.names.join()));
    else {
      const next = words[at + 1];
      if (next === undefined || isOption(next)) faults.push({ type: 'missing-value', name });
      else {
        if (isAddressFor(option.value, next)) faults.push({ type: 'web-address', name, value: next });
        options.push(`${spelled(option.names.join())}=${next}`);
        at++;
      }
    }
  }
  return {
    options,
    positionals,
    fault: faults.find(({ type }) => type === 'unknown-option') ?? faults[0],
  };
}

function countFault(given: readonly string[], wanted: readonly PositionalEntry[]): Fault | undefined {
  const missing = wanted.filter(({ isRequired }) => isRequired)[given.length];
  if (missing !== undefined) return { type: 'missing-argument', name: missing.name };
  const surplus = wanted.some(({ isRest }) => isRest) ? undefined : given[wanted.length];
  return surplus === undefined ? undefined : { type: 'needless-argument', argument: surplus };
}

function addressFault(given: readonly string[], wanted: readonly PositionalEntry[]): Fault | undefined {
  const rest = wanted.find(({ isRest }) => isRest);
  const named = given.map((value, index) => ({ value, name: (wanted[index] ?? rest)?.name ?? '' }));
  const found = named.find(({ name, value }) => isAddressFor(name, value));
  return found === undefined ? undefined : { type: 'web-address', ...found };
}

function isAddressFor(name: string, value: string): boolean {
  return PATHS.has(name) && /^(?:https?|ftp):\/\//i.test(value);
}

/** `--rancher-desktop DIR` looks natural, but an optional value must be attached to its option with `=`. */
function untied(fault: Fault, words: readonly string[], { options }: CommandPage): Fault | undefined {
  if (fault.type !== 'needless-argument') return undefined;
  const loose = options
    .filter(({ isValueOptional }) => isValueOptional === true)
    .flatMap(({ names }) => names);
  const at = words.findIndex((word, index) => loose.includes(word) && !isOption(words[index + 1] ?? '-x'));
  const [name, value] = [words[at], words[at + 1]];
  return name === undefined || value === undefined ? undefined : { type: 'untied-value', name, value };
}

function split(word: string): { readonly name: string; readonly value?: string | undefined } {
  const at = word.indexOf('=');
  return at === -1 ? { name: word } : { name: word.slice(0, at), value: word.slice(at + 1) };
}

/** A single dash is an argument: it stands for a stream. */
function isOption(word: string): boolean {
  return /^-./s.test(word);
}
