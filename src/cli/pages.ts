import { COMMANDS } from './commands.ts';
import type { CommandPage } from './command-page.ts';
import { pageOf } from './page-of.ts';

/** Returns the pages of all commands. The build inlines them, so the shipped program loads no command to show its help. */
export async function loadPages(): Promise<readonly CommandPage[]> {
  return await Promise.all(Object.entries(COMMANDS).map(async ([name, load]) => pageOf(name, await load())));
}
