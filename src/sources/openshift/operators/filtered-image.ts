import type { PlannedBlob, PlannedItem } from '../../../bundle/format/item.ts';
import { isRecord } from '../../../internal/json.ts';
import { uniqueBy } from '../../../internal/order.ts';
import { ANNOTATION } from '../../../oci/annotation.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { digestOf, hexOf } from '../../../oci/digest.ts';
import { MEDIA_TYPE } from '../../../oci/media-type.ts';
import { formatReference } from '../../../oci/reference.ts';
import { CATALOG_LABEL } from '../../../products/openshift/catalog/label.ts';
import { entriesOf, narrowIndex } from '../../images/narrow-index.ts';
import { type CatalogImage, noCatalog } from './catalog-image.ts';
import type { FilteredLayer } from './filtered-layer.ts';
import type { OperatorsPart } from './part.ts';

type Json = Readonly<Record<string, unknown>>;

/** An image for one platform with its documents replaced. */
interface MadeChild {
  readonly descriptor: Descriptor;
  readonly blobs: readonly PlannedBlob[];
}

/**
 * Returns the item of a filtered catalog: the catalog's image with a layer on top that has only what was selected, and a command
 * that reads it. The same catalog and the same wish give the same bytes.
 */
export function planFilteredCatalog(
  image: CatalogImage,
  layer: FilteredLayer,
  part: Pick<OperatorsPart, 'targetCatalog' | 'targetTag'>,
): PlannedItem {
  const children = image.children.map((child) => madeChild(image, child, layer));
  const made = new Map(
    image.children.map(({ manifest }, index) => [manifest.descriptor.digest, children[index]]),
  );
  const root = image.root.document.type === 'index' ? madeIndex(image, made) : undefined;
  const blobs = [...children.flatMap((child) => child.blobs), ...(root === undefined ? [] : [root])];
  const { mediaType, digest, size } = (root ?? blobs.at(-1) ?? missing(image)).descriptor;
  const { registry, repository, tag } = image.reference;
  const at = placeOf(image, part, hexOf(digest));
  return {
    item: {
      kind: 'image',
      // The digest of the catalog as it was is not that of this one.
      name: tag === undefined ? image.name : formatReference({ registry, repository, tag }),
      descriptor: { mediaType, digest, size },
      audience: ['registry'],
      at: at === undefined ? undefined : [at],
    },
    blobs: uniqueBy(blobs, ({ descriptor }) => descriptor.digest),
    isMade: true,
  };
}

/** A catalog named by digest alone gets a tag as oc-mirror gives it, because nobody knows its new digest. */
function placeOf(
  { reference }: CatalogImage,
  { targetCatalog, targetTag }: Pick<OperatorsPart, 'targetCatalog' | 'targetTag'>,
  hex: string,
): string | undefined {
  if (targetCatalog === undefined && targetTag === undefined && reference.tag !== undefined) return undefined;
  return `${targetCatalog ?? reference.repository}:${targetTag ?? reference.tag ?? `sha256-${hex}`}`;
}

function madeChild(
  { name, reference, root, folder }: CatalogImage,
  { manifest, config }: CatalogImage['children'][number],
  layer: FilteredLayer,
): MadeChild {
  const { document, bytes } = manifest;
  const isDocker = document.mediaType === MEDIA_TYPE.dockerManifest;
  const added = { mediaType: isDocker ? MEDIA_TYPE.dockerLayer : MEDIA_TYPE.ociLayer, ...layer.descriptor };
  const newConfig = planJson(
    document.config.mediaType,
    configWith(config, { name, folder, source: root, layer }),
  );
  const written: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  if (!isRecord(written) || !isRecord(written['config']) || !Array.isArray(written['layers']))
    throw noCatalog(name, 'its manifest has no config or no layers');
  const { digest, size } = newConfig.descriptor;
  const layers: readonly unknown[] = written['layers'];
  const made = planJson(document.mediaType, {
    ...written,
    config: { ...written['config'], digest, size },
    layers: [...layers, added],
  });
  const upstream = { type: 'registry', reference } as const;
  return {
    descriptor: made.descriptor,
    blobs: [
      newConfig,
      ...document.layers.map((descriptor) => ({ descriptor, origin: upstream })),
      { descriptor: added, origin: layer.origin },
      made,
    ],
  };
}

/** A cache of the whole catalog would be stale: the new command names none (oc-mirror, `internal/pkg/imagebuilder`). */
function configWith(
  config: Json,
  about: {
    readonly name: string;
    readonly folder: string;
    readonly source: CatalogImage['root'];
    readonly layer: FilteredLayer;
  },
): Json {
  const { name, folder, source, layer } = about;
  const { config: own, rootfs, history } = config;
  if (!isRecord(own) || !isRecord(rootfs) || !Array.isArray(rootfs['diff_ids']))
    throw noCatalog(name, 'its config has no layers');
  const labels = isRecord(own['Labels']) ? own['Labels'] : {};
  const before: readonly unknown[] = rootfs['diff_ids'];
  const steps: readonly unknown[] | undefined = Array.isArray(history) ? history : undefined;
  return {
    ...config,
    config: {
      ...own,
      Cmd: ['serve', `/${folder}`],
      Labels: {
        ...labels,
        [CATALOG_LABEL]: `/${folder}`,
        [ANNOTATION.sourceDigest]: source.descriptor.digest,
      },
    },
    rootfs: { ...rootfs, diff_ids: [...before, layer.descriptor.digest] },
    history: steps && [...steps, { created_by: `saddlebag: /${folder} of chosen operators` }],
  };
}

function madeIndex({ root }: CatalogImage, made: ReadonlyMap<string, MadeChild | undefined>): PlannedBlob {
  const kept = entriesOf(root).flatMap((written) => {
    const child = made.get(String(written['digest']));
    if (child === undefined) return [];
    const { digest, size } = child.descriptor;
    return [{ written: { ...written, digest, size } }];
  });
  const { descriptor, bytes } = narrowIndex(root, kept);
  return { descriptor, origin: { type: 'bytes', bytes } };
}

function planJson(mediaType: string, value: Json): PlannedBlob {
  const bytes = Buffer.from(JSON.stringify(value));
  return {
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length },
    origin: { type: 'bytes', bytes },
  };
}

function missing({ name }: CatalogImage): never {
  throw noCatalog(name, 'it is no image');
}
