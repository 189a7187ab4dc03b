import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Overwrite } from '../../archive/archive.ts';
import { volumeSumsName } from '../../archive/volumes/volumes.ts';
import { syncFolder } from '../../disk/folder.ts';
import { place } from '../../disk/place.ts';
import { readTextFile } from '../../disk/read-text.ts';
import { openFileReader } from '../../disk/reader.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';

/** 64 KiB of signatures in hex, and the checksums of a zip that go with them. */
const LIMIT = 256 * 1024;

/**
 * Saves the bytes of volumes that are about to be overwritten. A run that is killed in between leaves volumes that do
 * not match their list of sums; with these bytes, the next run can tell that from damage.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`
 */
export async function keepUndo(base: string, overwrites: readonly Overwrite[]): Promise<void> {
  const lines: string[] = [];
  for (const { file, position, bytes } of overwrites) {
    await using reader = await openFileReader(file);
    const old = Buffer.from(await reader.read(position, bytes.length)).toString('hex');
    lines.push(`${JSON.stringify({ file: basename(file), position, old })}\n`);
  }
  await place(undoPath(base), lines.join(''));
}

/** Returns the bytes that an unfinished write has overwritten; empty if every write finished. */
export async function readUndo(base: string): Promise<readonly Overwrite[]> {
  const kind = { what: 'list', code: 'ERR_DISK_FAILED', limit: LIMIT } as const;
  try {
    const text = await readTextFile(undoPath(base), kind);
    return text.split('\n').flatMap((line) => (line === '' ? [] : [decodeLine(line, base)]));
  } catch (error) {
    // Without it, a volume that does not match its list counts as damaged, so no damage is covered up.
    if (error instanceof SyntaxError || isSaddlebagError(error, 'ERR_DISK_FAILED')) return [];
    throw error;
  }
}

/** Removes the saved bytes: volumes and list agree again. */
export async function dropUndo(base: string): Promise<void> {
  await rm(undoPath(base), { force: true });
  await syncFolder(dirname(base));
}

function decodeLine(line: string, base: string): Overwrite {
  const value: unknown = JSON.parse(line);
  if (!isRecord(value)) throw new SyntaxError('it is not an object');
  const { file, position, old } = value;
  if (typeof file !== 'string' || basename(file) !== file) throw new SyntaxError('"file" is not a name');
  if (!Number.isSafeInteger(position) || typeof position !== 'number' || position < 0)
    throw new SyntaxError('"position" is not a position');
  if (typeof old !== 'string' || !/^(?:[0-9a-f]{2})*$/.test(old)) throw new SyntaxError('"old" is not hex');
  return { file: join(dirname(base), file), position, bytes: Buffer.from(old, 'hex') };
}

function undoPath(base: string): string {
  return `${volumeSumsName(base)}.undo`;
}
