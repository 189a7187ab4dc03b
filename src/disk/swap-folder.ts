import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SaddlebagError } from '../internal/error.ts';
import { syncFolder } from './folder.ts';
import { statOf } from './stat.ts';

/**
 * Gives the folder `from`, whose files are on the disk, the place of `to`, whole or not at all. A folder cannot be renamed
 * over one that holds something, so the old one steps aside for a moment, to the path `aside`. It may be done again when it
 * was cut off anywhere in its middle. Throws errors of the system as they are.
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

/** Returns when the names in a folder, and in those below it, would outlive a power cut. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncTree(join(folder, entry.name));
  }
  await syncFolder(folder);
}

/** What steps aside is looked at itself, also where it is a link. */
const LINK = { follow: false } as const;

/** Where nothing has to step aside, what did so before a crash is all there is of the old one. */
async function stepAside(to: string, aside: string): Promise<void> {
  if ((await statOf(to, LINK)) === undefined) return;
  // Whose that is nobody knows.
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
