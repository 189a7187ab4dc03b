import { dirname, join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import type { Finding } from '../../internal/finding.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { CORE, partOf } from '../../products/rke2/asset.ts';
import { AGENT_IMAGES } from '../../products/rke2/place.ts';
import { releaseFiles } from '../../products/rke2/release-files.ts';
import { parseRke2Tag, unpackedTag } from '../../products/rke2/tag.ts';
import type { ItemOf } from '../item-files.ts';
import type { TargetPlatform } from '../kind.ts';
import type { NodeFile } from '../node/file.ts';
import type { NodeProduct } from '../node/product.ts';
import { chosenRelease, incomplete } from '../node/release.ts';
import { nodeTarget } from '../node/target.ts';
import type { Target } from '../target.ts';
import { nodeLayout } from './layout.ts';
import { nodeItems } from './node-items.ts';

export interface Rke2NodeOptions {
  /** The node's root directory: `/`, or the mount point of its disk. */
  readonly root: string;
  readonly platform: TargetPlatform;
  /** Release tag to install; the highest in the bundle when left out. */
  readonly version?: string | undefined;
  /** Whether it may skip a minor release of what is there, or go back. */
  readonly isOutOfOrder?: boolean | undefined;
}

const RKE2: NodeProduct = {
  kind: 'rke2',
  name: 'RKE2',
  parse: parseRke2Tag,
  folderTag: unpackedTag,
  // rke2, `pkg/bootstrap/bootstrap.go`: at each start this links to the folder of the release. The program is there by tar or by RPM.
  marks: {
    started: 'var/lib/rancher/rke2/bin',
    executables: ['usr/local/bin/rke2', 'opt/rke2/bin/rke2', 'usr/bin/rke2', 'usr/local/bin/rke2.exe'],
  },
  images: AGENT_IMAGES,
  units: ['rke2-server', 'rke2-agent'],
  selinux: { package: 'rke2-selinux', policy: 'usr/share/selinux/packages/rke2.pp' },
  programs: ['usr/local/bin', 'var/lib/rancher'],
};

/**
 * Makes the target that places one RKE2 release on a node, ready for its `install.sh`. Images go where the node imports them, and
 * not through the script: it takes parts only beside an archive that releases no longer document, and without checking them.
 *
 * @throws `ERR_CONTENT_NOT_FOUND` when the bundle has no release for the node
 */
export function rke2NodeTarget(bundle: Bundle, options: Rke2NodeOptions): Target {
  const { root, platform, version } = options;
  const { architecture } = platform;
  const items = nodeItems(bundle, platform);
  const item = chosenRelease(items, { product: RKE2, wish: { architecture, version } });
  const target = nodeTarget(bundle, {
    product: RKE2,
    at: { target: 'rke2-node', folder: root, isRoot: true },
    release: item.name,
    carried: items.map(({ name }) => name),
    isOutOfOrder: options.isOutOfOrder,
    folders: Object.values(nodeLayout(root)),
    load: async ({ signal }) => await loadFiles(bundle, item, { root, platform, signal }),
    command: (files) => commandFor(files, platform),
  });
  return {
    ...target,
    async leftOut(wait = {}) {
      const found = releaseFiles(await bundle.files(item, wait), platform);
      const others = (await target.leftOut?.(wait)) ?? [];
      return platform.os === 'windows'
        ? others
        : [...withoutCore(found.images, { item, architecture }), ...others];
    },
  };
}

/** Its runtime is in the core images, and the node looks for it before containerd runs. */
function withoutCore(
  images: readonly ArtifactFile[],
  { item, architecture }: { readonly item: ItemOf<'rke2'>; readonly architecture: string },
): readonly Finding[] {
  if (images.some(({ name }) => partOf(name, architecture) === CORE)) return [];
  return [
    {
      level: 'warning',
      message: `The bundle has no core images of RKE2 ${item.name} for ${architecture}: the node will pull them`,
      hint: 'Give the node a registry that has them with "system-default-registry" and registries.yaml, or add "core" to "images" under "rke2" in the spec.',
    },
  ];
}

async function loadFiles(
  bundle: Bundle,
  item: ItemOf<'rke2'>,
  options: WaitOptions & Pick<Rke2NodeOptions, 'root' | 'platform'>,
): Promise<readonly NodeFile[]> {
  const { platform } = options;
  const { tarball, sums, images, installer } = releaseFiles(await bundle.files(item, options), platform);
  const { images: imageFolder, artifacts } = nodeLayout(options.root);
  if (tarball === undefined) throw incomplete(`tarball for ${platform.architecture}`, item, RKE2);
  if (sums === undefined) throw incomplete(`sums file for ${platform.architecture}`, item, RKE2);
  const { kind, name } = item;
  const at = (
    role: NodeFile['role'],
    file: ArtifactFile,
    { folder, mode }: { readonly folder: string; readonly mode: number },
  ): NodeFile => ({ item, kind, name, role, file, path: join(folder, file.name), mode });
  return [
    ...images.map((file) => ({
      ...at('images', file, { folder: imageFolder, mode: 0o644 }),
      mayLackSum: platform.os === 'windows',
    })),
    at('sums', sums, { folder: artifacts, mode: 0o644 }),
    at('tarball', tarball, { folder: artifacts, mode: 0o644 }),
    // The script comes last: once it is there, all that it needs is.
    ...(installer === undefined ? [] : [at('installer', installer, { folder: artifacts, mode: 0o755 })]),
  ];
}

/** RKE2 documentation, "Air-Gap Install": the script reads the folder instead of the internet. */
function commandFor(files: readonly NodeFile[], { os }: TargetPlatform): string | undefined {
  const installer = files.find(({ role }) => role === 'installer');
  if (installer === undefined) return undefined;
  const folder = dirname(installer.path);
  return os === 'windows'
    ? `powershell -ExecutionPolicy Bypass -File ${installer.path} -ArtifactPath ${folder}`
    : `INSTALL_RKE2_ARTIFACT_PATH=${folder} sh ${installer.path}`;
}
