import { COMMANDS } from './commands.ts';
import type { CommandPage } from './command-page.ts';
import { pageOf } from './page-of.ts';

/** Returns the pages of all commands. The program that ships has them ready: it loads no command to explain it. */
export async function loadPages(): Promise<readonly CommandPage[]> {
  return await Promise.all(Object.entries(COMMANDS).map(async ([name, load]) => pageOf(name, await load())));
}
