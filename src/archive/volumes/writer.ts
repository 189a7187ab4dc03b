import { truncate } from 'node:fs/promises';
import type { ByteWriter } from '../../disk/byte-file.ts';
import { attempt } from '../../disk/errno.ts';
import { statOf } from '../../disk/stat.ts';
import { openFileWriter } from '../../disk/writer.ts';
import { OpenFiles } from '../../disk/open-files.ts';
import { VolumeMap } from './volumes.ts';
import type { Volume } from '../../disk/byte-file.ts';

/** Below the number of files that any system lets a process open. */
const OPEN_LIMIT = 32;

/**
 * Opens volumes for writing at any position of the whole they form. Their folders must exist; their files are created.
 * With `reserve`, each has its full size from the start, which costs nothing where files may have holes; otherwise it
 * grows as it is written. Existing content stays.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function openVolumeWriter(
  volumes: readonly Volume[],
  options: { readonly reserve: boolean },
): Promise<ByteWriter> {
  const { reserve } = options;
  for (const { file, size } of volumes) {
    if (reserve) await (await openFileWriter(file, { size, keep: true }))[Symbol.asyncDispose]();
    // Nothing will ever be written to it.
    else if (size === 0) await (await openFileWriter(file, { size }))[Symbol.asyncDispose]();
    else await trim(file, size);
  }
  return new VolumeWriter(volumes);
}

class VolumeWriter implements ByteWriter {
  readonly #map: VolumeMap;
  readonly #files: OpenFiles<ByteWriter>;
  /** Files written to since their last sync. */
  readonly #dirty = new Set<string>();
  #failure: { readonly error: unknown } | undefined;
  #isDone = false;

  constructor(volumes: readonly Volume[]) {
    const sizes = new Map(volumes.map(({ file, size }) => [file, size]));
    const open = async (file: string): Promise<ByteWriter> => {
      const writer = await openFileWriter(file, { size: sizes.get(file) ?? 0, keep: true, reserve: false });
      return { ...storing(writer), [Symbol.asyncDispose]: () => this.#retire(writer) };
    };
    this.#map = new VolumeMap(volumes);
    this.#files = new OpenFiles(open, { limit: OPEN_LIMIT });
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    let rest = chunks;
    for (const extent of this.#map.extents(position, length)) {
      const [head, tail] = splitChunks(rest, extent.length);
      this.#dirty.add(extent.file);
      await this.#files.use(extent.file, (file) => file.write(head, extent.position));
      // Added again: a sync may have run while the bytes were on their way.
      this.#dirty.add(extent.file);
      rest = tail;
    }
  }

  async sync(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    try {
      await this.#files.settle();
      for (const path of dirty) await this.#files.use(path, (file) => file.sync());
    } catch (error) {
      // A second sync may succeed although the first one lost bytes (fsync(2), "EIO").
      this.#failure ??= { error };
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDone = true;
    await this.#files[Symbol.asyncDispose]();
  }

  /** Syncs a file before it is closed to make room for another: a later sync would not include it. */
  async #retire(writer: ByteWriter): Promise<void> {
    await using _writer = writer;
    if (this.#isDone) return;
    try {
      await writer.sync();
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }
}

function storing(writer: ByteWriter): Pick<ByteWriter, 'write' | 'sync'> {
  return {
    write: (chunks, position) => writer.write(chunks, position),
    sync: () => writer.sync(),
  };
}

/** Returns the first `count` bytes of chunks, and the rest. */
function splitChunks(
  chunks: readonly Uint8Array[],
  count: number,
): readonly [head: readonly Uint8Array[], tail: readonly Uint8Array[]] {
  const head: Uint8Array[] = [];
  let left = count;
  for (const [index, chunk] of chunks.entries()) {
    if (chunk.length > left) {
      if (left > 0) head.push(chunk.subarray(0, left));
      return [head, [chunk.subarray(left), ...chunks.slice(index + 1)]];
    }
    head.push(chunk);
    left -= chunk.length;
  }
  return [head, []];
}

/** Excess bytes would stay: a volume that is complete is not written again. */
async function trim(file: string, size: number): Promise<void> {
  const stats = await statOf(file, { follow: false });
  if (stats?.isFile() === true && stats.size > size)
    await attempt('set the size of', file, () => truncate(file, size));
}
