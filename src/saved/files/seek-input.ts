import type { ByteReader } from '../../disk/byte-file.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import type { TarInput } from '../../oci/layer/chunk-reader.ts';

/** Headers of links and folders follow each other: they are read in pieces of this size (bytes). */
const WINDOW = 16 * 1024;

/** Reads a tar that lies on disk: what is skipped is not read. */
export class SeekInput implements TarInput {
  readonly #reader: ByteReader;
  #position = 0;
  #window: { readonly position: number; readonly bytes: Uint8Array } = {
    position: 0,
    bytes: new Uint8Array(),
  };

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  get position(): number {
    return this.#position;
  }

  async *upTo(length: number): ByteStream {
    for await (const chunk of this.#reader.stream(this.#position, length)) {
      this.#position += chunk.length;
      yield chunk;
    }
  }

  async take(length: number): Promise<Buffer | undefined> {
    const start = this.#position - this.#window.position;
    if (start < 0 || start + length > this.#window.bytes.length) {
      const bytes = await this.#reader.read(this.#position, Math.max(length, WINDOW));
      this.#window = { position: this.#position, bytes };
    }
    const from = this.#position - this.#window.position;
    const taken = Buffer.from(this.#window.bytes.subarray(from, from + length));
    this.#position += taken.length;
    return taken.length === 0 ? undefined : taken;
  }

  async skip(length: number): Promise<boolean> {
    this.#position += length;
    return this.#position <= this.#reader.size;
  }

  async skipAll(): Promise<void> {}

  async close(): Promise<void> {}
}
