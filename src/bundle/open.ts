import type { OpenBundle } from './bundle.ts';
import type { Archive } from '../archive/archive.ts';
import type { ByteStream } from '../internal/bytes.ts';
import { quote } from '../internal/quote.ts';
import { openArchive } from '../archive/open.ts';
import { layoutTar } from '../archive/tar/layout.ts';
import { isSaddlebagError, SaddlebagError } from '../internal/error.ts';
import type { ErrorCode } from '../internal/error-code.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { fetchManifestDocument, keepingWhole } from '../oci/documents.ts';
import type { ArtifactTree } from '../oci/artifact-tree.ts';
import type { BlobStore, WaitOptions } from '../oci/roles.ts';
import { artifactTree } from './format/artifact-tree.ts';
import { blameForOpening, requireInPlace, requireVolumes } from './volumes/blame.ts';
import type { Bundle } from './bundle.ts';
import { type BundleContents, contentsOf } from './format/blobs/contents.ts';
import { BlobTable } from './format/blobs/table.ts';
import { decodeBundleDocument } from './format/decode.ts';
import { allBlobs, type BundleDocument, requiredBlobs } from './format/document.ts';
import { hasFiles, type Item } from './format/item.ts';
import { blobPath } from './format/layout.ts';
import { isInRegistry } from './shape.ts';
import { requireSignature } from './signing/prove.ts';
import { readDocument } from './format/read-document.ts';
import type { Trust } from './signing/trust.ts';

export interface OpenOptions extends WaitOptions {
  /** Whose signature is required. */
  readonly trust?: Trust | undefined;
  /** Opens a zip that another program has compressed, too; then nothing is read in place. */
  readonly unpack?: boolean | undefined;
  /** Opens it even when its last volumes are missing, to find out what is left of it. */
  readonly damaged?: boolean | undefined;
}

interface ReadOptions extends WaitOptions {
  readonly trust?: Trust | undefined;
  /** What the bundle is called in messages. */
  readonly path: string;
}

/** Documents of a bundle on disk to keep (bytes): reading one again is quick, and thousands of images have many. */
const NEAR_DOCUMENTS = 1024 * 1024;

/** Errors that show that the bytes of the head are not those of a bundle. */
const MISREAD: readonly ErrorCode[] = ['ERR_ARCHIVE_INVALID', 'ERR_BUNDLE_INVALID', 'ERR_DOCUMENT_INVALID'];

/**
 * Opens a bundle in place. Only its head is read, whatever its size; only that the head makes sense is verified, and
 * its signature if one is required.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND`, `ERR_BUNDLE_INVALID`, `ERR_ARCHIVE_INVALID`, `ERR_DISK_FAILED`; `ERR_SIGNATURE_MISSING`,
 * `ERR_SIGNATURE_INVALID`; `ERR_USAGE_INVALID` for `oci://`
 */
export async function openBundle(path: string, options: OpenOptions = {}): Promise<OpenBundle> {
  const { trust, unpack, damaged, signal } = options;
  requireOnDisk(path);
  const archive = await openArchive(path, { unpack });
  try {
    const bundle = await readWhole(archive, { path, trust, signal });
    if (damaged === true) requireInPlace(archive);
    else await requireVolumes(archive, bundle.contents);
    return bundle;
  } catch (error) {
    await archive[Symbol.asyncDispose]();
    throw error;
  }
}

/** Refuses a bundle in a registry, for what changes it in place or reads it as files. @throws `ERR_USAGE_INVALID` */
export function requireOnDisk(path: string): void {
  if (!isInRegistry(path)) return;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot use ${quote(path)} here: it is in a registry, not a file`,
    { hint: `Make it a file first: bundle pull ${path} -o OUT` },
  );
}

/** A wrong volume may be the reason why something cannot be read. */
async function readWhole(archive: Archive, options: ReadOptions): Promise<OpenBundle> {
  try {
    return await readBundle(archive, options);
  } catch (error) {
    if (isSaddlebagError(error) && MISREAD.includes(error.code)) await blameForOpening(archive, options);
    throw error;
  }
}

/** Returns the bundle in an open archive; `path` is its name in messages. Throws as {@link openBundle}. */
export async function readBundle(archive: Archive, options: ReadOptions): Promise<OpenBundle> {
  const { path, trust, signal } = options;
  const bytes = await readDocument(archive, options);
  // Before any of it is trusted, even that it is JSON.
  const signers =
    trust === undefined ? undefined : await requireSignature(archive, bytes, { trust, path, signal });
  const document = decodeBundleDocument(bytes);
  const root = digestOf(bytes);
  const contents = contentsOf(document, { root, size: bytes.length });
  // In our own tars the place of every file follows from the document; in others they are searched for.
  archive.expect?.(layoutTar(contents));
  return bundleOf({ archive, document, root, contents, path, signers });
}

function bundleOf(parts: {
  readonly archive: Archive;
  readonly document: BundleDocument;
  readonly root: Digest;
  readonly contents: BundleContents;
  readonly path: string;
  readonly signers: readonly Digest[] | undefined;
}): OpenBundle {
  const { archive, document } = parts;
  const blobs = BlobTable.of(document.blobs);
  const all = allBlobs(document);
  const required = BlobTable.of(requiredBlobs(document));
  // The stream itself is handed on: it may be known to be verified.
  const fetch: Bundle['fetch'] = ({ digest }, options) => {
    if (!all.has(digest)) return failing(blobNotFound(digest, parts.path));
    if (required.has(digest)) return failing(blobElsewhere(digest, parts));
    return archive.stream(blobPath(digest), options);
  };
  const bundle: OpenBundle = {
    ...parts,
    shape: archive.shape,
    blobs,
    sizeOf: (digest) => all.sizeOf(digest),
    fetch,
    fetchWhole: keepingWhole(fetch, {
      limit: archive.shape === 'registry' ? undefined : NEAR_DOCUMENTS,
      // What is not there is for `fetch` to tell.
      quick: async ({ digest }) =>
        blobs.has(digest) ? await archive.readSmall?.(blobPath(digest)) : undefined,
    }),
    entries: () => archive.entries(),
    stream: (path, options) => archive.stream(path, options),
    files: async (item, options) => (await treeOf(bundle, item, options)).files,
    tree: (item, options) => treeOf(bundle, item, options),
    [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose](),
  };
  return bundle;
}

/** Returns what an artifact item is made of, from its manifest, which is read from `store` and verified. */
export async function treeOf(store: BlobStore, item: Item, options: WaitOptions = {}): Promise<ArtifactTree> {
  if (!hasFiles(item)) return { files: [], links: [], folders: [] };
  return artifactTree(
    item,
    await fetchManifestDocument(item.descriptor, { from: store, signal: options.signal }),
  );
}

/** Yields nothing: it fails when it is read. */
function failing(error: Error): ByteStream {
  const next = async (): Promise<never> => {
    throw error;
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

function blobNotFound(digest: Digest, path: string): SaddlebagError {
  return new SaddlebagError('ERR_CONTENT_NOT_FOUND', `Cannot find blob "${digest}": it is not in "${path}"`);
}

function blobElsewhere(
  digest: Digest,
  { path, document }: { readonly path: string; readonly document: BundleDocument },
): SaddlebagError {
  const base = document.requires?.find(({ blobs }) => blobs.some((blob) => blob.digest === digest));
  const from = base === undefined ? '' : ` from bundle ${quote(base.name)}`;
  return new SaddlebagError(
    'ERR_BASE_MISSING',
    `Cannot find blob "${digest}": "${path}" is a delta that requires it${from}`,
    { hint: 'Give that bundle, or one that has the blob, with --base.' },
  );
}
