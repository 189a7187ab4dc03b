import type { PackedPlace } from '../../disk/byte-file.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { quote } from '../../internal/quote.ts';
import { ChunkReader } from '../../oci/layer/chunk-reader.ts';
import type { FetchOptions } from '../../oci/roles.ts';
import { unpackedFile } from './packing.ts';

/** A run of bytes in a compressed archive. */
interface PackedRun extends PackedPlace {
  /** bytes */
  readonly size: number;
}

/**
 * Reads runs of bytes out of compressed archives, and those that programs send. There is no way into the middle of one but to read what
 * is before it, and nothing is kept on disk: whoever asks in the order of the archive has it unpacked once, and each step back starts over.
 */
export class Passes implements AsyncDisposable {
  readonly #unpack: (archive: PackedPlace) => ByteStream;
  /** Passes that wait where their last run ended, by archive. */
  readonly #waiting = new Map<string, ChunkReader>();

  constructor(unpack: (archive: PackedPlace) => ByteStream = archiveAnew) {
    this.#unpack = unpack;
  }

  async *open(run: PackedRun, options: FetchOptions = {}): ByteStream {
    const { archive: path, position, size } = run;
    const { offset = 0 } = options;
    const pass = await this.#passTo(run, position + offset);
    let isWhole = false;
    try {
      if (!(await pass.skip(position + offset - pass.position))) throw shorter(path);
      yield* pass.upTo(size - offset);
      isWhole = true;
    } finally {
      // Two readers of one archive have a pass each; the one that ends last waits for the next.
      if (isWhole) await this.#keep(path, pass);
      else await pass.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const passes = [...this.#waiting.values()];
    this.#waiting.clear();
    await Promise.all(passes.map((pass) => pass.close()));
  }

  async #passTo(place: PackedPlace, position: number): Promise<ChunkReader> {
    const { archive: path } = place;
    const waiting = this.#waiting.get(path);
    this.#waiting.delete(path);
    if (waiting !== undefined && waiting.position <= position) return waiting;
    await waiting?.close();
    return new ChunkReader(this.#unpack(place));
  }

  async #keep(path: string, pass: ChunkReader): Promise<void> {
    const other = this.#waiting.get(path);
    this.#waiting.set(path, pass);
    await other?.close();
  }
}

function archiveAnew({ archive, resend }: PackedPlace): ByteStream {
  return resend === undefined ? unpackedFile(archive) : resend();
}

function shorter(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_ARCHIVE_INVALID',
    `Cannot read archive ${quote(path)}: it unpacks to less than before`,
    { hint: 'It changed while the bundle was built: run the command again.' },
  );
}
