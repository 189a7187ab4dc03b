import { verified } from '../../oci/verified.ts';
import type { Digest } from '../../oci/digest.ts';
import type { BlobBase } from './base.ts';
import { filesOf, type OpenBundle } from '../open.ts';

/**
 * Returns a bundle some of whose blobs come from elsewhere: those of `sources`, which may grow as they are found. What a
 * base gives is verified as it streams, unless it is read from somewhere in its middle.
 */
export function basedBundle(bundle: OpenBundle, sources: ReadonlyMap<Digest, BlobBase>): OpenBundle {
  const based: OpenBundle = {
    ...bundle,
    fetch: (target, options = {}) => {
      const base = sources.get(target.digest);
      if (base === undefined) return bundle.fetch(target, options);
      const { digest } = target;
      const blob = { digest, size: bundle.sizeOf(digest) ?? target.size };
      const content = base.open(blob, options);
      return (options.offset ?? 0) === 0 ? verified(content, blob) : content;
    },
    files: (item, options) => filesOf(based, item, options),
  };
  return based;
}
