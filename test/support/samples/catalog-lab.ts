import { openBundle } from '../../../src/bundle/open.ts';
import type { Manifest } from '../../../src/oci/manifest.ts';
import { fetchManifestDocument } from '../../../src/oci/documents.ts';
import { layerEntries } from '../../../src/oci/layer/entries.ts';
import { fetchDocument } from '../../../src/oci/verified.ts';
import type { OpenshiftSite } from '../sites/openshift-site.ts';
import {
  catalogImage,
  type CatalogDocument,
  olmBundle,
  olmChannel,
  olmPackage,
  rendered,
  type SampleCatalog,
} from './catalog.ts';
import { layeredImage } from './openshift-release.ts';
import type { SampleImage } from './sample-image.ts';

export const CATALOG = 'quay.io/lab/index:v4.20';

/** Puts an image at quay.io, and returns its reference by digest. */
export async function seedImage(site: OpenshiftSite, name: string, tag?: string): Promise<string> {
  const image = layeredImage({ layers: [[{ path: 'manifests/csv.yaml', bytes: name }]] });
  await site.quay.seed(`lab/${name}`, image, tag);
  return `quay.io/lab/${name}@${image.root.digest}`;
}

/** Puts a catalog there; returns its image. */
export async function seedCatalog(
  site: OpenshiftSite,
  catalog: SampleCatalog,
  tag = 'v4.20',
): Promise<SampleImage> {
  const image = catalogImage(catalog);
  await site.quay.seed('lab/index', image, tag);
  return image;
}

/**
 * Documents of two operators whose images are at quay.io: `etcd`, with channels `stable` (2.0.0 over 1.0.0) and `alpha` (2.0.0), and
 * `argo`, with `stable` (1.0.0).
 */
export async function labDocuments(site: OpenshiftSite): Promise<{
  readonly etcd: readonly CatalogDocument[];
  readonly argo: readonly CatalogDocument[];
  /** References by name: `etcd-1`, `etcd-2`, `argo-1`, and `shared`. */
  readonly images: Readonly<Record<string, string>>;
}> {
  const names = ['etcd-1', 'etcd-2', 'argo-1', 'shared'];
  const seeded = await Promise.all(
    names.map(async (name): Promise<readonly [string, string]> => [name, await seedImage(site, name)]),
  );
  const images: Record<string, string> = Object.fromEntries(seeded);
  const of = (...own: readonly string[]): readonly string[] => own.map((name) => images[name] ?? '');
  return {
    images,
    etcd: [
      olmPackage('etcd', 'stable'),
      olmChannel('etcd', 'stable', 'etcd.v2.0.0 > etcd.v1.0.0', 'etcd.v1.0.0'),
      olmChannel('etcd', 'alpha', 'etcd.v2.0.0'),
      olmBundle('etcd', '1.0.0', of('etcd-1', 'shared')),
      olmBundle('etcd', '2.0.0', of('etcd-2', 'shared')),
      {
        schema: 'olm.deprecations',
        package: 'etcd',
        entries: [
          { reference: { schema: 'olm.bundle', name: 'etcd.v1.0.0' }, message: 'old' },
          { reference: { schema: 'olm.channel', name: 'alpha' }, message: 'early' },
          { reference: { schema: 'olm.package' }, message: 'all' },
        ],
      },
      { schema: 'lab.note', package: 'etcd', text: 'of another program' },
    ],
    argo: [
      olmPackage('argo', 'stable'),
      olmChannel('argo', 'stable', 'argo.v1.0.0'),
      olmBundle('argo', '1.0.0', of('argo-1')),
    ],
  };
}

/** Puts the catalog of {@link labDocuments} there, each operator in a folder. */
export async function seedLab(
  site: OpenshiftSite,
  rest: Partial<SampleCatalog> = {},
): Promise<{
  readonly catalog: SampleImage;
  readonly images: Readonly<Record<string, string>>;
}> {
  const { etcd, argo, images } = await labDocuments(site);
  const layers = [{ 'etcd/catalog.json': rendered(...etcd), 'argo/catalog.json': rendered(...argo) }];
  return { catalog: await seedCatalog(site, { layers, ...rest }), images };
}

/** A catalog in a bundle. */
export interface CatalogInBundle {
  readonly manifest: Manifest;
  readonly config: Record<string, unknown>;
  /** Texts of its highest layer by path; `undefined` for a folder. */
  readonly top: ReadonlyMap<string, string | undefined>;
  /** That layer. */
  readonly layer: Uint8Array;
}

/** Reads a catalog of a bundle, of an index the image at a place. */
export async function catalogIn(
  path: string,
  { name = CATALOG, child = 0 }: { readonly name?: string; readonly child?: number } = {},
): Promise<CatalogInBundle> {
  await using bundle = await openBundle(path);
  const item = bundle.document.items.find((each) => each.name === name);
  if (item === undefined) throw new Error(`no item "${name}"`);
  const root = await fetchManifestDocument(item.descriptor, { from: bundle });
  const chosen = root.type === 'index' ? root.manifests[child] : undefined;
  const manifest = chosen === undefined ? root : await fetchManifestDocument(chosen, { from: bundle });
  const last = manifest.type === 'manifest' ? manifest.layers.at(-1) : undefined;
  if (manifest.type === 'index' || last === undefined) throw new Error('no image');
  const top = new Map<string, string | undefined>();
  for await (const entry of layerEntries(bundle.fetch(last), { bytes: 1e9, entries: 1000 })) {
    const content = Buffer.concat(await Array.fromAsync(entry.content)).toString('utf8');
    top.set(entry.path, entry.type === 'folder' ? undefined : content);
  }
  const limit = 64 * 1024 * 1024;
  const config = await fetchDocument(bundle, manifest.config, { limit });
  return {
    manifest,
    config: JSON.parse(Buffer.from(config).toString('utf8')),
    top,
    layer: await fetchDocument(bundle, last, { limit }),
  };
}

/** Returns the documents of a JSON file of a catalog, one a line at its end. */
export function documentsIn(text: string | undefined): readonly Record<string, unknown>[] {
  // Each document ends where a line is a closing brace alone, or where it has one line.
  return (text ?? '')
    .split(/(?<=^\})\n|(?<=^\{.*\})\n/m)
    .filter((each) => each.trim() !== '')
    .map((each) => JSON.parse(each));
}
