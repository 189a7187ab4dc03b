import { SaddlebagError } from '../internal/error.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { decodeManifest, type Index, type Manifest, MANIFEST_LIMIT, successorsOf } from './manifest.ts';
import { isManifestType } from './media-type.ts';
import type { Fetcher, WaitOptions } from './roles.ts';
import { fetchDocument } from './verified.ts';

/** A piece of content that a root leads to. */
export interface GraphNode {
  readonly descriptor: Descriptor;
  /** The decoded document, when it is a manifest or an index. */
  readonly document?: Manifest | Index | undefined;
}

/** Indexes nest two or three deep in life; this much is only reached on purpose. */
export const DEPTH_LIMIT = 8;

/**
 * Yields everything that a root is made of, itself last: children before parents, each digest once. Only manifests are
 * fetched, verified.
 *
 * @throws `ERR_DOCUMENT_INVALID` for a manifest that is none or nests too deep, `ERR_SIZE_MISMATCH`, `ERR_DIGEST_MISMATCH`, and
 * whatever fetching throws
 */
export async function* walkGraph(
  root: Descriptor,
  options: WaitOptions & { readonly from: Fetcher },
): AsyncGenerator<GraphNode, void, undefined> {
  yield* walk(root, { ...options, seen: new Set(), depth: 0 });
}

/**
 * Returns the document of a manifest or an index, decoded from verified bytes.
 *
 * @throws what {@link walkGraph} throws
 */
export async function fetchManifestDocument(
  target: Descriptor,
  options: WaitOptions & { readonly from: Fetcher },
): Promise<Manifest | Index> {
  const bytes = await fetchDocument(options.from, target, { signal: options.signal, limit: MANIFEST_LIMIT });
  return decodeManifest(bytes, target.mediaType);
}

/** Returns the error for content that nests deeper than {@link DEPTH_LIMIT}. */
export function tooDeep(target: Descriptor): SaddlebagError {
  return new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot read "${target.digest}": its index is nested more than ${DEPTH_LIMIT} deep`,
  );
}

async function* walk(
  target: Descriptor,
  options: WaitOptions & { readonly from: Fetcher; readonly seen: Set<Digest>; readonly depth: number },
): AsyncGenerator<GraphNode, void, undefined> {
  const { seen, depth } = options;
  if (seen.has(target.digest)) return;
  seen.add(target.digest);
  if (!isManifestType(target.mediaType)) {
    yield { descriptor: target };
    return;
  }
  if (depth > DEPTH_LIMIT) throw tooDeep(target);
  const document = await fetchManifestDocument(target, options);
  for (const child of successorsOf(document)) yield* walk(child, { ...options, depth: depth + 1 });
  yield { descriptor: target, document };
}
