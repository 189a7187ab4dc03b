import { VolumeMap } from '../../archive/volumes/volumes.ts';
import type { Volume } from '../../disk/byte-file.ts';
import { type Digest, finishDigest, startDigest } from '../../oci/digest.ts';

/**
 * Hashes volumes while they are written from first to last, so that a slow medium need not be read again for their
 * sums. A write at position 0 starts over.
 */
export class VolumeHasher {
  readonly #map: VolumeMap;
  readonly #sizes: ReadonlyMap<string, number>;
  #hash = startDigest();
  #hashed = 0;
  #next = 0;
  #digests = new Map<string, Digest>();

  constructor(volumes: readonly Volume[]) {
    this.#map = new VolumeMap(volumes);
    this.#sizes = new Map(volumes.map(({ file, size }) => [file, size]));
  }

  /** Returns the digest of every volume that was written whole and in order, by file. */
  get digests(): ReadonlyMap<string, Digest> {
    return this.#digests;
  }

  /** Takes the next chunks; a gap before them ends the hashing. */
  take(chunks: readonly Uint8Array[], position: number): void {
    if (position === 0) this.#restart();
    if (position === this.#next) chunks.forEach((chunk) => this.#takeChunk(chunk));
  }

  #takeChunk(chunk: Uint8Array): void {
    let taken = 0;
    for (const { file, length } of this.#map.extents(this.#next, chunk.length)) {
      this.#hash.update(chunk.subarray(taken, taken + length));
      taken += length;
      this.#hashed += length;
      if (this.#hashed < (this.#sizes.get(file) ?? 0)) continue;
      this.#digests.set(file, finishDigest(this.#hash));
      this.#hash = startDigest();
      this.#hashed = 0;
    }
    this.#next += chunk.length;
  }

  #restart(): void {
    this.#hash = startDigest();
    this.#digests = new Map();
    [this.#hashed, this.#next] = [0, 0];
  }
}
