import { type Entry, openPromise, type ZipFile } from 'yauzl';
import type { ByteStream, StreamOptions } from '../../internal/bytes.ts';
import { isSaddlebagError, messageOf, systemCode } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { diskError } from '../../disk/errno.ts';
import type { Archive, ArchiveEntry } from '../archive.ts';
import { entryNotFound } from '../entry-error.ts';
import { entryInvalid, PathGuard } from '../../internal/path/guard.ts';

const STORED = 0;

/**
 * Opens a zip that another program has packed with compression, as Explorer does, and gateways that look into what passes them.
 * Returns `undefined` for any other file: the reader of our own zips judges that. A folder that holds all of the files is passed
 * by. The size of each file is checked as it is unpacked, but not its checksum: whoever reads a file knows its digest.
 *
 * @throws `ERR_ARCHIVE_INVALID` for paths that are unsafe or there twice
 */
export async function openCompressedZip(
  path: string,
  options: { readonly name: string },
): Promise<Archive | undefined> {
  const zip = await openPromise(path, { autoClose: false, lazyEntries: true }).catch(() => undefined);
  if (zip === undefined) return undefined;
  try {
    const entries = await filesIn(zip);
    if (entries?.some(({ compressionMethod }) => compressionMethod !== STORED) === true)
      return archiveOf(zip, withoutTop(entries), options.name);
  } catch (error) {
    zip.close();
    throw error;
  }
  zip.close();
  return undefined;
}

/** Returns the files that the directory lists; `undefined` when it cannot be read. */
async function filesIn(zip: ZipFile): Promise<readonly Entry[] | undefined> {
  const guard = new PathGuard();
  const files: Entry[] = [];
  try {
    for await (const entry of zip.eachEntry()) {
      const isFolder = entry.fileName.endsWith('/');
      const fault = isFolder ? guard.admitFolder(entry.fileName.slice(0, -1)) : guard.admit(entry.fileName);
      if (fault !== undefined) throw entryInvalid(entry.fileName, fault);
      if (!isFolder) files.push(entry);
    }
  } catch (error) {
    if (isSaddlebagError(error)) throw error;
    // The reader of our own zips tells what is wrong with the directory.
    return undefined;
  }
  return files;
}

/** Who packs a folder, and not what is in it, gets its name before each path. */
function withoutTop(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  const top = /^[^/]+\//.exec(entries[0]?.fileName ?? '')?.[0] ?? '';
  const isShared = top !== '' && entries.every(({ fileName }) => fileName.startsWith(top));
  return new Map(entries.map((entry) => [entry.fileName.slice(isShared ? top.length : 0), entry]));
}

function archiveOf(zip: ZipFile, files: ReadonlyMap<string, Entry>, name: string): Archive {
  return {
    shape: 'zip',
    async *entries({ signal } = {}): AsyncGenerator<ArchiveEntry, void, void> {
      throwIfInterrupted(signal);
      for (const [path, { uncompressedSize }] of files) yield { path, size: uncompressedSize };
    },
    async *stream(path, options = {}) {
      const entry = files.get(path);
      if (entry === undefined) throw entryNotFound(path, name);
      if (entry.isEncrypted()) throw entryInvalid(path, 'it is encrypted');
      if (!entry.canDecodeFileData()) throw entryInvalid(path, 'it is compressed in an uncommon way');
      yield* unpacked(zip, entry, { path, options });
    },
    async [Symbol.asyncDispose]() {
      zip.close();
    },
  };
}

/** There is no way into the middle of compressed content but to unpack what is before it. */
async function* unpacked(
  zip: ZipFile,
  entry: Entry,
  {
    path,
    options,
  }: {
    readonly path: string;
    readonly options: StreamOptions & { readonly offset?: number | undefined };
  },
): ByteStream {
  const { offset = 0, signal } = options;
  let passed = 0;
  throwIfInterrupted(signal);
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      throwIfInterrupted(signal);
      if (!Buffer.isBuffer(chunk)) continue;
      const fresh = chunk.subarray(Math.min(chunk.length, Math.max(0, offset - passed)));
      passed += chunk.length;
      if (fresh.length > 0) yield fresh;
    }
  } catch (cause) {
    throw readError(path, cause);
  }
}

/** The inflater's errors have a code too; those of the medium have a number beside it, and are told as such. */
function readError(path: string, cause: unknown): unknown {
  if (isSaddlebagError(cause)) return cause;
  const isOfSystem = systemCode(cause) !== undefined && cause instanceof Error && 'syscall' in cause;
  if (isOfSystem) return diskError('read', path, cause, 'input');
  return entryInvalid(path, `it cannot be unpacked (${messageOf(cause)})`);
}
