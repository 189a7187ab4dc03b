import { createHash } from 'node:crypto';
import type { Digest } from '../../oci/digest.ts';
import { finishDigest, startDigest } from '../../oci/digest.ts';
import type { Blobs } from '../holdings/blobs.ts';

const CHUNK = 1024 * 1024;

/** Checksums that a bundle does not carry: computed on first request, then cached. */
export class StrongerSums {
  readonly #blobs: Blobs;
  readonly #sums = new Map<Digest, Promise<string>>();

  constructor(blobs: Blobs) {
    this.#blobs = blobs;
  }

  /** Returns a blob's SHA-512 in hex and verifies the bytes on the way. Throws as `Blobs.open`. */
  async sha512(digest: Digest): Promise<string> {
    const sum = this.#sums.get(digest) ?? this.#compute(digest);
    this.#sums.set(digest, sum);
    try {
      return await sum;
    } catch (error) {
      this.#sums.delete(digest);
      throw error;
    }
  }

  async #compute(digest: Digest): Promise<string> {
    await using blob = await this.#blobs.open(digest);
    const [sha256, sha512] = [startDigest(), createHash('sha512')];
    const buffer = Buffer.alloc(Math.min(CHUNK, blob.size));
    for (let at = 0; at < blob.size; at += buffer.length) {
      const part = buffer.subarray(0, blob.size - at);
      await blob.read(part, at);
      sha256.update(part);
      sha512.update(part);
    }
    blob.judge(finishDigest(sha256));
    return sha512.digest('hex');
  }
}
