import { truncate } from 'node:fs/promises';
import type { ByteWriter } from '../../disk/byte-file.ts';
import { attempt } from '../../disk/errno.ts';
import { statOf } from '../../disk/stat.ts';
import { openFileWriter } from '../../disk/writer.ts';
import { OpenFiles } from '../../disk/open-files.ts';
import { VolumeMap } from './volumes.ts';
import type { Volume } from '../../disk/byte-file.ts';

/** Fewer than any system lets a process have. */
const OPEN_LIMIT = 32;

/**
 * Opens volumes for writing anywhere in the whole that they make up. Their folders must be there; their files are created.
 * With `reserve` each has its size from the start, which costs nothing where files may have holes; else it grows as it is
 * written. What a file holds already stays.
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
  /** Written to since they were last stored. */
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
      // Added again: a sync may have looked at the file while the bytes were on their way.
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

  /** A file that is closed to make room for another is stored first: nobody would know of it later. */
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

/** Returns the first `count` bytes of chunks, and what is behind them. */
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

/** What hangs over would stay: a volume that is complete is not written to again. */
async function trim(file: string, size: number): Promise<void> {
  const stats = await statOf(file, { follow: false });
  if (stats?.isFile() === true && stats.size > size)
    await attempt('lay out', file, () => truncate(file, size));
}
