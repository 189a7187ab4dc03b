import type { CommandClass } from 'clipanion';
import type { CommandPage } from './command-page.ts';
import type { CliContext } from './context.ts';
import { declarationsOf, type OptionEntry, type PositionalEntry } from './options/declare.ts';

/** Maximum line length (characters) for comfortable reading. */
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

/** Returns an argument as shown in the usage: `BUNDLE`, `[PATCH]...`. */
function formatPositional({ name, isRequired, isRest }: PositionalEntry): string {
  return `${isRequired ? name : `[${name}]`}${isRest ? '...' : ''}`;
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
