import type { ArtifactFile } from '../../oci/artifact.ts';
import type { Index, Manifest } from '../../oci/manifest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { Item } from './item.ts';

/**
 * Returns whether a document is the manifest of a Helm chart, whatever its name: the chart, perhaps its provenance
 * file, and nothing else (Helm, "Use OCI-based registries").
 */
export function isChartManifest(document: Manifest | Index): document is Manifest {
  if (document.type === 'index' || document.config.mediaType !== MEDIA_TYPE.helmConfig) return false;
  const count = (mediaType: string): number => layersOf(document, mediaType).length;
  const [charts, proofs] = [count(MEDIA_TYPE.helmChart), count(MEDIA_TYPE.helmProvenance)];
  return charts === 1 && proofs <= 1 && document.layers.length === charts + proofs;
}

/**
 * Returns the files of a chart, named as Helm names them: the `.tgz`, which is the layer itself, and its provenance file
 * if there is one; `undefined` when the manifest is not that of a chart.
 */
export function chartFiles(
  { chart, version }: Extract<Item, { readonly kind: 'chart' }>,
  manifest: Manifest | Index,
): readonly ArtifactFile[] | undefined {
  if (!isChartManifest(manifest)) return undefined;
  const name = `${chart}-${version}.tgz`;
  const named = (mediaType: string, own: string): readonly ArtifactFile[] =>
    layersOf(manifest, mediaType).map((descriptor) => ({ name: own, descriptor }));
  return [...named(MEDIA_TYPE.helmChart, name), ...named(MEDIA_TYPE.helmProvenance, `${name}.prov`)];
}

function layersOf({ layers }: Manifest, mediaType: string): readonly ArtifactFile['descriptor'][] {
  return layers
    .filter((layer) => layer.mediaType === mediaType)
    .map(({ digest, size }) => ({ digest, size }));
}
