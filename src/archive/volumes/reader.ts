import type { ByteStream, StreamOptions } from '../../internal/bytes.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Lease } from '../../internal/lease.ts';
import type { ByteReader, Extent } from '../../disk/byte-file.ts';
import { CHUNK } from '../../disk/chunk.ts';
import { openFileReader } from '../../disk/reader.ts';
import { memoryReader } from '../memory.ts';
import { OpenFiles } from '../../disk/open-files.ts';
import { VolumeMap } from './volumes.ts';
import type { Volume, VolumeSet } from '../../disk/byte-file.ts';

/** Below the number of files that any system lets a process open. */
const OPEN_LIMIT = 32;

/**
 * Returns a reader of concatenated volumes, read where they are: nothing is joined on disk. A volume that is too short
 * ends a stream early. With `growing`, a volume that does not exist yet counts as empty. `set` is what the reader
 * reports as its volumes.
 */
export function openVolumeReader(
  volumes: readonly Volume[],
  options: {
    readonly growing?: boolean | undefined;
    readonly follow?: boolean | undefined;
    readonly set?: VolumeSet | undefined;
  } = {},
): ByteReader {
  return new VolumeReader(volumes, options);
}

class VolumeReader implements ByteReader {
  readonly size: number;
  readonly volumes: VolumeSet | undefined;
  readonly #map: VolumeMap;
  readonly #files: OpenFiles<ByteReader>;

  constructor(
    volumes: readonly Volume[],
    options: {
      readonly growing?: boolean | undefined;
      readonly follow?: boolean | undefined;
      readonly set?: VolumeSet | undefined;
    },
  ) {
    const { growing = false, follow = true, set } = options;
    this.volumes = set;
    this.#map = new VolumeMap(volumes);
    this.size = this.#map.size;
    this.#files = new OpenFiles((file) => (growing ? openGrowing(file) : openFileReader(file, { follow })), {
      limit: OPEN_LIMIT,
    });
  }

  async *stream(position: number, length: number, options: StreamOptions = {}): ByteStream {
    const { lease, signal } = options;
    const lend = typeof lease === 'object' ? lease.bySingleChunk() : undefined;
    for (const extent of this.#map.extents(position, length)) {
      let read = 0;
      for await (const chunk of this.#streamFile(extent, { lend, signal })) {
        read += chunk.length;
        yield chunk;
      }
      if (read < extent.length) return;
    }
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for (const extent of this.#map.extents(position, length)) {
      const chunk = await this.#files.use(extent.file, (file) => file.read(extent.position, extent.length));
      chunks.push(chunk);
      if (chunk.length < extent.length) break;
    }
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  }

  extents(position: number, length: number): readonly Extent[] {
    return this.#map.extents(position, length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files[Symbol.asyncDispose]();
  }

  /** Each piece is a separate use of the file: hours may pass between two chunks. */
  async *#streamFile(
    { file, position, length }: Extent,
    { lend, signal }: { readonly lend: (() => Lease) | undefined; readonly signal: AbortSignal | undefined },
  ): ByteStream {
    for (let at = 0; at < length;) {
      const count = Math.min(CHUNK, length - at);
      const lease = lend?.();
      const chunk = await this.#files.use(file, (reader) =>
        firstOf(reader.stream(position + at, count, { lease, signal })),
      );
      if (chunk.length === 0) return;
      at += chunk.length;
      yield chunk;
    }
  }
}

/** Returns the first chunk, which a file fills unless it ends. */
async function firstOf(stream: ByteStream): Promise<Uint8Array> {
  for await (const chunk of stream) return chunk;
  return new Uint8Array();
}

async function openGrowing(file: string): Promise<ByteReader> {
  try {
    return await openFileReader(file, { follow: false });
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_BUNDLE_NOT_FOUND')) return memoryReader(new Uint8Array());
    throw error;
  }
}
