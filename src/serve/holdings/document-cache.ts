import type { Digest } from '../../oci/digest.ts';

/** All the manifests of a bundle of thousands of images (bytes). */
const LIMIT = 32 * 1024 * 1024;

/** Small verified content by digest, as much of it as there is room for; the one used longest ago goes first. */
export class DocumentCache {
  readonly #documents = new Map<Digest, Promise<Uint8Array>>();
  readonly #sizes = new Map<Digest, number>();
  #bytes = 0;

  /** Returns a document, read by `read` when it is not here; several who ask at once wait for one read. */
  async get(digest: Digest, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#documents.get(digest);
    const document = known ?? read();
    // Set anew, so that it is the one used last.
    this.#documents.delete(digest);
    this.#documents.set(digest, document);
    try {
      const bytes = await document;
      if (known === undefined) this.#count(digest, bytes.length);
      return bytes;
    } catch (error) {
      // What failed is tried again the next time.
      this.#documents.delete(digest);
      throw error;
    }
  }

  #count(digest: Digest, size: number): void {
    this.#sizes.set(digest, size);
    this.#bytes += size;
    for (const oldest of this.#documents.keys()) {
      if (this.#bytes <= LIMIT) return;
      this.#bytes -= this.#sizes.get(oldest) ?? 0;
      this.#sizes.delete(oldest);
      this.#documents.delete(oldest);
    }
  }
}
