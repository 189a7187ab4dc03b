import type { Archive, ArchiveEntry } from '../archive/archive.ts';
import type { BundleContents } from './format/blobs/contents.ts';
import type { BlobTable } from './format/blobs/table.ts';
import type { ByteStream } from '../internal/bytes.ts';
import type { ArtifactFile } from '../oci/artifact.ts';
import type { ArtifactTree } from '../oci/artifact-tree.ts';
import type { Digest } from '../oci/digest.ts';
import type { BlobStore, WaitOptions } from '../oci/roles.ts';
import type { BlobRef, BundleDocument } from './format/document.ts';
import type { Item } from './format/item.ts';

export type { BlobRef, BundleDocument };
export { dockerTagOf } from './format/encode-docker-list.ts';
export { DigestList } from './format/blobs/digest-list.ts';
export type { BlobTable } from './format/blobs/table.ts';
export { allBlobs, requiredBlobs } from './format/document.ts';
export { engineArchive, engineBlobs, type EngineImage } from './engine-archive.ts';

/** A bundle, its archive, and every file that the archive must hold. */
export interface OpenBundle extends Bundle {
  readonly archive: Archive;
  /** Every file, in archive order. */
  readonly contents: BundleContents;
  /** Fingerprints of the trusted keys that signed it; left out if no key was given to prove it. */
  readonly signers?: readonly Digest[] | undefined;
}

/** An open bundle: its manifest in memory, its blobs read in place. */
export interface Bundle extends BlobStore, AsyncDisposable {
  /** Path as the user gave it. */
  readonly path: string;
  readonly shape: Archive['shape'];
  /** Root digest: that of `bundle.json`. */
  readonly root: Digest;
  readonly document: BundleDocument;
  /** Every blob that it holds, in archive order. */
  readonly blobs: BlobTable;
  /** Every file in the archive, `bundle.json` included. */
  entries(): AsyncIterable<ArchiveEntry>;
  /** Yields the bytes of a file of the archive, unverified. */
  stream(path: string, options?: WaitOptions & { readonly offset?: number | undefined }): ByteStream;
  /** Returns the files of an artifact item, from its manifest, verified. */
  files(item: Item, options?: WaitOptions): Promise<readonly ArtifactFile[]>;
  /** Returns the same with the links and folders between the files. */
  tree(item: Item, options?: WaitOptions): Promise<ArtifactTree>;
}
