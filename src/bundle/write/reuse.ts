import type { ByteStream } from '../../internal/bytes.ts';
import { isSaddlebagError, messageOf } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import type { Digest } from '../../oci/digest.ts';
import type { FetchOptions } from '../../oci/roles.ts';
import { ContentMismatchError, verified } from '../../oci/verified.ts';
import type { BlobSource } from './blob-content.ts';
import { type BlobBase, bundleBase } from '../check/base.ts';
import { BlobTable } from '../format/blobs/table.ts';
import type { PlannedBlob } from '../format/item.ts';
import type { OpenBundle } from '../bundle.ts';

export interface ReuseOptions {
  /** Receives each blob that is damaged in a bundle and is fetched instead. */
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/**
 * Returns a source that takes blobs from local bundles, verified, and goes to `source` for the others. A blob that turns
 * out to be damaged or unreadable is reported, and fetched.
 */
export function reusing(
  source: BlobSource,
  bundles: readonly OpenBundle[],
  options: ReuseOptions = {},
): BlobSource & Required<Pick<BlobSource, 'isAtHand'>> {
  const places = bundles.map((bundle) => ({
    base: bundleBase(bundle),
    blobs: BlobTable.of(bundle.document.blobs),
  }));
  const unusables = new Set<Digest>();
  const baseOf = ({ descriptor: { digest, size } }: PlannedBlob): BlobBase | undefined => {
    // A blob comes from the first bundle that has it.
    const place = places.find(({ blobs }) => blobs.has(digest));
    return place?.blobs.sizeOf(digest) === size && !unusables.has(digest) ? place.base : undefined;
  };
  async function* openHeld(base: BlobBase, blob: PlannedBlob, request: FetchOptions): ByteStream {
    const { digest } = blob.descriptor;
    let yielded = 0;
    try {
      for await (const chunk of takeFrom(base, blob, request)) {
        yielded += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
      unusables.add(digest);
      options.onFinding?.(unusable(digest, base, error));
      // What was handed out cannot be taken back: the consumer starts over.
      if (yielded > 0) throw new ContentMismatchError(blob.descriptor, { size: yielded });
    }
    yield* source.open(blob, request);
  }
  return {
    isAtHand: (blob) => baseOf(blob) !== undefined || source.isAtHand?.(blob) === true,
    open: (blob, request) => {
      const base = baseOf(blob);
      return base === undefined ? source.open(blob, request) : openHeld(base, blob, request);
    },
  };
}

/** Read from its start, a blob is verified on the way; when only its rest is wanted, all of it is read first. */
async function* takeFrom(base: BlobBase, { descriptor }: PlannedBlob, request: FetchOptions): ByteStream {
  const { digest, size } = descriptor;
  const content = base.open({ digest, size }, request);
  if ((request.offset ?? 0) === 0) {
    yield* verified(content, descriptor);
  } else {
    const { held } = await base.find([{ digest, size }], { signal: request.signal });
    if (!held.has(digest)) throw new ContentMismatchError(descriptor, { size });
    yield* content;
  }
}

function unusable(digest: Digest, base: BlobBase, error: unknown): Finding {
  return {
    level: 'warning',
    message: `Cannot reuse blob "${digest}" of "${base.name}", so it is fetched: ${messageOf(error)}`,
    hint: `Check that bundle with "bundle verify".`,
  };
}
