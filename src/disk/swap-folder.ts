import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SaddlebagError } from '../internal/error.ts';
import { syncFolder } from './folder.ts';
import { statOf } from './stat.ts';

/**
 * Moves the folder `from`, whose files are already on the disk, to `to`. A folder cannot be renamed over one that is
 * not empty, so the old one is first moved to `aside`. The call can be repeated after an interruption at any point.
 * Throws system errors as they are.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` when something is in the way of the old one
 */
export async function swapFolder(
  from: string,
  to: string,
  options: { readonly aside: string },
): Promise<void> {
  const { aside } = options;
  if ((await statOf(from, LINK)) !== undefined) {
    await syncTree(from);
    await stepAside(to, aside);
    try {
      await rename(from, to);
    } catch (error) {
      if ((await statOf(aside, LINK)) !== undefined) await rename(aside, to);
      throw error;
    }
  }
  await syncFolder(dirname(to));
  await rm(aside, { recursive: true, force: true });
}

/** Returns once the names in a folder, and in those below it, would survive a power cut. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncTree(join(folder, entry.name));
  }
  await syncFolder(folder);
}

/** A link that is moved aside is inspected itself, not what it leads to. */
const LINK = { follow: false } as const;

/** If there is nothing to move aside, whatever a crash left at `aside` is the only copy of the old folder. */
async function stepAside(to: string, aside: string): Promise<void> {
  if ((await statOf(to, LINK)) === undefined) return;
  // Nobody knows whose that is.
  if ((await statOf(aside, LINK)) !== undefined) throw inTheWay(to, aside);
  await rename(to, aside);
}

function inTheWay(to: string, aside: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_OUTPUT_UNWRITABLE',
    `Cannot complete "${to}": the folder "${aside}" is in the way`,
    { hint: 'Delete or rename it, and run the command again.' },
  );
}
