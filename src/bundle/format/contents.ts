import { type Digest, digestOf } from '../../oci/digest.ts';
import type { BundleDocument } from './document.ts';
import { encodeSums } from './encode-sums.ts';
import { blobPath, LAYOUT } from './layout.ts';
import { SIGNATURE_SIZE } from './signature-file.ts';

/** A file that a bundle must have. */
export interface BundleFile {
  readonly path: string;
  /** bytes */
  readonly size: number;
  /** Left out for the signature: it may be added later, and only a key can tell whether it is right. */
  readonly digest?: Digest | undefined;
}

/** A file whose content follows from the document. */
export interface KnownFile extends BundleFile {
  readonly digest: Digest;
}

/** Returns whether the content of a file follows from the document. */
export function isKnown(file: BundleFile): file is KnownFile {
  return file.digest !== undefined;
}

/**
 * Returns every file of a bundle in archive order, worked out from its document: `root` is the digest and `size` the size
 * (bytes) of `bundle.json` itself.
 */
export function contentsOf(
  document: BundleDocument,
  own: { readonly root: Digest; readonly size: number },
): readonly BundleFile[] {
  const [first, ...files] = document.files;
  const sums = encodeSums(document, own.root);
  return [
    ...(first === undefined ? [] : [first]),
    { path: LAYOUT.document, digest: own.root, size: own.size },
    { path: LAYOUT.signature, size: document.signatureRoom ?? SIGNATURE_SIZE },
    ...files,
    { path: LAYOUT.sums, digest: digestOf(sums), size: sums.length },
    ...document.blobs.map(({ digest, size }) => ({ path: blobPath(digest), digest, size })),
  ];
}
