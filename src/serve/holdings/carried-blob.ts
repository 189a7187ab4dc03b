import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import type { BlobFile } from './blob-file.ts';
import type { BlobStream } from './holding.ts';

/**
 * How long (milliseconds) a verdict on a blob holds. A file shows when it was written to, and a registry does not: by then it may
 * have been repaired, or be damaged.
 */
const VERDICT = 60_000;

/**
 * Returns a blob of a bundle in a registry. It is read as one stream as long as it is read in order, and anew from any other
 * position. Nothing is asked for before it is read.
 */
export function openCarriedBlob(
  stream: BlobStream,
  { digest, size }: { readonly digest: Digest; readonly size: number },
): BlobFile {
  let reading: Reading | undefined;
  return {
    digest,
    size,
    identity: String(Math.floor(performance.now() / VERDICT)),
    extents: [],
    read: async (into, position) => {
      if (reading?.position !== position) {
        await reading?.end();
        reading = new Reading(stream(digest, position), position);
      }
      if (!(await reading.fill(into))) throw endsEarly(digest, reading.position);
    },
    isUnchanged: async () => true,
    [Symbol.asyncDispose]: async () => await reading?.end(),
  };
}

/** A stream that is taken in pieces of any size. */
class Reading {
  /** Of the next byte (bytes). */
  position: number;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(content: ByteStream, position: number) {
    this.#chunks = content[Symbol.asyncIterator]();
    this.position = position;
  }

  /** Returns whether there were as many bytes. */
  async fill(into: Uint8Array): Promise<boolean> {
    for (let filled = 0; filled < into.length;) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) return false;
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, into.length - filled);
      into.set(part, filled);
      filled += part.length;
      this.position += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return true;
  }

  async end(): Promise<void> {
    await this.#chunks.return?.();
  }
}

function endsEarly(digest: Digest, position: number): SaddlebagError {
  return new SaddlebagError(
    'ERR_SIZE_MISMATCH',
    `Cannot read blob "${digest}": the registry sends only ${position} bytes of it`,
  );
}
