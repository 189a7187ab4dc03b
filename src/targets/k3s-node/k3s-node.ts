import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { makeFolder, requireWritable } from '../../disk/folder.ts';
import { contentOf, type ItemOf, needOf } from '../item-files.ts';
import { INSTALL_SCRIPT } from '../../products/k3s/asset.ts';
import { releaseFiles } from '../../products/k3s/release-files.ts';
import { compareK3sTags, parseK3sTag } from '../../products/k3s/tag.ts';
import { type NodeFile, nodeLayout } from './layout.ts';
import { nodeItems } from './node-items.ts';
import { proveNode } from './proof.ts';
import { ownerUnder } from '../../disk/owner.ts';
import { place } from '../../disk/place.ts';
import { placedFile } from '../receipts/placed-file.ts';
import { placedState } from '../receipts/placed-state.ts';
import type { Action, Target } from '../target.ts';

export interface K3sNodeOptions {
  /** The node's root directory: `/`, or where its disk is mounted. */
  readonly root: string;
  /** Of the node, in Go's words. */
  readonly architecture: string;
  /** Release tag to install; the highest in the bundle when left out. */
  readonly version?: string | undefined;
}

/** Makes the target that lays one K3s release out on a node, ready for its `install.sh`. */
export function k3sNodeTarget(bundle: Bundle, options: K3sNodeOptions): Target {
  const { root } = options;
  const item = chosenRelease(nodeItems(bundle, options.architecture), options);
  let loaded: Promise<readonly NodeFile[]> | undefined;
  const files = (wait: WaitOptions): Promise<readonly NodeFile[]> =>
    (loaded ??= loadFiles(bundle, item, { ...wait, ...options }));
  return {
    name: 'k3s-node',
    place: root,
    isOnDisk: true,
    async reach() {
      for (const path of Object.values(nodeLayout(root))) await requireWritable(path);
    },
    async plan(wait = {}) {
      return await Promise.all(
        (await files(wait)).map(async (file) => await planFile(item.name, file, wait)),
      );
    },
    async apply(action, wait = {}) {
      const node = (await files(wait)).find(({ path }) => path === action.destination);
      if (node === undefined) throw new TypeError(`no file was planned at "${action.destination}"`);
      const digests = [item.descriptor.digest, node.file.descriptor.digest];
      const state = action.state === 'present' ? 'present' : (await planFile(item.name, node, wait)).state;
      if (state === 'present') return { ...action, outcome: 'present', digests };
      const owner = await ownerUnder(root);
      await makeFolder(join(node.path, '..'), { owner });
      const { descriptor } = node.file;
      const content = contentOf(bundle, node.file, wait);
      await place(node.path, content, { mode: node.mode, owner, kind: 'target', signal: wait.signal });
      return {
        ...action,
        outcome: state === 'missing' ? 'placed' : 'replaced',
        paths: [node.path],
        files: [placedFile(node.path, descriptor)],
        digests,
      };
    },
    async prove(wait = {}) {
      return await proveNode(item.name, await files(wait), { ...wait, images: nodeLayout(root).images });
    },
  };
}

/** A node runs one release, so of several the highest is meant unless the user says which. */
function chosenRelease(items: readonly ItemOf<'k3s'>[], options: K3sNodeOptions): ItemOf<'k3s'> {
  const tags = items.map((item) => parseK3sTag(item.name)).filter((tag) => tag !== undefined);
  const wanted = options.version ?? tags.sort(compareK3sTags).at(-1)?.tag;
  const item = items.find(({ name }) => name === wanted);
  if (item !== undefined) return item;
  throw new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    wanted === undefined
      ? `Cannot set up a K3s node: the bundle has no K3s for ${options.architecture}`
      : `Cannot set up a K3s node: the bundle has no K3s "${wanted}" for ${options.architecture}`,
    {
      hint:
        items.length === 0
          ? 'Build the bundle with "k3s" in its spec, for the architecture of the node.'
          : `It has: ${items.map(({ name }) => name).join(', ')}.`,
    },
  );
}

/** The executable comes last: with it in place a node may start, and then all the rest must be there. */
async function loadFiles(
  bundle: Bundle,
  item: ItemOf<'k3s'>,
  options: WaitOptions & K3sNodeOptions,
): Promise<readonly NodeFile[]> {
  const { executable, images, sums, installer } = releaseFiles(
    await bundle.files(item, options),
    options.architecture,
  );
  const { bin, images: imageFolder, share } = nodeLayout(options.root);
  // One form of the images will do; K3s would import each.
  const [first] = images;
  if (executable === undefined) throw incomplete(item.name, `executable for ${options.architecture}`);
  if (first === undefined) throw incomplete(item.name, `airgap images for ${options.architecture}`);
  if (sums === undefined) throw incomplete(item.name, `sums file for ${options.architecture}`);
  return [
    { role: 'images', file: first, path: join(imageFolder, first.name), mode: 0o644 },
    { role: 'sums', file: sums, path: join(share, sums.name), mode: 0o644 },
    ...(installer === undefined
      ? []
      : [{ role: 'installer', file: installer, path: join(share, INSTALL_SCRIPT), mode: 0o755 } as const]),
    // Whatever a release calls it, on a node it is `k3s`.
    { role: 'executable', file: executable, path: join(bin, 'k3s'), mode: 0o755 },
  ];
}

async function planFile(name: string, node: NodeFile, options: WaitOptions): Promise<Action> {
  const { file, path, mode } = node;
  const state = await placedState(path, { descriptor: file.descriptor, mode }, options);
  const { bytes, needs } = needOf([file], state);
  return { target: 'k3s-node', kind: 'k3s', name, destination: path, bytes, state, needs };
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
