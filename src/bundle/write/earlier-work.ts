import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError } from '../../disk/errno.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { type JournalHead, type Positions, readJournal } from './journal.ts';
import { journalPath, type OutputLayout } from '../output/layout.ts';
import { unwritable } from '../output/place.ts';
import { statOf } from '../../disk/stat.ts';

/** What an earlier run left in place. */
export interface EarlierWork {
  /** Bytes of each blob, to be read again before they are trusted. */
  readonly positions: Positions;
  /** How many bytes from the start of the archive are present without a gap. */
  readonly present: number;
}

export interface EarlierOptions {
  readonly output: OutputLayout;
  /** Whether files have their size from the start. */
  readonly reserve: boolean;
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/**
 * Returns what there is of an output already, and makes room for the rest: what belongs to another bundle is removed.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` when a folder is in the way that no journal of ours lies beside
 */
export async function earlierWork(head: JournalHead, options: EarlierOptions): Promise<EarlierWork> {
  const { output, reserve, onFinding } = options;
  const { path, partial } = output;
  const there = await statOf(partial);
  let positions: Positions | undefined;
  if (there !== undefined) {
    const journal = journalPath(path);
    positions =
      (await readJournal(journal, head)) ?? (await readJournal(journal, { ...head, complete: true }));
    const isWhole = !reserve || (await hasSizes(output));
    if (positions === undefined || !isWhole) {
      positions = undefined;
      await clear(output);
      onFinding?.({
        level: 'warning',
        message: `Cannot continue "${partial}": it is the beginning of another bundle, so it is started over`,
        hint: 'The spec or its upstreams have changed since. A build with --locked continues whatever has moved upstream.',
      });
    }
  }
  return { positions: positions ?? new Map(), present: await prefixOf(output) };
}

/**
 * Creates the folders that an output grows in. Its journal must be there before: a folder without one is none of ours.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function makeFolders({ kind, partial, volumes }: OutputLayout): Promise<void> {
  if (kind === 'file') return;
  for (const folder of new Set([partial, ...volumes.map(({ file }) => dirname(file))])) {
    try {
      await mkdir(folder, { recursive: true });
    } catch (cause) {
      throw diskError('create', folder, cause);
    }
  }
}

async function hasSizes({ volumes }: OutputLayout): Promise<boolean> {
  for (const { file, size } of volumes) if ((await statOf(file))?.size !== size) return false;
  return true;
}

/** Where files grow, the first incomplete one ends what is present. */
async function prefixOf({ volumes }: OutputLayout): Promise<number> {
  let present = 0;
  for (const { file, size } of volumes) {
    const found = Math.min((await statOf(file))?.size ?? 0, size);
    present += found;
    if (found < size) break;
  }
  return present;
}

/** A folder that happens to have the name of a partial is not ours to delete. */
async function clear({ path, partial }: OutputLayout): Promise<void> {
  const isFolder = (await statOf(partial))?.isDirectory() === true;
  const isOurs = (await statOf(journalPath(path))) !== undefined;
  try {
    const isInTheWay = isFolder && !isOurs && (await readdir(partial)).length > 0;
    if (isInTheWay) throw unwritable(path, `the folder "${partial}" is in the way`, 'Delete or rename it.');
    await rm(partial, { recursive: true, force: true });
  } catch (cause) {
    throw isSaddlebagError(cause) ? cause : diskError('clear', partial, cause);
  }
}
