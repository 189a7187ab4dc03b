import { type Digest, finishDigest, startDigest } from '../../oci/digest.ts';

/**
 * A file of the head of a bundle. The lists among them are as long as the bundle, so that their bytes are made each time they are
 * asked for, a piece after the other.
 */
export class HeadFile {
  readonly path: string;
  /** bytes */
  readonly size: number;
  readonly digest: Digest;
  readonly #pieces: () => Iterable<Uint8Array>;

  /** `pieces` returns the bytes, the same each time. */
  constructor(path: string, pieces: () => Iterable<Uint8Array>) {
    const hash = startDigest();
    let size = 0;
    for (const piece of pieces()) {
      hash.update(piece);
      size += piece.length;
    }
    this.path = path;
    this.size = size;
    this.digest = finishDigest(hash);
    this.#pieces = pieces;
  }

  /** Returns a file with bytes that are in memory. */
  static of(path: string, bytes: Uint8Array): HeadFile {
    return new HeadFile(path, () => [bytes]);
  }

  /** Returns its bytes from the first to the last, in pieces. */
  pieces(): Iterable<Uint8Array> {
    return this.#pieces();
  }

  /** All of its bytes. */
  get bytes(): Uint8Array {
    const [first = new Uint8Array(), ...others] = this.#pieces();
    return others.length === 0 ? first : Buffer.concat([first, ...others]);
  }
}
