import { stat } from 'node:fs/promises';
import type { ArtifactTree } from '../../oci/artifact-tree.ts';
import type { Item } from '../../bundle/format/item.ts';
import { blobPath } from '../../bundle/format/layout.ts';
import { openLayout } from '../../bundle/open-layout.ts';
import { openBundle, type OpenOptions, treeOf } from '../../bundle/open.ts';
import type { OpenBundle } from '../../bundle/bundle.ts';
import { judgeSignature, namedSigners, type SignatureReport } from '../../bundle/signing/prove.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import type { About } from '../../oci/about/about.ts';
import type { Digest } from '../../oci/digest.ts';
import type { BlobStore, WaitOptions } from '../../oci/roles.ts';
import { type FileIdentity, identityOf } from './file-identity.ts';

type BundleArchive = OpenBundle['archive'];
/** A run of bytes in a file on disk. */
export type Extent = NonNullable<Awaited<ReturnType<NonNullable<BundleArchive['extents']>>>>[number];

/** What is known of the signatures of a bundle. */
interface HeldSignature {
  /** Only `proven` was checked, with keys that are trusted here. */
  readonly state: SignatureReport['signature'];
  /** The keys that signed it, or that are said to have; `undefined` for a signature that does not say whose it is. */
  readonly keys: readonly (Digest | undefined)[];
}

export type BlobStream = (digest: Digest, offset: number) => ByteStream;

/** A served bundle or OCI image layout. */
export interface Holding extends AsyncDisposable {
  readonly path: string;
  readonly type: 'bundle' | 'layout';
  readonly name: string;
  /** Root digest of a bundle; a layout has none. */
  readonly root?: Digest | undefined;
  /** Whether a bundle is signed, as found when it was opened; a layout cannot be. */
  readonly signature?: HeldSignature | undefined;
  /** What whoever built a bundle tells about it. */
  readonly about?: About | undefined;
  readonly items: readonly Item[];
  /** The blobs present. */
  readonly blobs: OpenBundle['blobs'];
  /** Identity of each file that holds blobs, taken when it was opened; empty for a folder, where each blob is a file. */
  readonly files: ReadonlyMap<string, FileIdentity>;
  /** Returns where a blob lies on disk. */
  extents(digest: Digest): Promise<readonly Extent[]>;
  /** Reads a blob from `offset` (bytes) on, unverified. Left out for what is on disk. */
  readonly stream?: BlobStream | undefined;
  /** Returns what an artifact item is made of; its manifest is read from `store`. */
  treeOf(item: Item, store: BlobStore, options?: WaitOptions): Promise<ArtifactTree>;
}

export interface HoldingOptions extends OpenOptions {
  /** Opens bundles; only files when left out. */
  readonly open?: ((path: string, options: OpenOptions) => Promise<OpenBundle>) | undefined;
  /** Refuses anything that cannot be signed, such as a layout that an install filled. */
  readonly signedOnly?: boolean | undefined;
}

/**
 * Opens a bundle or layout in place and reads only its head.
 *
 * @throws as `openBundle` and `openLayout`; `ERR_SIGNATURE_MISSING` for a layout with `signedOnly`
 */
export async function openHolding(path: string, options: HoldingOptions = {}): Promise<Holding> {
  const { open = openBundle } = options;
  try {
    return await bundleHolding(await open(path, options), options);
  } catch (error) {
    if (!isPlainLayout(error)) throw error;
    if (options.signedOnly === true) throw unsigned(path);
    return await layoutHolding(path, options);
  }
}

function isPlainLayout(error: unknown): boolean {
  return (
    isSaddlebagError(error, 'ERR_BUNDLE_INVALID') && isSaddlebagError(error.cause, 'ERR_CONTENT_NOT_FOUND')
  );
}

async function bundleHolding(bundle: OpenBundle, options: WaitOptions): Promise<Holding> {
  const { path, document, root, archive } = bundle;
  return {
    path,
    type: 'bundle',
    name: document.name,
    root,
    signature: await signatureOf(bundle, options),
    about: document.about,
    items: document.items,
    blobs: bundle.blobs,
    ...(await placesIn(archive)),
    [Symbol.asyncDispose]: () => bundle[Symbol.asyncDispose](),
  };
}

async function signatureOf(bundle: OpenBundle, { signal }: WaitOptions): Promise<HeldSignature> {
  const { signature: state } = await judgeSignature(bundle, { signal });
  const isNamed = state === 'present' || state === 'proven';
  return { state, keys: isNamed ? await namedSigners(bundle, { signal }) : [] };
}

async function layoutHolding(path: string, options: WaitOptions): Promise<Holding> {
  const layout = await openLayout(path, options);
  const items = layout.images.map(({ name, descriptor }): Item => ({
    kind: 'image',
    name,
    descriptor,
    audience: ['registry'],
  }));
  return {
    path,
    type: 'layout',
    name: path,
    items,
    blobs: layout.blobs,
    ...(await placesIn(layout.archive)),
    [Symbol.asyncDispose]: () => layout[Symbol.asyncDispose](),
  };
}

async function placesIn(
  archive: BundleArchive,
): Promise<Pick<Holding, 'files' | 'extents' | 'stream' | 'treeOf'>> {
  const { reader, shape } = archive;
  const names = new Set(reader?.extents?.(0, reader.size).map(({ file }) => file));
  const files = new Map<string, FileIdentity>();
  for (const name of names) files.set(name, identityOf(await stat(name, { bigint: true })));
  return {
    files,
    extents: async (digest) => (await archive.extents?.(blobPath(digest))) ?? [],
    stream:
      shape === 'registry' ? (digest, offset) => archive.stream(blobPath(digest), { offset }) : undefined,
    treeOf: async (item, store, options) => await treeOf(store, item, options),
  };
}

function unsigned(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_SIGNATURE_MISSING',
    `Cannot trust "${path}": it is not a bundle, so it has no signature`,
    {
      hint: 'Serve the signed bundle that it was installed from.',
    },
  );
}
