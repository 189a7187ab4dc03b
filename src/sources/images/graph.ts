import { FewBlobs, type PlannedBlob } from '../../bundle/format/item.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { uniqueBy } from '../../internal/order.ts';
import type { Rows } from '../../internal/table/rows.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { walkGraph } from '../../oci/graph.ts';
import { decodeManifest, type Index, type Manifest } from '../../oci/manifest.ts';
import { isIndexType, isManifestType } from '../../oci/media-type.ts';
import type { Reference } from '../../oci/reference.ts';
import type { SourceContext } from '../source.ts';

/** How many manifests of one index to fetch at once; the client has its own limit per host. */
const CONCURRENCY = 8;

/** A manifest or an index as it was sent, and its decoded form. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly document: Manifest | Index;
  /** Whether it was made here, so that no registry knows it. */
  readonly isMade?: boolean | undefined;
}

/**
 * Returns a manifest or an index of the reference's repository.
 *
 * @throws `ERR_DOCUMENT_INVALID` also for an index where a manifest was declared, or the reverse
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

/**
 * Returns every blob of `root`, children before parents, the root last, each once.
 *
 * @throws what {@link walkGraph} throws
 */
export async function graphOf(
  reference: Reference,
  root: FetchedManifest,
  context: SourceContext,
): Promise<Rows<PlannedBlob>> {
  const fetched = new Map([[root.descriptor.digest, root]]);
  const walk = walkGraph(root.descriptor, {
    signal: context.signal,
    ahead: CONCURRENCY,
    read: async (target) => {
      const manifest = fetched.get(target.digest) ?? (await fetchPart(reference, target, context));
      fetched.set(target.digest, manifest);
      return manifest.document;
    },
  });
  const blobs: PlannedBlob[] = [];
  const upstream = { type: 'registry', reference } as const;
  for await (const { descriptor } of walk) {
    const { mediaType, digest, size, urls } = descriptor;
    // A config that was read for its platform is in memory.
    const bytes = fetched.get(digest)?.bytes ?? context.images.held?.(digest);
    const isHeld = bytes !== undefined && bytes.length === size;
    const origin = isHeld ? ({ type: 'bytes', bytes } as const) : upstream;
    // Foreign layers are where their `urls` say; few have any, so no other blob carries the key.
    const small = urls === undefined ? { mediaType, digest, size } : { mediaType, digest, size, urls };
    blobs.push({ descriptor: small, origin });
  }
  return new FewBlobs(uniqueBy(blobs, ({ descriptor }) => descriptor.digest));
}

/** Some registries lose children of an index, above all attestations. */
async function fetchPart(
  reference: Reference,
  target: Descriptor,
  context: SourceContext,
): Promise<FetchedManifest> {
  try {
    return await fetchManifest(reference, target, context);
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_UPSTREAM_NOT_FOUND')) throw error;
    throw new SaddlebagError(error.code, error.message, {
      hint: 'Its index lists a part that is not there, such as an attestation: give "platforms" to take only what runs somewhere.',
      cause: error,
    });
  }
}

function invalid(descriptor: Descriptor, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read "${descriptor.digest}": ${fact}`);
}
