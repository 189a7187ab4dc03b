import { type Digest, hexOf, isDigest } from '../../oci/digest.ts';

/**
 * The files of a bundle that are not blobs. They come first, in this order, so that opening a bundle reads its head and
 * nothing else: the mark of an OCI layout, then our own document and its signature, then a page for people, then what
 * other programs look for, then the sums.
 */
export const LAYOUT = {
  ociLayout: 'oci-layout',
  document: 'bundle.json',
  signature: 'bundle.json.sig',
  readme: 'README.txt',
  index: 'index.json',
  dockerList: 'manifest.json',
  sums: 'SHA256SUMS',
} as const;

/** Those that `bundle.json` lists in `files`, in this order: neither it nor what speaks of it. */
export const HEAD_FILES: readonly string[] = [
  LAYOUT.ociLayout,
  LAYOUT.readme,
  LAYOUT.index,
  LAYOUT.dockerList,
];

/** Content of `oci-layout` (OCI image-spec, image-layout.md). containerd compares the version as text. */
export const OCI_LAYOUT_BYTES: Uint8Array = Buffer.from('{"imageLayoutVersion":"1.0.0"}\n');

/** In front of the hex digits of every blob. */
export const BLOB_FOLDER = 'blobs/sha256/';

/** Returns the path of a blob in a bundle. */
export function blobPath(digest: Digest): string {
  return `${BLOB_FOLDER}${hexOf(digest)}`;
}

/** Returns the digest of the blob at a path in a bundle, if that is where a blob is. */
export function blobAt(path: string): Digest | undefined {
  const digest = `sha256:${path.slice(BLOB_FOLDER.length)}`;
  return path.startsWith(BLOB_FOLDER) && isDigest(digest) ? digest : undefined;
}
