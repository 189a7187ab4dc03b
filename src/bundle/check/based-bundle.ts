import { verified } from '../../oci/verified.ts';
import type { Digest } from '../../oci/digest.ts';
import { keepingWhole } from '../../oci/documents.ts';
import type { BlobBase } from './base.ts';
import { treeOf } from '../open.ts';
import type { OpenBundle } from '../bundle.ts';

/**
 * Returns a bundle some of whose blobs come from elsewhere: those of `sources`, which may grow as they are found. What a
 * base gives is verified as it streams, unless it is read from somewhere in its middle.
 */
export function basedBundle(bundle: OpenBundle, sources: ReadonlyMap<Digest, BlobBase>): OpenBundle {
  const fetch: OpenBundle['fetch'] = (target, options = {}) => {
    const base = sources.get(target.digest);
    if (base === undefined) return bundle.fetch(target, options);
    const { digest } = target;
    const blob = { digest, size: bundle.sizeOf(digest) ?? target.size };
    const content = base.open(blob, options);
    return (options.offset ?? 0) === 0 ? verified(content, blob) : content;
  };
  const fetchWhole = keepingWhole(fetch);
  const based: OpenBundle = {
    ...bundle,
    fetch,
    // What the bundle itself has loaded need not be read again.
    fetchWhole: (target, options) =>
      (sources.has(target.digest) ? fetchWhole : (bundle.fetchWhole ?? fetchWhole))(target, options),
    files: async (item, options) => (await treeOf(based, item, options)).files,
    tree: (item, options) => treeOf(based, item, options),
  };
  return based;
}
