import { Listing } from '../../../archive/layout.ts';
import { type Digest, finishDigest, startDigest } from '../../../oci/digest.ts';
import type { BundleDocument } from '../document.ts';
import { sumsText } from '../encode-sums.ts';
import { BLOB_FOLDER, blobPath, LAYOUT } from '../layout.ts';
import { SIGNATURE_SIZE } from '../signature-file.ts';
import { BlobTable } from './table.ts';

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

/** Every file of a bundle, in archive order: its head, then its blobs. */
export class BundleContents extends Listing<BundleFile> {
  readonly head: readonly BundleFile[];
  readonly #blobs: BlobTable;

  constructor(head: readonly BundleFile[], blobs: BlobTable) {
    super();
    this.head = head;
    this.#blobs = blobs;
  }

  get length(): number {
    return this.head.length + this.#blobs.length;
  }

  /** Size of all files together (bytes). */
  get bytes(): number {
    return this.head.reduce((sum, { size }) => sum + size, this.#blobs.bytes);
  }

  at(index: number): BundleFile | undefined {
    if (index < this.head.length) return this.head[index];
    const blob = this.#blobs.at(index - this.head.length);
    return blob === undefined
      ? undefined
      : { path: blobPath(blob.digest), digest: blob.digest, size: blob.size };
  }

  /** Returns the index of the file at a path, or -1. */
  indexOfPath(path: string): number {
    if (!path.startsWith(BLOB_FOLDER)) return this.head.findIndex((file) => file.path === path);
    const index = this.#blobs.indexOfHex(path, BLOB_FOLDER.length);
    return index === -1 ? -1 : this.head.length + index;
  }
}

/**
 * Returns every file of a bundle, worked out from its document: `root` is the digest and `size` the size (bytes) of `bundle.json`
 * itself.
 */
export function contentsOf(
  document: BundleDocument,
  own: { readonly root: Digest; readonly size: number },
): BundleContents {
  const [first, ...files] = document.files;
  const head = [
    ...(first === undefined ? [] : [first]),
    { path: LAYOUT.document, digest: own.root, size: own.size },
    { path: LAYOUT.signature, size: document.signatureRoom ?? SIGNATURE_SIZE },
    ...files,
    sumsFile(document, own.root),
  ];
  return new BundleContents(head, BlobTable.of(document.blobs));
}

function sumsFile(document: BundleDocument, root: Digest): KnownFile {
  const hash = startDigest();
  let size = 0;
  for (const text of sumsText(document, root)) {
    hash.update(text);
    size += Buffer.byteLength(text);
  }
  return { path: LAYOUT.sums, digest: finishDigest(hash), size };
}
