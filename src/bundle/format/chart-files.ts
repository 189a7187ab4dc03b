import type { ArtifactFile } from '../../oci/artifact.ts';
import type { Index, Manifest } from '../../oci/manifest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { Item } from './item.ts';

/** Returns whether a document is the manifest of a Helm chart, whatever it is called. */
export function isChartManifest(document: Manifest | Index): document is Manifest {
  return document.type === 'manifest' && document.config.mediaType === MEDIA_TYPE.helmConfig;
}

/**
 * Returns the files of a chart, named as Helm names them: the `.tgz`, which is the layer itself, and what proves where it comes
 * from if there is that; `undefined` when the manifest is none of a chart.
 */
export function chartFiles(
  { chart, version }: Extract<Item, { readonly kind: 'chart' }>,
  manifest: Manifest | Index,
): readonly ArtifactFile[] | undefined {
  if (!isChartManifest(manifest)) return undefined;
  const name = `${chart}-${version}.tgz`;
  const [archive, ...others] = layersOf(manifest, MEDIA_TYPE.helmChart);
  if (archive === undefined || others.length > 0) return undefined;
  const [proof] = layersOf(manifest, MEDIA_TYPE.helmProvenance);
  return [
    { name, descriptor: archive },
    ...(proof === undefined ? [] : [{ name: `${name}.prov`, descriptor: proof }]),
  ];
}

function layersOf({ layers }: Manifest, mediaType: string): readonly ArtifactFile['descriptor'][] {
  return layers
    .filter((layer) => layer.mediaType === mediaType)
    .map(({ digest, size }) => ({ digest, size }));
}
