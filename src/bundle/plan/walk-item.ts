import { quote } from '../../internal/quote.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { fetchManifestDocument } from '../../oci/documents.ts';
import { type GraphNode, walkGraph } from '../../oci/graph.ts';
import { type Index, type Manifest, successorsOf } from '../../oci/manifest.ts';
import { formatPlatform } from '../../oci/platform.ts';
import type { BlobStore, WaitOptions } from '../../oci/roles.ts';
import { type Item, kindOf } from '../format/item.ts';
import { withOwners } from './owned.ts';

export interface WalkItemOptions extends WaitOptions {
  /** Receives what is wrong with a blob; the walk continues without it. */
  readonly onProblem?: ((digest: Digest, error: SaddlebagError) => void) | undefined;
}

/**
 * Yields every blob an item is made of, each once, children before parents. Manifests are read and verified; of content only
 * size and presence are looked at.
 *
 * @throws `ERR_BUNDLE_INVALID` for content that is not in the bundle, and what {@link walkGraph} throws, unless `onProblem`
 * takes it
 */
export function walkItem(
  bundle: BlobStore,
  item: Item,
  { signal, onProblem }: WalkItemOptions = {},
): AsyncGenerator<GraphNode, void, undefined> {
  return walkGraph(item.descriptor, {
    signal,
    enter: (target) => {
      checkPresence(bundle, target, item);
      return true;
    },
    read: async (target) => await readFor(item, async () => await readDeclared(bundle, target, { signal })),
    childrenOf: (document) => childrenOf(document, item, bundle),
    onProblem: onProblem === undefined ? undefined : ({ digest }, error) => onProblem(digest, error),
  });
}

function checkPresence(bundle: BlobStore, { digest, size }: Descriptor, item: Item): void {
  const present = bundle.sizeOf(digest);
  if (present === size) return;
  const what = `Cannot use ${kindOf(item)} ${quote(item.name)}:`;
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

/** Whoever reads the message knows the item and not the digest. */
async function readFor<T>(item: Item, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    const message = withOwners(error.message, { named: [item], count: 1 });
    if (message === error.message) throw error;
    throw new SaddlebagError(error.code, message, { hint: error.hint, cause: error });
  }
}

async function readDeclared(
  bundle: BlobStore,
  target: Descriptor,
  { signal }: WaitOptions,
): Promise<Manifest | Index> {
  const document = await fetchManifestDocument(target, { from: bundle, signal });
  if (document.mediaType === target.mediaType) return document;
  throw new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot read manifest "${target.digest}": it has the type "${document.mediaType}", and is declared as "${target.mediaType}"`,
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
