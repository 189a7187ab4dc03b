import { isDigest, type Digest } from '../../../src/oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT, successorsOf } from '../../../src/oci/manifest.ts';
import { collectBytes } from '../../../src/internal/bytes.ts';
import type { ContentStore, Receiving } from './store.ts';

/** What one repository of the in-process registry holds: links into the store that all repositories share. */
export interface RepositoryContent {
  readonly blobs: Set<string>;
  /** Media type by digest. */
  readonly manifests: Map<string, string>;
  /** Digest by tag. */
  readonly tags: Map<string, Digest>;
  readonly uploads: Map<string, Receiving>;
}

/** Why a manifest is not taken; `code` is one of the distribution specification. */
export interface Rejection {
  readonly code: string;
  readonly detail?: unknown;
}

/** All repositories of a registry. */
export class RegistryContent {
  readonly store: ContentStore;
  readonly #repositories = new Map<string, RepositoryContent>();

  constructor(store: ContentStore) {
    this.store = store;
  }

  get repositories(): ReadonlyMap<string, RepositoryContent> {
    return this.#repositories;
  }

  /** Returns a repository, or `undefined` when nothing was ever pushed to it. */
  find(name: string): RepositoryContent | undefined {
    return this.#repositories.get(name);
  }

  /** Returns a repository, made at its first use. */
  open(name: string): RepositoryContent {
    const found = this.#repositories.get(name) ?? {
      blobs: new Set(),
      manifests: new Map(),
      tags: new Map(),
      uploads: new Map(),
    };
    this.#repositories.set(name, found);
    return found;
  }

  /** Returns the digest and the media type of a manifest, by tag or digest. */
  manifest(name: string, reference: string): { digest: Digest; mediaType: string } | undefined {
    const repository = this.find(name);
    const digest = isDigest(reference) ? reference : repository?.tags.get(reference);
    const mediaType = digest === undefined ? undefined : repository?.manifests.get(digest);
    return digest === undefined || mediaType === undefined ? undefined : { digest, mediaType };
  }

  /** Returns the descriptors of all that names a manifest as its subject. */
  async referrers(name: string, subject: string): Promise<readonly Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    for (const [digest, mediaType] of this.find(name)?.manifests ?? []) {
      if (!isDigest(digest)) continue;
      const bytes = await this.bytes(digest);
      const manifest = decodeManifest(bytes, mediaType);
      if (manifest.subject?.digest === subject) found.push({ mediaType, digest, size: bytes.length });
    }
    return found;
  }

  /** Returns the bytes of a manifest. */
  async bytes(digest: Digest): Promise<Uint8Array> {
    const size = (await this.store.sizeOf(digest)) ?? 0;
    return collectBytes(this.store.read(digest, 0, size), {
      limit: MANIFEST_LIMIT,
      onExcess: () => new Error('Cannot serve manifest: it is too large'),
    });
  }

  /** Stores a manifest under its digest, and under `reference` when that is a tag; every child must be there. */
  async putManifest(
    name: string,
    reference: string,
    content: { readonly bytes: Uint8Array; readonly mediaType: string },
  ): Promise<Digest | Rejection> {
    const repository = this.open(name);
    const missing = missingChildren(repository, content);
    if (missing === undefined) return { code: 'MANIFEST_INVALID' };
    if (missing.length > 0) return { code: 'MANIFEST_BLOB_UNKNOWN', detail: { digest: missing[0] } };
    const digest = await this.store.write(content.bytes);
    if (isDigest(reference) && reference !== digest) return { code: 'DIGEST_INVALID' };
    repository.manifests.set(digest, content.mediaType);
    if (!isDigest(reference)) repository.tags.set(reference, digest);
    return digest;
  }
}

function missingChildren(
  repository: RepositoryContent,
  content: { readonly bytes: Uint8Array; readonly mediaType: string },
): Digest[] | undefined {
  try {
    const manifest = decodeManifest(content.bytes, content.mediaType);
    const held = manifest.type === 'index' ? repository.manifests : repository.blobs;
    return successorsOf(manifest)
      .map((child) => child.digest)
      .filter((digest) => !held.has(digest));
  } catch {
    return undefined;
  }
}
