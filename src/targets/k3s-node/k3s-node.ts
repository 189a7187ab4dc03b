import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import type { ItemOf } from '../item-files.ts';
import { fileTarget } from '../placed-files.ts';
import { INSTALL_SCRIPT } from '../../products/k3s/asset.ts';
import { releaseFiles } from '../../products/k3s/release-files.ts';
import { compareTags, type ReleaseTag } from '../../products/distribution/tag.ts';
import { parseK3sTag } from '../../products/k3s/tag.ts';
import { type NodeFile, nodeLayout } from './layout.ts';
import { allOf } from '../taken.ts';
import { nodeItems } from './node-items.ts';
import { proveNode } from './proof.ts';
import type { Target } from '../target.ts';

export interface K3sNodeOptions {
  /** The node's root directory: `/`, or the mount point of its disk. */
  readonly root: string;
  /** The node's architecture, in Go terms. */
  readonly architecture: string;
  /** Release tag to install; the highest in the bundle when left out. */
  readonly version?: string | undefined;
}

/**
 * Makes the target that places one K3s release on a node, ready for its `install.sh`.
 *
 * @throws `ERR_CONTENT_NOT_FOUND` when the bundle has no release for the node
 */
export function k3sNodeTarget(bundle: Bundle, options: K3sNodeOptions): Target {
  const { root, architecture } = options;
  const item = chosenRelease(nodeItems(bundle, architecture), options);
  const layout = nodeLayout(root);
  const at = { target: 'k3s-node', folder: root, isRoot: true };
  return fileTarget(bundle, at, {
    folders: Object.values(layout),
    load: async ({ signal }) => allOf(await loadFiles(bundle, item, { root, architecture, signal })),
    prove: async (files, { signal }) =>
      await proveNode(item.name, files, { images: layout.images, at, signal }),
  });
}

/**
 * A node runs one release: the one the user names, or the highest. A release candidate is chosen only when there is
 * nothing else.
 */
function chosenRelease(items: readonly ItemOf<'k3s'>[], options: K3sNodeOptions): ItemOf<'k3s'> {
  const { version, architecture } = options;
  const [best] = items
    .flatMap((item): Candidate[] => {
      const tag = parseK3sTag(item.name);
      return tag !== undefined && (version === undefined || isMeant(tag, version)) ? [{ item, tag }] : [];
    })
    .sort(bestFirst);
  if (best !== undefined) return best.item;
  const wanted = version === undefined ? 'K3s' : `K3s ${JSON.stringify(version)}`;
  throw new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot set up a K3s node: the bundle has no ${wanted} for ${architecture}`,
    {
      hint:
        items.length === 0
          ? 'Build the bundle with "k3s" in its spec, for the architecture of the node.'
          : `It has: ${items.map(({ name }) => name).join(', ')}.`,
    },
  );
}

interface Candidate {
  readonly item: ItemOf<'k3s'>;
  readonly tag: ReleaseTag;
}

function bestFirst({ tag: left }: Candidate, { tag: right }: Candidate): number {
  return Number(left.prerelease) - Number(right.prerelease) || compareTags(right, left);
}

/** A user may leave out the `v`, or the build. */
function isMeant({ tag, version }: ReleaseTag, text: string): boolean {
  return [tag, version].some((name) => name.replace(/^v/, '') === text.replace(/^v/, ''));
}

/** The executable comes last: once it is there a node may start, and then it needs everything else. */
async function loadFiles(
  bundle: Bundle,
  item: ItemOf<'k3s'>,
  options: WaitOptions & Pick<K3sNodeOptions, 'root' | 'architecture'>,
): Promise<readonly NodeFile[]> {
  const { executable, images, sums, installer } = releaseFiles(
    await bundle.files(item, options),
    options.architecture,
  );
  const { bin, images: imageFolder, share } = nodeLayout(options.root);
  // One format of the images is enough; K3s would import each.
  const [first] = images;
  if (executable === undefined) throw incomplete(item.name, `executable for ${options.architecture}`);
  if (first === undefined) throw incomplete(item.name, `airgap images for ${options.architecture}`);
  if (sums === undefined) throw incomplete(item.name, `sums file for ${options.architecture}`);
  const { kind, name } = item;
  const files: readonly (Pick<NodeFile, 'role' | 'path' | 'mode'> & {
    readonly file?: ArtifactFile | undefined;
  })[] = [
    { role: 'images', file: first, path: join(imageFolder, first.name), mode: 0o644 },
    { role: 'sums', file: sums, path: join(share, sums.name), mode: 0o644 },
    { role: 'installer', file: installer, path: join(share, INSTALL_SCRIPT), mode: 0o755 },
    // A release may name it otherwise; on a node it is always `k3s`.
    { role: 'executable', file: executable, path: join(bin, 'k3s'), mode: 0o755 },
  ];
  return files.flatMap(({ file, ...rest }) =>
    file === undefined ? [] : [{ item, kind, name, file, ...rest }],
  );
}

function incomplete(name: string, what: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot place K3s "${name}" on a node: the bundle has no ${what}`,
    {
      hint: 'Build the bundle again, with "k3s" in its spec.',
    },
  );
}
