import { isChartManifest } from '../../bundle/format/chart-files.ts';
import type { ChartImage, Item, PlannedBlob, PlannedItem } from '../../bundle/format/item.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { ANNOTATION } from '../../oci/annotation.ts';
import { type Descriptor, encodeDescriptor } from '../../oci/descriptor.ts';
import { digestOf } from '../../oci/digest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { Reference } from '../../oci/reference.ts';
import type { ChartMetadata } from './metadata.ts';
import { decodeChartConfig, encodeChartConfig } from './metadata.ts';
import { type FetchedManifest, graphOf } from '../images/graph.ts';
import type { SourceContext } from '../source.ts';

type ChartItem = Extract<Item, { readonly kind: 'chart' }>;

/** A packed chart in memory. */
export interface PackedChart {
  readonly bytes: Uint8Array;
  readonly metadata: ChartMetadata;
  /** Its `Chart.yaml`. */
  readonly yaml: string;
}

/**
 * Returns the item of a packed chart: the manifest that `helm push` would make of it, without the time of the push. Its layer
 * is the packed chart itself, so both share one blob.
 */
export function planPackedChart(
  name: string,
  { bytes, metadata, yaml }: PackedChart,
  images: readonly ChartImage[],
): PlannedItem {
  const config = blobOf(MEDIA_TYPE.helmConfig, encodeChartConfig(yaml));
  const layer = blobOf(MEDIA_TYPE.helmChart, bytes);
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    config: encodeDescriptor(config.descriptor),
    layers: [encodeDescriptor(layer.descriptor)],
    annotations: {
      [ANNOTATION.title]: metadata.name,
      'org.opencontainers.image.version': metadata.version,
    },
  };
  const root = blobOf(MEDIA_TYPE.ociManifest, Buffer.from(JSON.stringify(manifest)));
  return { item: chartItem(name, { root: root.descriptor, metadata, images }), blobs: [config, layer, root] };
}

/**
 * Returns the item of a chart that is in a registry, byte for byte. Without `images`, it was not searched for images.
 *
 * @throws `ERR_DOCUMENT_INVALID`
 */
export async function planPushedChart(
  name: string,
  chart: {
    readonly reference: Reference;
    readonly root: FetchedManifest;
    readonly images?: readonly ChartImage[] | undefined;
  },
  context: SourceContext,
): Promise<PlannedItem> {
  const { reference, root, images } = chart;
  const { document, descriptor } = root;
  if (!isChartManifest(document)) {
    throw new SaddlebagError(
      'ERR_DOCUMENT_INVALID',
      `Cannot resolve chart "${name}": what is there is not a Helm chart`,
      { hint: 'An image belongs under "images".' },
    );
  }
  const config = await context.images.document(reference, document.config, context);
  const metadata = decodeChartConfig(config, `chart "${name}"`);
  const blobs = await graphOf(reference, root, context);
  return { item: chartItem(name, { root: descriptor, metadata, images }), blobs };
}

function chartItem(
  name: string,
  parts: {
    readonly root: Descriptor;
    readonly metadata: ChartMetadata;
    readonly images?: readonly ChartImage[] | undefined;
  },
): ChartItem {
  const { root, metadata, images } = parts;
  const { mediaType, digest, size } = root;
  return {
    kind: 'chart',
    name,
    descriptor: { mediaType, digest, size },
    audience: ['files', 'registry'],
    chart: metadata.name,
    version: metadata.version,
    images: images?.map((image) => ({ name: image.name, methods: image.methods })),
  };
}

function blobOf(mediaType: string, bytes: Uint8Array): PlannedBlob {
  return {
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length },
    origin: { type: 'bytes', bytes },
  };
}
