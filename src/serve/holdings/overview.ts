import { basename } from 'node:path';
import { walkItem } from '../../bundle/plan/graph.ts';
import { imagePlatforms } from '../../bundle/plan/image-platforms.ts';
import { type Item, kindOf } from '../../bundle/format/item.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Overview, OverviewItem, ServedKit } from '../../page/overview.ts';
import { INSTALL_SCRIPT } from '../../products/distribution/asset.ts';
import { PROJECT } from '../../products/k3s/place.ts';
import { VERSION_LIST } from '../../products/rancher-desktop/version-list.ts';
import type { Library, ServedItem } from './library.ts';

/** Returns what is served. It reads every manifest, so callers keep the result. Throws as `Blobs.fetchWhole`. */
export async function overviewOf(library: Library, kit?: ServedKit): Promise<Overview> {
  const items: OverviewItem[] = [];
  for (const served of library.items) items.push(await overviewOfItem(library, served));
  return {
    holdings: library.holdings.map(({ name, type, path, root, signature, about, blobs, files }) => ({
      name,
      type,
      file: basename(path),
      root,
      signature,
      about,
      bytes: blobs.bytes,
      downloads:
        type === 'bundle'
          ? [...files.keys()].map((file) => `/bundles/${encodeURIComponent(basename(file))}`)
          : undefined,
    })),
    items,
    kit,
  };
}

async function overviewOfItem(library: Library, served: ServedItem): Promise<OverviewItem> {
  const { item } = served;
  const { kind, name, descriptor } = item;
  // Blobs that a delta leaves out must not break the page.
  const nodes = await Array.fromAsync(walkItem(library.blobs, item, { onProblem: () => undefined }));
  const bytes = nodes.reduce((sum, node) => sum + node.descriptor.size, 0);
  const base = { kind: kindOf(item), name, digest: descriptor.digest, bytes };
  if (kind === 'image')
    return { ...base, platforms: await unlessDamaged(imagePlatforms(library.blobs, nodes)) };
  const files = await unlessDamaged(library.files(served));
  return {
    ...base,
    zip: files.length > 1 ? zipPath(item) : undefined,
    files: files.map((file) => {
      const path = item.kind === 'file' ? filePath(item, file.name, files) : downloadPath(item, file.name);
      return { name: file.name, ...file.descriptor, path };
    }),
  };
}

/** A request for the item itself reports what is wrong with it. */
async function unlessDamaged<T>(list: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await list;
  } catch (error) {
    if (isSaddlebagError(error)) return [];
    throw error;
  }
}

/** Titles need not begin with the name of the item; by that name alone such a file could be another one. */
function filePath({ name }: Item, file: string, { length }: readonly unknown[]): string {
  const item = encodeURIComponent(name);
  if (length === 1 && !file.includes('/')) return `/files/${item}`;
  return file.startsWith(`${name}/`)
    ? `/files/${encodePath(file)}`
    : `/items/file/${item}/${encodePath(file)}`;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function downloadPath(item: Item, file: string): string | undefined {
  const encoded = encodePath(file);
  if (item.kind === 'chart') return `/charts/${encoded}`;
  if (item.kind === 'kubectl') return `/release/v${item.version}/bin/${item.platform}/${encoded}`;
  const tag = encodeURIComponent(item.name);
  if (item.kind === 'rancher') return `/rancher/rancher/releases/download/${tag}/${encoded}`;
  if (item.kind === 'unknown') return `/items/${item.token}/${tag}/${encoded}`;
  if (item.kind === 'k3s-versions') return file === VERSION_LIST ? `/rancher-desktop/${file}` : undefined;
  if (item.kind !== 'k3s') return undefined;
  return file === INSTALL_SCRIPT
    ? `/raw/${PROJECT}/${tag}/${encoded}`
    : `/${PROJECT}/releases/download/${tag}/${encoded}`;
}

function zipPath(item: Item): string {
  return `/zips/${encodeURIComponent(kindOf(item))}/${encodeURIComponent(item.name)}.zip`;
}
