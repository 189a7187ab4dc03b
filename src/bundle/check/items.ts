import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { formatBytes } from '../../internal/format.ts';
import { mapAhead } from '../../internal/gate.ts';
import { quote } from '../../internal/quote.ts';
import type { Digest } from '../../oci/digest.ts';
import { type Index, type Manifest, MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { isManifestType } from '../../oci/media-type.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { artifactTree } from '../format/artifact-tree.ts';
import type { DockerList } from './docker-list.ts';
import { BlobOwners } from '../plan/owned.ts';
import type { CheckReport } from './report.ts';
import { BlobTable } from '../format/blobs/table.ts';
import { allBlobs, requiredBlobs } from '../format/document.ts';
import { walkItem } from '../plan/walk-item.ts';
import { type FileItem, hasFiles, type Item, kindOf } from '../format/item.ts';
import { blobPath } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';
import { BUNDLE_VERSION } from '../plan/plan.ts';

/**
 * Manifests and indexes that are read for all items together (bytes): a document that a hundred thousand items lead to is
 * small, or there are few of them.
 */
export const DOCUMENTS_LIMIT: number = 2 * 1024 ** 3;

export interface CheckItemsOptions extends WaitOptions {
  readonly report: CheckReport;
  /** Sees every manifest of every image. */
  readonly dockerList?: DockerList | undefined;
}

/** Which items need which blob, as far as manifests can be read. */
export interface CheckedItems {
  readonly owners: BlobOwners;
  /** Whether that is known for all items. */
  readonly isWhole: boolean;
}

/** Checks that every item is whole: each manifest it leads to can be read, and all that they name is in the bundle. */
export async function checkItems(bundle: OpenBundle, options: CheckItemsOptions): Promise<CheckedItems> {
  const { report, signal } = options;
  const owners = new BlobOwners(allBlobs(bundle.document));
  const required = BlobTable.of(requiredBlobs(bundle.document));
  let isWhole = true;
  let bytesRead = 0;
  const onProblem = (digest: Digest, error: SaddlebagError): void => {
    isWhole = false;
    const fault = error.code === 'ERR_BASE_MISSING' ? documentRequired(digest) : error;
    // A damaged blob was already reported as such.
    if (report.isSound(blobPath(digest))) report.add(blobPath(digest), fault);
  };
  for await (const item of withRootsAhead(bundle, { signal })) {
    let root: Manifest | Index | undefined;
    const onFault = (digest: Digest, error: SaddlebagError): void => {
      owners.add(digest, item);
      onProblem(digest, error);
    };
    try {
      for await (const { descriptor, document } of walkItem(bundle, item, { signal, onProblem: onFault })) {
        owners.add(descriptor.digest, item);
        if (document === undefined) continue;
        // A base may have it; that a bundle is sound must not depend on what lies beside it.
        if (required.has(descriptor.digest))
          onProblem(descriptor.digest, documentRequired(descriptor.digest));
        bytesRead += descriptor.size;
        if (descriptor.digest === item.descriptor.digest) root = document;
        if (item.kind === 'image' && document.type === 'manifest')
          options.dockerList?.see(item.name, document);
      }
    } catch (error) {
      // An item of too many pieces ends the walk.
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
      onProblem(item.descriptor.digest, error);
    }
    if (bytesRead > DOCUMENTS_LIMIT) {
      report.add(bundle.path, tooMuch(bundle.path));
      return { owners, isWhole: false };
    }
    const fault = root === undefined ? faultOfRoot(item) : faultOfItem(bundle, item, root);
    if (fault !== undefined) report.add(blobPath(item.descriptor.digest), fault);
  }
  if (isWhole) reportOrphans(bundle, owners, report);
  return { owners, isWhole };
}

/** Yields the items. Where reading waits for a network, the manifests of the next ones are on their way meanwhile. */
async function* withRootsAhead(bundle: OpenBundle, { signal }: WaitOptions): AsyncGenerator<Item> {
  const { items } = bundle.document;
  const { readsAtOnce } = bundle.archive;
  if (readsAtOnce === undefined) return yield* items;
  yield* mapAhead(items, readsAtOnce, async (item) => {
    // What is wrong with it is told when it is its turn.
    if (isManifestType(item.descriptor.mediaType) && item.descriptor.size <= MANIFEST_LIMIT)
      await bundle.fetchWhole?.(item.descriptor, { signal }).catch(() => undefined);
    return item;
  });
}

function documentRequired(digest: Digest): SaddlebagError {
  return new SaddlebagError(
    'ERR_BUNDLE_INVALID',
    `Cannot accept manifest "${digest}": the delta requires it, and must hold it itself`,
  );
}

function tooMuch(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_BUNDLE_INVALID',
    `Cannot accept bundle ${quote(path)}: its items share their manifests so often that reading them would take more than ${formatBytes(DOCUMENTS_LIMIT)}`,
  );
}

/** Only what belongs to something else may be content of any type. A manifest that could not be read was reported. */
function faultOfRoot(item: Item): SaddlebagError | undefined {
  const { mediaType } = item.descriptor;
  if (item.kind === 'signature' || isManifestType(mediaType)) return undefined;
  return itemInvalid(item, `its root is of the type ${quote(mediaType)}, and not a manifest or an index`);
}

function faultOfItem(bundle: OpenBundle, item: Item, root: Manifest | Index): SaddlebagError | undefined {
  const fault = hasFiles(item) ? faultOfArtifact(item, root) : faultOfIndex(bundle, item, root);
  return fault ?? faultOfType(item, root);
}

/** Other programs read the type in index.json, which has it from here. */
function faultOfType(item: Item, root: Manifest | Index): SaddlebagError | undefined {
  const { artifactType } = item.descriptor;
  const known = root.artifactType ?? (root.type === 'manifest' ? root.config.mediaType : undefined);
  if (artifactType === undefined || known === undefined || artifactType === known) return undefined;
  return itemInvalid(
    item,
    `bundle.json says that it is of the type ${quote(artifactType)}, and it is of ${quote(known)}`,
  );
}

function itemInvalid(item: Item, fact: string): SaddlebagError {
  const message = `Cannot accept ${kindOf(item)} ${quote(item.name)}: ${fact}`;
  return new SaddlebagError('ERR_BUNDLE_INVALID', message);
}

/** Manifests for other platforms than those that were kept may be absent, but not all of them. */
function faultOfIndex(bundle: OpenBundle, item: Item, root: Manifest | Index): SaddlebagError | undefined {
  const manifests = root.type === 'index' ? root.manifests : [];
  if (manifests.length === 0 || manifests.some(({ digest }) => bundle.sizeOf(digest) !== undefined))
    return undefined;
  return itemInvalid(item, `none of the ${manifests.length} manifests of its index is in the bundle`);
}

/** What an artifact promises, beyond being content: its type, and names that are safe as names of files. */
function faultOfArtifact(item: FileItem, root: Manifest | Index): SaddlebagError | undefined {
  try {
    artifactTree(item, root);
    return undefined;
  } catch (error) {
    if (error instanceof SaddlebagError) return error;
    throw error;
  }
}

/** A later minor version may have blobs for things that we do not know; those of a patch are for another bundle's items. */
function reportOrphans({ document }: OpenBundle, owners: BlobOwners, report: CheckReport): void {
  if (document.version !== BUNDLE_VERSION || document.patchOf !== undefined) return;
  for (const { digest } of allBlobs(document)) {
    if (owners.of(digest).count > 0) continue;
    const message = `Cannot accept blob ${quote(digest)}: no item of bundle.json needs it`;
    report.add(blobPath(digest), new SaddlebagError('ERR_BUNDLE_INVALID', message));
  }
}
