import type { CommandClass } from 'clipanion';
import type { CliContext } from './context.ts';
import { declarationsOf, type OptionEntry, type PositionalEntry } from './options/declare.ts';

/** All there is to say about one command; help, reference, completion and the manual page are made from it. */
export interface CommandPage {
  readonly name: string;
  readonly usage: string;
  readonly positionals: readonly PositionalEntry[];
  readonly description: string;
  /** Paragraphs, in lines of {@link WIDTH} characters. */
  readonly details: string;
  /** The options of every command come last. */
  readonly options: readonly OptionEntry[];
  /** What an example does, and the command line. */
  readonly examples: readonly (readonly [string, string])[];
}

/** Text is read most easily in lines that are no longer (characters). */
const WIDTH = 80;

/** Returns the page of a command. */
export function pageOf(name: string, command: CommandClass<CliContext>): CommandPage {
  const { options, positionals } = declarationsOf(new command());
  const { description = '', details = '', examples = [] } = command.usage ?? {};
  return {
    name,
    usage: ['bundle', name, ...positionals.map(formatPositional), '[options]'].join(' '),
    positionals,
    description,
    details: paragraphs(details).map(wrapped).join('\n\n'),
    options: options.toSorted((left, right) => Number(isShared(left)) - Number(isShared(right))),
    examples: examples.map(([what, line]) => [what, line.replaceAll('$0', 'bundle')] as const),
  };
}

/** Returns an argument as the usage shows it: `BUNDLE`, `[PATCH]...`. */
function formatPositional({ name, isRequired, isRest }: PositionalEntry): string {
  return `${isRequired ? name : `[${name}]`}${isRest ? '...' : ''}`;
}

/** Returns an option as it is typed: `-o, --output OUT`, `--rancher-desktop[=DIR]`. */
export function formatOption({ names, value, isValueOptional }: OptionEntry): string {
  const listed = names.join(', ');
  if (value === undefined) return listed;
  return isValueOptional === true ? `${listed}[=${value}]` : `${listed} ${value}`;
}

function isShared({ names }: OptionEntry): boolean {
  return ['--json', '--quiet', '--verbose'].includes(names[0] ?? '');
}

function paragraphs(text: string): readonly string[] {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim().replaceAll(/\s+/g, ' '))
    .filter((paragraph) => paragraph !== '');
}

function wrapped(paragraph: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
