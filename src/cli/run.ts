import type { Command } from 'clipanion';
import type { SaddlebagError } from '../internal/error.ts';
import { EXIT_STATUS } from '../internal/error-code.ts';
import { createCli } from './cli.ts';
import { commandPages } from './command-page.ts';
import type { CliContext } from './context.ts';
import { encodeError, renderError } from './display/error.ts';
import { styleFor } from './display/style.ts';
import { respell } from './options.ts';
import { unknownOption, usageError } from './usage-error.ts';

/**
 * Runs the command that `argv` (without the program's own name) asks for, and returns the exit status. Writes to the
 * streams of the context alone.
 */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  const cli = createCli();
  const pages = commandPages(cli.definitions());
  const line = asWritten(argv);
  const wrong = unknownOption(line, pages);
  if (wrong !== undefined) return refuse(argv, wrong, context);
  let command: Command<CliContext>;
  try {
    command = cli.process(respell(line), context);
  } catch (cause) {
    return refuse(argv, usageError(argv, pages, cause), context);
  }
  return await cli.run(command, context);
}

/**
 * Asked for nothing, the program explains itself; asked for help anywhere on the line, it explains the command. The library
 * knows `--help` right behind a name only, and has a page of its own for it.
 */
function asWritten(argv: readonly string[]): readonly string[] {
  if (argv.length === 0) return ['help'];
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const options = argv.slice(0, end);
  if (!options.includes('--help') && !options.includes('-h')) return argv;
  const name = argv.find((argument) => !argument.startsWith('-') && argument !== 'help');
  return ['help', ...(name === undefined ? [] : [name]), ...options.filter((option) => option === '--json')];
}

function refuse(argv: readonly string[], error: SaddlebagError, context: CliContext): number {
  const { stdout, stderr, env } = context;
  stderr.write(renderError(error, { style: styleFor(stderr, env), verbose: false }));
  if (argv.includes('--json')) stdout.write(`${JSON.stringify(encodeError(error), null, 2)}\n`);
  return EXIT_STATUS[error.code];
}
