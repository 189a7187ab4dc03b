import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isSaddlebagError, messageOf, SaddlebagError, systemCode } from '../internal/error.ts';
import type { Archive } from './archive.ts';
import type { ByteReader } from '../disk/byte-file.ts';
import { openDirectory } from './folder/reader.ts';
import { openFileReader } from '../disk/reader.ts';
import { openTar } from './tar/reader.ts';
import { openVolumeReader } from './volumes/reader.ts';
import { findVolumes } from './volumes/set.ts';
import { parseVolumeName, volumeName } from './volumes/volumes.ts';
import { openZip } from './zip/reader.ts';

/** The first bytes of files that are something else, and what to do about them (each format's own specification). */
const FOREIGN: readonly {
  readonly magic: string;
  readonly what: string;
  readonly hint?: string | undefined;
}[] = [
  { magic: '504b0506', what: 'an empty zip file' },
  {
    magic: '504b0708',
    what: 'the first part of a split zip file',
    hint: 'Join its parts into one zip first.',
  },
  { magic: '1f8b', what: 'compressed with gzip', hint: 'Decompress it first: gunzip FILE' },
  { magic: '28b52ffd', what: 'compressed with zstd', hint: 'Decompress it first: zstd -d FILE' },
  { magic: 'fd377a585a00', what: 'compressed with xz', hint: 'Decompress it first: unxz FILE' },
  { magic: '425a68', what: 'compressed with bzip2', hint: 'Decompress it first: bunzip2 FILE' },
];

/** A zip begins with the header of its first entry (PKWARE APPNOTE, 4.3.7). */
const ZIP_MAGIC = '504b0304';
/** Position of the mark of a tar in its first block (bytes). */
const USTAR_AT = 257;

export interface ArchiveOptions {
  /** Takes a zip that another program has compressed, too: it is unpacked as it is read. */
  readonly unpack?: boolean | undefined;
}

/**
 * Opens a bundle's archive in place. Its content decides its form, never its name.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND` when nothing is there, `ERR_BUNDLE_INVALID` when it is something else, `ERR_DISK_FAILED`
 */
export async function openArchive(path: string, options: ArchiveOptions = {}): Promise<Archive> {
  if (await isFolder(path)) return openDirectory(path);
  const reader = await openWhole(path);
  try {
    const compressed = options.unpack === true ? await compressedIn(reader, path) : undefined;
    if (compressed === undefined) return await archiveIn(reader, path);
    await reader[Symbol.asyncDispose]();
    return compressed;
  } catch (error) {
    await reader[Symbol.asyncDispose]();
    throw error;
  }
}

async function compressedIn(reader: ByteReader, path: string): Promise<Archive | undefined> {
  const head = Buffer.from(await reader.read(0, 4));
  const isZip = reader.volumes === undefined && head.toString('hex') === ZIP_MAGIC;
  if (!isZip) return undefined;
  const { openCompressedZip } = await import('./zip/compressed.ts');
  return await openCompressedZip(path, { name: basename(path) });
}

/** Returns the archive in these bytes; `path` is what they are called in messages. Throws as {@link openArchive}. */
export async function archiveIn(reader: ByteReader, path: string): Promise<Archive> {
  const name = basename(reader.volumes?.base ?? path);
  const head = Buffer.from(await reader.read(0, 512));
  if (head.length === 0) {
    throw new SaddlebagError('ERR_BUNDLE_NOT_FOUND', `Cannot open "${path}": the file is empty`, {
      hint: 'The copy was interrupted: copy the bundle again.',
    });
  }
  if (head.toString('hex', 0, 4) === ZIP_MAGIC) return openZip(reader, { name });
  if (head.toString('latin1', USTAR_AT, USTAR_AT + 5) !== 'ustar') throw notBundle(path, head);
  return openTar(reader, { name });
}

/**
 * Opens the bytes of a file. A first volume brings the others with it. Any other volume on its own is read as a plain file, because its name may
 * only look like that of a volume.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND` when nothing is there, `ERR_BUNDLE_INVALID`, `ERR_ARCHIVE_INVALID`, `ERR_DISK_FAILED`
 */
export async function openWhole(path: string): Promise<ByteReader> {
  const volume = parseVolumeName(basename(path));
  if (volume === undefined) return await openSingle(path);
  const base = join(dirname(path), volume.base);
  const first = volumeName(base, 1);
  if (volume.number === 1) {
    const set = await findVolumes(base);
    return openVolumeReader(set.volumes, { set });
  }
  if (!(await exists(first))) return await openFileReader(path);
  throw new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot open "${path}": it is not the first volume`, {
    hint: `Give the first one: ${first}`,
  });
}

async function openSingle(path: string): Promise<ByteReader> {
  try {
    return await openFileReader(path);
  } catch (error) {
    const first = volumeName(path, 1);
    if (!isSaddlebagError(error, 'ERR_BUNDLE_NOT_FOUND') || !(await exists(first))) throw error;
    throw new SaddlebagError(error.code, error.message, {
      hint: `It was split into volumes. Give the first one: ${first}`,
      cause: error,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    // A missing file is reported by the code that opens it.
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR') return false;
    throw new SaddlebagError('ERR_DISK_FAILED', `Cannot open "${path}": ${messageOf(cause)}`, { cause });
  }
}

function notBundle(path: string, head: Buffer): SaddlebagError {
  const hex = head.toString('hex');
  const known = FOREIGN.find(({ magic }) => hex.startsWith(magic));
  return new SaddlebagError(
    'ERR_BUNDLE_INVALID',
    `Cannot open "${path}": not a bundle: it is ${known?.what ?? 'neither a tar, a zip nor a folder'}`,
    { hint: known?.hint ?? 'Give the file that "bundle build" wrote.' },
  );
}
