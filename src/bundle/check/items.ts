import { quote } from '../../internal/quote.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Index, Manifest } from '../../oci/manifest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { artifactFiles } from '../format/artifact-files.ts';
import type { CheckReport } from './report.ts';
import { allBlobs } from '../format/document.ts';
import { walkItem } from '../plan/graph.ts';
import type { Item } from '../format/item.ts';
import { blobPath } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';
import { BUNDLE_VERSION } from '../plan/plan.ts';

/** The digests that each item is made of. */
export type ItemParts = ReadonlyMap<Item, ReadonlySet<Digest>>;

/**
 * Checks that every item is whole: each manifest it leads to can be read, and all that they name is in the bundle. Returns
 * the digests that each item is made of, or `undefined` when that cannot be told of all.
 */
export async function checkItems(
  bundle: OpenBundle,
  report: CheckReport,
  options: WaitOptions,
): Promise<ItemParts | undefined> {
  const parts = new Map<Item, ReadonlySet<Digest>>();
  let isWhole = true;
  for (const item of bundle.document.items) {
    const digests = new Set<Digest>();
    let root: Manifest | Index | undefined;
    const walk = walkItem(bundle, item, {
      signal: options.signal,
      onProblem: (digest, error) => {
        isWhole = false;
        // A blob that is damaged was reported as such already.
        if (report.isSound(blobPath(digest))) report.add(blobPath(digest), error);
      },
    });
    for await (const { descriptor, document } of walk) {
      digests.add(descriptor.digest);
      if (descriptor.digest === item.descriptor.digest) root = document;
    }
    parts.set(item, digests);
    if (root === undefined) continue;
    const fault = item.kind === 'image' ? faultOfImage(bundle, item, root) : faultOfArtifact(item, root);
    if (fault !== undefined) report.add(blobPath(item.descriptor.digest), fault);
  }
  if (!isWhole) return undefined;
  reportOrphans(bundle, parts, report);
  return parts;
}

/** Manifests for other platforms than those that were kept may be absent, but not all of them. */
function faultOfImage(
  bundle: OpenBundle,
  { name }: Item,
  root: Manifest | Index,
): SaddlebagError | undefined {
  const manifests = root.type === 'index' ? root.manifests : [];
  if (manifests.length === 0 || manifests.some(({ digest }) => bundle.sizeOf(digest) !== undefined))
    return undefined;
  const message = `Cannot accept image ${quote(name)}: none of the ${manifests.length} manifests of its index is in the bundle`;
  return new SaddlebagError('ERR_BUNDLE_INVALID', message);
}

/** What an artifact promises, beyond being content: its type, and names that are safe as names of files. */
function faultOfArtifact(
  item: Exclude<Item, { readonly kind: 'image' }>,
  root: Manifest | Index,
): SaddlebagError | undefined {
  // It promises nothing but to be what its digest says.
  if (item.kind === 'signature') return undefined;
  try {
    artifactFiles(item, root);
    return undefined;
  } catch (error) {
    if (error instanceof SaddlebagError) return error;
    throw error;
  }
}

/** A later minor version may have blobs for things that we do not know; those of a patch are for another bundle's items. */
function reportOrphans({ document }: OpenBundle, parts: ItemParts, report: CheckReport): void {
  if (document.version !== BUNDLE_VERSION || document.patchOf !== undefined) return;
  const needed = new Set([...parts.values()].flatMap((digests) => [...digests]));
  for (const { digest } of allBlobs(document)) {
    if (needed.has(digest)) continue;
    const message = `Cannot accept blob ${quote(digest)}: no item of bundle.json needs it`;
    report.add(blobPath(digest), new SaddlebagError('ERR_BUNDLE_INVALID', message));
  }
}
