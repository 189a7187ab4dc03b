import { Cli } from 'clipanion';
import type { SaddlebagError } from '../internal/error.ts';
import { EXIT_STATUS } from '../internal/error-code.ts';
import { COMMANDS } from './commands.ts';
import { readCommandLine } from './command-line.ts';
import type { CliContext } from './context.ts';
import { encodeError, renderError } from './display/error.ts';
import { styleFor } from './display/style.ts';
import { pageOf } from './command-page.ts';
import { unknownCommand, usageError } from './usage-error.ts';

/**
 * Runs the command that `argv` (without the program's own name) asks for, and returns the exit status. Writes to the
 * streams of the context alone.
 */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  const { name, words } = asWritten(argv);
  const load = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (name === undefined || load === undefined)
    return refuse(argv, unknownCommand(name, Object.keys(COMMANDS)), context);
  const command = await load();
  const page = pageOf(name, command);
  const line = readCommandLine(words, page);
  if ('fault' in line) return refuse(argv, usageError(line.fault, page), context);
  const cli = Cli.from(command, { enableColors: false });
  return await cli.run(cli.process([name, ...line.words], context), context);
}

interface Asked {
  readonly name: string | undefined;
  readonly words: readonly string[];
}

/**
 * Asked for nothing, the program explains itself; asked for help anywhere on the line, it explains the command. What is
 * asked of the program itself has the form of an option.
 */
function asWritten(argv: readonly string[]): Asked {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const name = at === -1 ? undefined : argv[at];
  if (argv.length === 0) return { name: 'help', words: [] };
  const isHelpAsked = argv.slice(0, end).some((word) => word === '--help' || word === '-h');
  if (isHelpAsked) {
    const subject = argv.find((word) => !word.startsWith('-') && word !== 'help');
    const json = argv.slice(0, end).filter((word) => word === '--json');
    return { name: 'help', words: [...(subject === undefined ? [] : [subject]), ...json] };
  }
  if (['--version', '-V', '-v'].includes(argv[0] ?? '')) return { name: 'version', words: argv.slice(1) };
  return { name, words: argv.filter((_, index) => index !== at) };
}

function refuse(argv: readonly string[], error: SaddlebagError, context: CliContext): number {
  const { stdout, stderr, env } = context;
  stderr.write(renderError(error, { style: styleFor(stderr, env), verbose: false }));
  if (argv.includes('--json')) stdout.write(`${JSON.stringify(encodeError(error), null, 2)}\n`);
  return EXIT_STATUS[error.code];
}
