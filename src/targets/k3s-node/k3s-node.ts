import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { INSTALL_SCRIPT } from '../../products/distribution/asset.ts';
import { AGENT_IMAGES } from '../../products/k3s/place.ts';
import { releaseFiles } from '../../products/k3s/release-files.ts';
import { parseK3sTag } from '../../products/k3s/tag.ts';
import type { ItemOf } from '../item-files.ts';
import type { NodeFile } from '../node/file.ts';
import { chosenRelease, incomplete, type ReleaseWish } from '../node/release.ts';
import type { NodeProduct } from '../node/product.ts';
import { nodeTarget } from '../node/target.ts';
import type { Target } from '../target.ts';
import { nodeLayout } from './layout.ts';
import { nodeItems } from './node-items.ts';

export interface K3sNodeOptions extends ReleaseWish {
  /** The node's root directory: `/`, or the mount point of its disk. */
  readonly root: string;
}

const K3S: NodeProduct = {
  kind: 'k3s',
  name: 'K3s',
  parse: parseK3sTag,
  folderTag: () => undefined,
  // k3s, `cmd/k3s/main.go`: a release unpacks itself when it is first started, and links to that. Its install.sh takes /opt/bin
  // where /usr/local is read-only.
  marks: {
    started: 'var/lib/rancher/k3s/data/current/bin/k3s',
    executables: ['usr/local/bin/k3s', 'opt/bin/k3s', 'usr/bin/k3s'],
  },
  images: AGENT_IMAGES,
  units: ['k3s', 'k3s-agent'],
  selinux: { package: 'k3s-selinux', policy: 'usr/share/selinux/packages/k3s.pp' },
  programs: ['usr/local/bin', 'var/lib/rancher'],
};

/**
 * Makes the target that places one K3s release on a node, ready for its `install.sh`.
 *
 * @throws `ERR_CONTENT_NOT_FOUND` when the bundle has no release for the node
 */
export function k3sNodeTarget(bundle: Bundle, options: K3sNodeOptions): Target {
  const { root, architecture } = options;
  const items = nodeItems(bundle, architecture);
  const item = chosenRelease(items, { product: K3S, wish: options });
  return nodeTarget(bundle, {
    product: K3S,
    at: { target: 'k3s-node', folder: root, isRoot: true },
    release: item.name,
    carried: items.map(({ name }) => name),
    isOutOfOrder: options.isOutOfOrder,
    folders: Object.values(nodeLayout(root)),
    load: async ({ signal }) => await loadFiles(bundle, item, { root, architecture, signal }),
    command: (files) => {
      const installer = files.find(({ role }) => role === 'installer');
      return installer === undefined ? undefined : `INSTALL_K3S_SKIP_DOWNLOAD=true ${installer.path}`;
    },
  });
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
  if (executable === undefined) throw incomplete(`executable for ${options.architecture}`, item, K3S);
  if (first === undefined) throw incomplete(`airgap images for ${options.architecture}`, item, K3S);
  if (sums === undefined) throw incomplete(`sums file for ${options.architecture}`, item, K3S);
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
