import type { BlobTable } from '../../bundle/bundle.ts';
import type { Digest } from '../../oci/digest.ts';

/** No image, one image, several images. */
const [NONE, ONE, SEVERAL] = [0, 1, 2];

/** How many images need each blob. Nearly all blobs are in the table of the bundle. */
export class CountedBlobs {
  readonly #blobs: BlobTable;
  readonly #counts: Uint8Array;
  readonly #others = new Map<Digest, number>();

  constructor(blobs: BlobTable) {
    this.#blobs = blobs;
    this.#counts = new Uint8Array(blobs.length);
  }

  /** Counts a blob of an image, and returns whether no image before needs it. */
  add(digest: Digest): boolean {
    const count = this.#countOf(digest);
    const next = count === NONE ? ONE : SEVERAL;
    const index = this.#blobs.indexOf(digest);
    if (index === -1) this.#others.set(digest, next);
    else this.#counts[index] = next;
    return count === NONE;
  }

  /** Returns whether several images need it. */
  isShared(digest: Digest): boolean {
    return this.#countOf(digest) === SEVERAL;
  }

  #countOf(digest: Digest): number {
    return this.#counts[this.#blobs.indexOf(digest)] ?? this.#others.get(digest) ?? NONE;
  }
}
