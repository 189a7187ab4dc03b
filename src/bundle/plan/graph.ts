import { quote } from '../../archive/guard.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import {
  decodeManifest,
  type Index,
  type Manifest,
  MANIFEST_LIMIT,
  successorsOf,
} from '../../oci/manifest.ts';
import { isManifestType } from '../../oci/media-type.ts';
import { formatPlatform } from '../../oci/platform.ts';
import type { BlobStore, WaitOptions } from '../../oci/roles.ts';
import { fetchDocument } from '../../oci/verified.ts';
import type { Item } from '../format/item.ts';

/** One blob an item is made of. */
export interface GraphNode {
  readonly descriptor: Descriptor;
  /** What it says, if it is a manifest or an index. */
  readonly document?: Manifest | Index | undefined;
}

export interface GraphOptions extends WaitOptions {
  /** Documents decoded before: items share many. */
  readonly documents?: Map<Digest, Manifest | Index> | undefined;
  /** Takes what is wrong with a blob; the walk goes on without it. */
  readonly onProblem?: ((digest: Digest, error: SaddlebagError) => void) | undefined;
}

/**
 * Returns every blob an item is made of, each once, parents before children. Manifests are read and verified; of content
 * only size and presence are looked at.
 *
 * @throws `ERR_BUNDLE_INVALID` for content that is not in the bundle, `ERR_SIZE_MISMATCH`, `ERR_DIGEST_MISMATCH`,
 * `ERR_DOCUMENT_INVALID`, unless `onProblem` takes it
 */
export async function walkItem(
  bundle: BlobStore,
  item: Item,
  options: GraphOptions = {},
): Promise<readonly GraphNode[]> {
  const nodes = new Map<Digest, GraphNode>();
  const found: Descriptor[] = [item.descriptor];
  // Grows while it is walked. Content cannot contain its own digest, so there are no circles, only shared parts.
  for (const descriptor of found) {
    try {
      checkPresence(bundle, descriptor, item);
      if (nodes.has(descriptor.digest)) continue;
      const document = await documentOf(bundle, descriptor, options);
      nodes.set(descriptor.digest, { descriptor, document });
      if (document !== undefined) found.push(...childrenOf(document, item, bundle));
    } catch (error) {
      const isOurs = isSaddlebagError(error) && error.code !== 'ERR_INTERRUPTED';
      if (!isOurs || options.onProblem === undefined) throw error;
      options.onProblem(descriptor.digest, error);
    }
  }
  return [...nodes.values()];
}

function checkPresence(bundle: BlobStore, { digest, size }: Descriptor, { kind, name }: Item): void {
  const present = bundle.sizeOf(digest);
  if (present === size) return;
  const what = `Cannot use ${kind} ${quote(name)}:`;
  if (present === undefined) {
    throw new SaddlebagError(
      'ERR_BUNDLE_INVALID',
      `${what} it needs blob "${digest}", which bundle.json does not list`,
    );
  }
  throw new SaddlebagError(
    'ERR_SIZE_MISMATCH',
    `${what} blob "${digest}" has ${size} bytes by its manifest and ${present} by bundle.json`,
  );
}

async function documentOf(
  bundle: BlobStore,
  descriptor: Descriptor,
  options: GraphOptions,
): Promise<Manifest | Index | undefined> {
  const { digest, mediaType } = descriptor;
  if (!isManifestType(mediaType)) return undefined;
  const known = options.documents?.get(digest);
  const bytes = (): Promise<Uint8Array> =>
    fetchDocument(bundle, descriptor, { signal: options.signal, limit: MANIFEST_LIMIT });
  const document = known ?? decodeManifest(await bytes(), mediaType);
  options.documents?.set(digest, document);
  if (document.mediaType === mediaType) return document;
  throw new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot read manifest "${digest}": it is of type "${document.mediaType}", and is declared as "${mediaType}"`,
  );
}

/** An index may be kept whole while only some of its platforms travel; the others need not be there. */
function childrenOf(document: Manifest | Index, item: Item, bundle: BlobStore): readonly Descriptor[] {
  const children = successorsOf(document);
  const kept = item.kind === 'image' ? item.platforms : undefined;
  if (document.type === 'manifest' || kept === undefined) return children;
  return children.filter(
    ({ digest, platform }) =>
      bundle.sizeOf(digest) !== undefined ||
      (platform !== undefined && kept.includes(formatPlatform(platform))),
  );
}
