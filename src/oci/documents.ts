import { isSaddlebagError } from '../internal/error.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { decodeManifest, type Index, type Manifest, MANIFEST_LIMIT } from './manifest.ts';
import type { Fetcher, WaitOptions } from './roles.ts';
import { fetchDocument, verifiedWhole } from './verified.ts';

/** Room for all manifests of a bundle with thousands of images (bytes). */
const LIMIT = 16 * 1024 * 1024;

interface Kept {
  readonly document: Promise<Uint8Array>;
  /** bytes; 0 while it is being read */
  size: number;
}

/** A cache of small verified content by digest; evicts the least recently used. */
export class DocumentCache {
  readonly #limit: number;
  /** In order of use, the most recent last. */
  readonly #kept = new Map<Digest, Kept>();
  #bytes = 0;

  /** `limit` is in bytes. */
  constructor(limit: number = LIMIT) {
    this.#limit = limit;
  }

  /** Returns a document, calling `read` if it is not cached; concurrent callers share one read. */
  async get(digest: Digest, read: () => Promise<Uint8Array>, options: WaitOptions = {}): Promise<Uint8Array> {
    for (;;) {
      throwIfInterrupted(options.signal);
      const known = this.#kept.get(digest);
      if (known === undefined) return await this.#read(digest, read);
      this.#kept.delete(digest);
      this.#kept.set(digest, known);
      try {
        return await known.document;
      } catch (error) {
        // The caller that started the read was interrupted; this one was not.
        if (!isSaddlebagError(error, 'ERR_INTERRUPTED')) throw error;
      }
    }
  }

  async #read(digest: Digest, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const kept = { document: read(), size: 0 };
    this.#kept.set(digest, kept);
    try {
      const bytes = await kept.document;
      kept.size = bytes.length;
      this.#bytes += bytes.length;
      this.#makeRoom();
      return bytes;
    } catch (error) {
      // Failures are not cached.
      this.#kept.delete(digest);
      throw error;
    }
  }

  #makeRoom(): void {
    for (const [digest, { size }] of this.#kept) {
      if (this.#bytes <= this.#limit) return;
      if (size === 0) continue;
      this.#bytes -= size;
      this.#kept.delete(digest);
    }
  }
}

export interface KeepOptions {
  /** Room for documents (bytes); for all manifests of thousands of images when left out. */
  readonly limit?: number | undefined;
  /** Returns a document, unverified, where that is quicker than to fetch it; otherwise `undefined`. */
  readonly quick?: ((target: Descriptor) => Promise<Uint8Array | undefined>) | undefined;
}

/** Returns a `fetchWhole` for a fetcher with this `fetch`: each document is read and hashed once, while there is room. */
export function keepingWhole(
  fetch: Fetcher['fetch'],
  { limit, quick }: KeepOptions = {},
): NonNullable<Fetcher['fetchWhole']> {
  const cache = new DocumentCache(limit);
  return async (target, { signal } = {}) => {
    const read = async (): Promise<Uint8Array> => {
      const bytes = await quick?.(target);
      if (bytes !== undefined) return verifiedWhole(bytes, target);
      return await fetchDocument({ fetch }, target, { signal, limit: MANIFEST_LIMIT });
    };
    return await cache.get(target.digest, read, { signal });
  };
}

/**
 * Returns the decoded form of a manifest or an index, from verified bytes.
 *
 * @throws `ERR_DOCUMENT_INVALID`, `ERR_MANIFEST_UNSUPPORTED`, `ERR_SIZE_MISMATCH`, `ERR_DIGEST_MISMATCH`, and what fetching throws
 */
export async function fetchManifestDocument(
  target: Descriptor,
  options: WaitOptions & { readonly from: Fetcher },
): Promise<Manifest | Index> {
  const bytes = await fetchDocument(options.from, target, { signal: options.signal, limit: MANIFEST_LIMIT });
  return decodeManifest(bytes, target.mediaType);
}
