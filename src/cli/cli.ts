import { Cli } from 'clipanion';
import { COMMANDS } from './commands.ts';
import type { CliContext } from './context.ts';

/** Returns the command line interface with all its commands. */
export function createCli(): Cli<CliContext> {
  const cli = new Cli<CliContext>({ binaryName: 'bundle', enableColors: false });
  for (const command of COMMANDS) cli.register(command);
  return cli;
}
