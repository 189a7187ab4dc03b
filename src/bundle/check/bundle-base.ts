import type { Digest } from '../../oci/digest.ts';
import type { BlobBase } from './base.ts';
import { checkContent } from './content.ts';
import { CheckReport } from './report.ts';
import type { KnownFile } from '../format/contents.ts';
import { blobPath } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';

/** Returns a bundle as a source of blobs for another one. */
export function bundleBase(bundle: OpenBundle): BlobBase {
  const { document, root, archive, path } = bundle;
  const sizes = new Map(document.blobs.map(({ digest, size }) => [digest, size]));
  return {
    name: path,
    vouchesFor: document.patchOf === undefined ? [root] : [root, document.patchOf],
    async find(blobs, options = {}) {
      const report = new CheckReport();
      const files = new Map<Digest, KnownFile>();
      for (const { digest, size } of blobs) {
        if (sizes.get(digest) === size) files.set(digest, { path: blobPath(digest), digest, size });
      }
      await checkContent(bundle, [...files.values()], { ...options, report });
      const isHeld = (digest: Digest): boolean => report.isSound(blobPath(digest));
      return {
        held: new Set([...files.keys()].filter(isHeld)),
        damaged: new Set([...files.keys()].filter((digest) => !isHeld(digest))),
      };
    },
    open: ({ digest }, options) => archive.stream(blobPath(digest), options),
  };
}
