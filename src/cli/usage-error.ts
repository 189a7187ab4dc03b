import { messageOf, SaddlebagError } from '../internal/error.ts';
import { nearest } from '../internal/nearest.ts';
import type { CommandPage } from './command-page.ts';

/**
 * Returns what is wrong with the options of a command line, if anything. Looked at before the library does: that one takes
 * `--no-` in front of every name, and calls a mistyped option "command not found".
 */
export function unknownOption(
  argv: readonly string[],
  pages: readonly CommandPage[],
): SaddlebagError | undefined {
  const page = pages.find((one) => one.name === nameIn(argv));
  if (page === undefined) return undefined;
  const known = page.options.flatMap((option) => option.names);
  const wrong = beforeDashes(argv)
    .map((argument) => argument.split('=', 1)[0] ?? '')
    .find((argument) => /^-./.test(argument) && !known.includes(argument));
  if (wrong === undefined) return undefined;
  const near = nearest(
    wrong,
    known.filter((name) => name.startsWith('--')),
  );
  return invalid(page, `there is no option "${wrong}"`, {
    hint: near === undefined ? helpHint(page) : `Did you mean "${near}"?`,
  });
}

/** Returns what is wrong with a command line that the library refused, in our words. */
export function usageError(
  argv: readonly string[],
  pages: readonly CommandPage[],
  cause: unknown,
): SaddlebagError {
  const name = nameIn(argv);
  const page = pages.find((one) => one.name === name);
  if (page === undefined) return unknownCommand(name, pages, cause);
  return (
    strayArgument(argv, page, cause) ?? invalid(page, factFrom(cause, page), { cause, hint: helpHint(page) })
  );
}

function unknownCommand(name: string, pages: readonly CommandPage[], cause: unknown): SaddlebagError {
  const names = pages.map((page) => page.name);
  const near = nearest(name, names);
  return new SaddlebagError(
    'ERR_USAGE_INVALID',
    name === ''
      ? 'Cannot run "bundle": no command is named'
      : `Cannot run "bundle ${name}": there is no such command`,
    { cause, hint: near === undefined ? `Commands: ${names.join(', ')}.` : `Did you mean "bundle ${near}"?` },
  );
}

/** `--rancher-desktop DIR` reads naturally, but what may be left out must be tied to its option. */
function strayArgument(
  argv: readonly string[],
  page: CommandPage,
  cause: unknown,
): SaddlebagError | undefined {
  if (!reasonIn(cause).startsWith('Extraneous')) return undefined;
  const optional = page.options.filter(({ value }) => value?.startsWith('[')).flatMap(({ names }) => names);
  const index = argv.findIndex(
    (argument, at) => optional.includes(argument) && /^[^-]/.test(argv[at + 1] ?? ''),
  );
  if (index === -1) return undefined;
  const [option, value] = [argv[index], argv[index + 1]];
  return invalid(page, `"${value}" belongs to no option`, { cause, hint: `Write "${option}=${value}".` });
}

/** The library's reasons in words of ours. */
function factFrom(cause: unknown, page: CommandPage): string {
  const reason = reasonIn(cause);
  if (reason.startsWith('Not enough positional')) return `${page.positionals.join(' or ')} is missing`;
  return reason
    .replace(/^Extraneous positional argument \("(.*)"\)$/s, 'the argument "$1" is one too many')
    .replace(/^Not enough arguments to option (.*)$/, 'the option "$1" needs a value');
}

function reasonIn(cause: unknown): string {
  const [first = ''] = messageOf(cause).split('\n');
  return first.replace(/\.$/, '');
}

function invalid(
  page: CommandPage,
  fact: string,
  options: { readonly cause?: unknown; readonly hint: string },
): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot run "bundle ${page.name}": ${fact}`, options);
}

function helpHint(page: CommandPage): string {
  return `Usage: ${page.usage}. See "bundle help ${page.name}".`;
}

function nameIn(argv: readonly string[]): string {
  return argv.find((argument) => !argument.startsWith('-')) ?? '';
}

function beforeDashes(argv: readonly string[]): readonly string[] {
  return argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
}
