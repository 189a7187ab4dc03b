import { isSaddlebagError, type SaddlebagError } from '../internal/error.ts';
import { EXIT_STATUS } from '../internal/error-code.ts';
import { COMMANDS } from './commands.ts';
import type { CliContext } from './context.ts';
import { encodeError } from './display/error.ts';
import { styleFor } from './display/style.ts';
import { renderOverview, renderPage } from './help.ts';
import { unknownCommand } from './usage-error.ts';

/** A command and the words after its name. */
interface Asked {
  readonly name: string | undefined;
  readonly words: readonly string[];
}

/**
 * Runs the command in `argv` (without the program's own name) and returns the exit status. Writes only to the context's
 * streams. Without arguments, on a terminal and from a kit, it shows the kit's menu.
 */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  const kit = argv.length === 0 && context.stdout.isTTY === true ? context.env['SADDLEBAG_KIT'] : undefined;
  if (kit !== undefined) {
    const { showMenu } = await import('./menu.ts');
    return await showMenu(context, kit, async (words) => await runCli(words, context));
  }
  const asked = asWritten(argv);
  const answer = await plainAnswer(asked, context);
  if (answer !== undefined) {
    context.stdout.write(`${answer}\n`);
    return 0;
  }
  try {
    return await run(asked, context);
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_USAGE_INVALID')) throw error;
    return await refuse(argv, error, context);
  }
}

/**
 * Without arguments, the program prints its help; with a help option anywhere on the line, it prints the command's. Requests
 * to the program itself are spelled as options.
 */
function asWritten(argv: readonly string[]): Asked {
  if (argv.length === 0) return { name: 'help', words: [] };
  const options = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : argv.length);
  if (options.includes('--help') || options.includes('-h')) {
    const subject = argv.find((word) => !word.startsWith('-') && word !== 'help');
    const json = options.filter((word) => word === '--json');
    return { name: 'help', words: [...(subject === undefined ? [] : [subject]), ...json] };
  }
  if (['--version', '-V', '-v'].includes(argv[0] ?? '')) return { name: 'version', words: argv.slice(1) };
  const at = argv.findIndex((word) => !word.startsWith('-'));
  return { name: argv[at], words: argv.filter((_, index) => index !== at) };
}

/** Printing the version or a help page without options needs no option parser, so none is loaded. */
async function plainAnswer(
  { name, words: [subject, ...more] }: Asked,
  { stdout, env, pages, version }: CliContext,
): Promise<string | undefined> {
  if (name === 'version' && subject === undefined) return version;
  if (name !== 'help' || more.length > 0) return undefined;
  const all = await pages();
  const style = styleFor(stdout, env);
  if (subject === undefined) return renderOverview(all, style);
  const page = all.find((one) => one.name === subject);
  return page === undefined ? undefined : renderPage(page, style);
}

async function run({ name, words }: Asked, context: CliContext): Promise<number> {
  const load = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (name === undefined || load === undefined) throw unknownCommand(name, Object.keys(COMMANDS));
  const { runCommand } = await import('./run-command.ts');
  return await runCommand(name, { load, words, context });
}

/** Tells of an error outside of a command, in the voice that the command line asks for as far as it can be read. */
export async function refuse(
  argv: readonly string[],
  error: SaddlebagError,
  { stdout, stderr, env, surroundings }: CliContext,
): Promise<number> {
  // The version and help have no status, and load none.
  const { createStatus } = await import('./display/status/create.ts');
  const { voiceOf } = await import('./display/status/voice.ts');
  const { SYSTEM_CLOCK } = await import('../internal/http/watch/clock.ts');
  const voiced = await createStatus({
    stream: stderr,
    style: styleFor(stderr, env),
    quiet: true,
    verbose: false,
    voice: voiceOf(progressIn(argv), stderr, env),
    clock: surroundings.clock ?? SYSTEM_CLOCK,
  });
  using _status = voiced.status;
  voiced.error(error);
  if (argv.includes('--json')) stdout.write(`${JSON.stringify(encodeError(error), null, 2)}\n`);
  voiced.end(EXIT_STATUS[error.code]);
  return EXIT_STATUS[error.code];
}

function progressIn(argv: readonly string[]): string | undefined {
  const at = argv.findIndex((word) => /^--progress(=|$)/.test(word));
  const [word, following] = [argv[at], argv[at + 1]];
  return word?.includes('=') === true ? word.slice(word.indexOf('=') + 1) : word && following;
}
