import type { RawEntry } from '../archives/raw-tar.ts';
import type { SampleImage } from './sample-image.ts';
import { layeredImage, listOf } from './openshift-release.ts';

/** A document of a file-based catalog (operator-registry, `alpha/declcfg/declcfg.go`). */
export type CatalogDocument = Readonly<Record<string, unknown>>;

export function olmPackage(name: string, defaultChannel?: string): CatalogDocument {
  const icon = { base64data: 'eyJ9Ig==', mediatype: 'image/svg+xml' };
  return { schema: 'olm.package', name, defaultChannel, icon, description: 'Braces } in "quotes" \\' };
}

/** Entries are `newer`, `newer > older` or `newer > older - skipped - skipped`. */
export function olmChannel(own: string, name: string, ...entries: readonly string[]): CatalogDocument {
  const decoded = entries.map((text) => {
    const [head = '', ...skips] = text.split(' - ');
    const [newer = '', older] = head.split(' > ');
    return {
      name: newer,
      replaces: older,
      skips: skips.length === 0 ? undefined : skips,
      skipRange: '<9.0.0',
    };
  });
  return { schema: 'olm.channel', package: own, name, entries: decoded };
}

/** A bundle called `package.vVERSION`. */
export function olmBundle(own: string, version: string, images: readonly string[] = []): CatalogDocument {
  const [image = `quay.io/lab/${own}-bundle@sha256:${'0'.repeat(64)}`] = images;
  return {
    schema: 'olm.bundle',
    package: own,
    name: `${own}.v${version}`,
    image,
    properties: [
      { type: 'olm.gvk', value: { group: 'lab', kind: 'X', version: 'v1' } },
      { type: 'olm.package', value: { packageName: own, version } },
    ],
    relatedImages: images.map((each, index) => ({ name: String(index), image: each })),
  };
}

/** Returns documents as `opm render` writes them. */
export function rendered(...documents: readonly CatalogDocument[]): string {
  return documents.map((document) => `${JSON.stringify(document, null, 4)}\n`).join('');
}

export interface SampleCatalog {
  /** Layers from the lowest up: files of `/configs`, by path there. A path that starts with a slash is meant from the top. */
  readonly layers: readonly Readonly<Record<string, string>>[];
  readonly format?: 'oci' | 'docker';
  readonly architectures?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

export const CATALOG_LABEL = 'operators.operatorframework.io.index.configs.v1';

/** Returns a catalog image. */
export function catalogImage({
  layers,
  format,
  architectures = ['amd64'],
  labels,
}: SampleCatalog): SampleImage {
  const contents = layers.map((files) =>
    Object.entries(files).map(([path, bytes]): RawEntry => ({
      path: path.startsWith('/') ? path.slice(1) : `configs/${path}`,
      bytes,
    })),
  );
  const imageFor = (architecture: string): SampleImage =>
    layeredImage({
      layers: [[{ path: 'bin/opm', bytes: `opm for ${architecture}` }], ...contents],
      architecture,
      labels: labels ?? { [CATALOG_LABEL]: '/configs' },
      config: { Entrypoint: ['/bin/opm'], Cmd: ['serve', '/configs', '--cache-dir=/tmp/cache'] },
      ...(format === undefined ? {} : { format }),
    });
  const [only = 'amd64', ...others] = architectures;
  return others.length === 0
    ? imageFor(only)
    : listOf(Object.fromEntries(architectures.map((each) => [each, imageFor(each)])));
}
