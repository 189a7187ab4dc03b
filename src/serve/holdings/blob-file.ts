import type { BigIntStats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf, SaddlebagError } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import { type FileIdentity, identityOf, stateOf } from './file-identity.ts';
import type { Extent, Holding } from './holding.ts';

/** A blob opened in place for reading: on disk, or in a registry. */
export interface BlobFile extends AsyncDisposable {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
  /** Identity of its files when they were opened; any change to them gives another. */
  readonly identity: FileIdentity;
  /** Where it is on disk; empty for one in a registry. */
  readonly extents: readonly Extent[];
  /** Fills `into` starting at `position` (bytes). @throws `ERR_DISK_FAILED` when the file ends too early or cannot be read */
  read(into: Uint8Array, position: number): Promise<void>;
  /** Returns whether its files are unchanged since they were opened. */
  isUnchanged(): Promise<boolean>;
}

/**
 * Opens a blob of a holding. Each reader has its own handles, so replacing a file does not affect it.
 *
 * @throws `ERR_BUNDLE_DAMAGED` when the file is missing or not the one opened at first; `ERR_DISK_FAILED`
 */
export async function openBlobFile(holding: Holding, digest: Digest): Promise<BlobFile> {
  const size = holding.blobs.sizeOf(digest) ?? 0;
  const extents = await holding.extents(digest);
  const handles = new Map<string, FileHandle>();
  const close = async (): Promise<void> => {
    for (const handle of handles.values()) await handle.close();
  };
  try {
    for (const { file } of extents) if (!handles.has(file)) handles.set(file, await openFile(holding, file));
    const identify = async (): Promise<FileIdentity> => (await statAll(handles)).map(stateOf).join(' ');
    const stats = await statAll(handles);
    requireSame(holding, [...handles.keys()], stats.map(identityOf));
    const identity = stats.map(stateOf).join(' ');
    return {
      digest,
      size,
      identity,
      extents,
      read: (into, position) => readExtents(extents, handles, { into, position }),
      isUnchanged: async () => (await identify()) === identity,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function statAll(handles: ReadonlyMap<string, FileHandle>): Promise<readonly BigIntStats[]> {
  const all = [];
  for (const handle of handles.values()) all.push(await handle.stat({ bigint: true }));
  return all;
}

/** In a replaced tar, the offsets read from the old head point at other content. */
function requireSame(holding: Holding, files: readonly string[], found: readonly FileIdentity[]): void {
  const known = files.map((file) => holding.files.get(file));
  if (known.includes(undefined) || known.join(' ') === found.join(' ')) return;
  throw changed(holding, 'it was replaced or written to since it was opened');
}

async function openFile(holding: Holding, file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (cause) {
    throw changed(holding, messageOf(cause), cause);
  }
}

async function readExtents(
  extents: readonly Extent[],
  handles: ReadonlyMap<string, FileHandle>,
  wanted: { readonly into: Uint8Array; readonly position: number },
): Promise<void> {
  let { into, position } = wanted;
  for (const extent of extents) {
    const count = Math.min(into.length, extent.length - position);
    if (count > 0) {
      await readFully(extent, handles.get(extent.file), { into: into.subarray(0, count), position });
      into = into.subarray(count);
      position = 0;
    } else position -= extent.length;
    if (into.length === 0) return;
  }
}

async function readFully(
  extent: Extent,
  handle: FileHandle | undefined,
  { into, position }: { readonly into: Uint8Array; readonly position: number },
): Promise<void> {
  for (let filled = 0; filled < into.length;) {
    const at = extent.position + position + filled;
    const bytesRead = await readSome(extent.file, handle, { into, filled, at });
    if (bytesRead === 0) throw unreadable(extent.file, at, 'the file ends there');
    filled += bytesRead;
  }
}

async function readSome(
  file: string,
  handle: FileHandle | undefined,
  { into, filled, at }: { readonly into: Uint8Array; readonly filled: number; readonly at: number },
): Promise<number> {
  try {
    return (await handle?.read(into, filled, into.length - filled, at))?.bytesRead ?? 0;
  } catch (cause) {
    throw unreadable(file, at, messageOf(cause), cause);
  }
}

function unreadable(file: string, at: number, fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_DISK_FAILED', `Cannot read "${file}" at byte ${at}: ${fact}`, { cause });
}

function changed(holding: Holding, fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_BUNDLE_DAMAGED', `Cannot serve from "${holding.path}": ${fact}`, {
    hint: 'Start "bundle serve" again when the bundle is whole.',
    cause,
  });
}
