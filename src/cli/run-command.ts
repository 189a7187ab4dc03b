import { Cli } from 'clipanion';
import { readCommandLine } from './command-line.ts';
import type { Load } from './commands.ts';
import type { CliContext } from './context.ts';
import { pageOf } from './page-of.ts';
import { usageError } from './usage-error.ts';

/** Runs a command with the words after its name and returns the exit status. @throws `ERR_USAGE_INVALID` */
export async function runCommand(
  name: string,
  options: { readonly load: Load; readonly words: readonly string[]; readonly context: CliContext },
): Promise<number> {
  const { load, words, context } = options;
  const command = await load();
  const page = pageOf(name, command);
  const line = readCommandLine(words, page);
  if ('fault' in line) throw usageError(line.fault, page);
  const cli = Cli.from(command, { enableColors: false });
  return await cli.run(cli.process([name, ...line.words], context), context);
}
