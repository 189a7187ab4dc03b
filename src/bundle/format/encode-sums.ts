import { type Digest, hexOf } from '../../oci/digest.ts';
import type { BundleDocument } from './document.ts';
import { blobPath, LAYOUT } from './layout.ts';

/**
 * Returns the bytes of `SHA256SUMS`, which lists every file of the bundle except itself: `bundle.json` with the root digest,
 * then the other files and the blobs as the document orders them. `sha256sum -c` reads it as it is.
 */
export function encodeSums(document: BundleDocument, root: Digest): Uint8Array {
  const lines = [
    sumLine(root, LAYOUT.document),
    ...document.files.map(({ path, digest }) => sumLine(digest, path)),
    ...document.blobs.map(({ digest }) => sumLine(digest, blobPath(digest))),
  ];
  return Buffer.from(lines.join(''));
}

function sumLine(digest: Digest, path: string): string {
  return `${hexOf(digest)}  ${path}\n`;
}
