import type { Overwrite } from './archive.ts';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Handles } from '../internal/handles.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Archive } from './archive.ts';
import type { Extent } from '../disk/byte-file.ts';
import { diskError } from '../disk/errno.ts';
import { writeAll } from '../disk/write/all.ts';
import { quote } from '../internal/quote.ts';

/** Files that are open for these writes, and not yet written to. */
export interface OpenOverwrites extends AsyncDisposable {
  /** Returns once the bytes are in place and would survive a power cut. @throws `ERR_DISK_FAILED` */
  write(): Promise<void>;
}

/**
 * Returns the writes that replace the bytes of an entry with as many others.
 *
 * @throws `ERR_ARCHIVE_INVALID` when the entry has another size; `ERR_CONTENT_NOT_FOUND`, `ERR_DISK_FAILED`
 */
export async function overwritesFor(
  archive: Archive,
  path: string,
  bytes: Uint8Array,
): Promise<readonly Overwrite[]> {
  if (archive.overwrites !== undefined) return await archive.overwrites(path, bytes);
  return overwritesOf(path, bytes, await archive.extents?.(path));
}

/**
 * Opens every file to be changed, so that nothing is written if one of them cannot be opened.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`
 */
export async function openOverwrites(overwrites: readonly Overwrite[]): Promise<OpenOverwrites> {
  await using stack = new Handles();
  const opened: { readonly handle: FileHandle; readonly own: readonly Overwrite[] }[] = [];
  for (const [file, own] of Map.groupBy(overwrites, (overwrite) => overwrite.file)) {
    opened.push({ handle: stack.use(await openHandle(file)), own });
  }
  const held = stack.move();
  return {
    write: async () => {
      for (const { handle, own } of opened) await writeThrough(handle, own);
    },
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}

/**
 * Returns the writes that replace the bytes at `extents`; `path` is the name of the entry in messages.
 *
 * @throws `ERR_ARCHIVE_INVALID` when the bytes are more or fewer than those they replace
 */
export function overwritesOf(
  path: string,
  bytes: Uint8Array,
  extents: readonly Extent[] | undefined,
): readonly Overwrite[] {
  const overwrites: Overwrite[] = [];
  let next = 0;
  for (const { file, position, length } of extents ?? []) {
    overwrites.push({ file, position, bytes: bytes.subarray(next, next + length) });
    next += length;
  }
  if (next === bytes.length) return overwrites;
  throw new SaddlebagError(
    'ERR_ARCHIVE_INVALID',
    `Cannot overwrite entry ${quote(path)}: it has ${next} bytes, and its replacement has ${bytes.length}`,
  );
}

/** Opening must not create a file, empty it, or wait. */
async function openHandle(file: string): Promise<FileHandle> {
  try {
    return await open(file, constants.O_RDWR | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

async function writeThrough(handle: FileHandle, overwrites: readonly Overwrite[]): Promise<void> {
  for (const { file, position, bytes } of overwrites) {
    try {
      await writeAll(handle, [bytes], position);
      await handle.datasync();
    } catch (cause) {
      throw unwritable(file, cause);
    }
  }
}

/** The user cannot choose another folder: the file must be changed where it is. */
function unwritable(file: string, cause: unknown): SaddlebagError {
  const error = diskError('write to', file, cause);
  if (error.code !== 'ERR_OUTPUT_UNWRITABLE') return error;
  const hint = 'The bundle is changed in place: make it writable, or do this where it was built.';
  return new SaddlebagError(error.code, error.message, { hint, cause });
}
