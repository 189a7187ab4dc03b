import type { PlannedBlob } from '../../bundle/format/item.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { uniqueBy } from '../../internal/order.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { decodeManifest, type Index, type Manifest } from '../../oci/manifest.ts';
import { isIndexType, isManifestType } from '../../oci/media-type.ts';
import type { Reference } from '../../oci/reference.ts';
import type { SourceContext } from '../source.ts';

/** Indexes within indexes, counted from the root. */
const DEPTH_LIMIT = 4;
const CONCURRENCY = 8;

/** A manifest or an index as it was sent, and what it says. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly document: Manifest | Index;
}

/**
 * Returns a manifest or an index of the reference's repository.
 *
 * @throws `ERR_DOCUMENT_INVALID` also when it is an index where a manifest was declared, or the other way round
 */
export async function fetchManifest(
  reference: Reference,
  descriptor: Descriptor,
  context: SourceContext,
): Promise<FetchedManifest> {
  const bytes = await context.images.document(reference, descriptor, context);
  const document = decodeManifest(bytes, descriptor.mediaType);
  if (
    isManifestType(descriptor.mediaType) &&
    isIndexType(descriptor.mediaType) !== (document.type === 'index')
  )
    throw invalid(descriptor, `it is declared as "${descriptor.mediaType}", and is an ${document.type}`);
  return { descriptor, bytes, document };
}

/** Returns every blob that `root` is made of, itself last, children before parents, each once. */
export async function graphOf(
  reference: Reference,
  root: FetchedManifest,
  context: SourceContext,
): Promise<readonly PlannedBlob[]> {
  const blobs = await blobsOf(reference, root, { ...context, depth: 1 });
  const sizes = new Map<string, number>();
  for (const { descriptor } of blobs) {
    const size = sizes.get(descriptor.digest);
    if (size !== undefined && size !== descriptor.size)
      throw invalid(descriptor, `it is declared with ${size} bytes and with ${descriptor.size} bytes`);
    sizes.set(descriptor.digest, descriptor.size);
  }
  return uniqueBy(blobs, ({ descriptor }) => descriptor.digest);
}

async function blobsOf(
  reference: Reference,
  fetched: FetchedManifest,
  context: SourceContext & { readonly depth: number },
): Promise<readonly PlannedBlob[]> {
  const { descriptor, bytes, document } = fetched;
  if (context.depth > DEPTH_LIMIT) throw invalid(descriptor, `indexes lie more than ${DEPTH_LIMIT} deep`);
  const own: PlannedBlob = { descriptor, origin: { type: 'bytes', bytes } };
  const fromRegistry = (child: Descriptor): PlannedBlob => {
    // A config that told the platform is at hand.
    const held = context.images.held?.(child.digest);
    const isHeld = held !== undefined && held.length === child.size;
    return {
      descriptor: child,
      origin: isHeld ? { type: 'bytes', bytes: held } : { type: 'registry', reference },
    };
  };
  if (document.type === 'manifest') return [...[document.config, ...document.layers].map(fromRegistry), own];
  const children = await mapConcurrently(document.manifests, CONCURRENCY, async (child) => {
    if (!isManifestType(child.mediaType)) return [fromRegistry(child)];
    const manifest = await fetchManifest(reference, child, context);
    return await blobsOf(reference, manifest, { ...context, depth: context.depth + 1 });
  });
  return [...children.flat(), own];
}

function invalid(descriptor: Descriptor, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read "${descriptor.digest}": ${fact}`);
}
