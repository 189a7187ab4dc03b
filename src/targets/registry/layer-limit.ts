import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import type { GraphNode } from '../../oci/graph.ts';
import type { Registry } from '../../oci/roles.ts';

/** Returns how many layers the largest manifest of an image has. */
export function layersOf(nodes: readonly GraphNode[]): number {
  const counts = nodes.map(({ document }) => (document?.type === 'manifest' ? document.layers.length : 0));
  return counts.reduce((most, count) => Math.max(most, count), 0);
}

/**
 * Makes sure that a registry takes images of so many layers: some say that they do not only after all of them were sent.
 *
 * @throws `ERR_TARGET_REFUSED` naming every image that has too many
 */
export function requireFewLayers(
  { host, layerLimit = Infinity }: Registry,
  images: readonly { readonly name: string; readonly layers: number }[],
): void {
  const large = images.filter(({ layers }) => layers > layerLimit);
  if (large.length === 0) return;
  const names = large.map(({ name, layers }) => `"${name}" with ${layers}`).join(', ');
  throw new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot push ${formatCount(large.length, 'image')} to "${host}": it takes ${layerLimit} layers in an image at most (${names})`,
    {
      hint: 'Build the bundle without them (excludeImages), or push it whole with "bundle push", which keeps below that.',
    },
  );
}
