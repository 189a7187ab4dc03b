import { join } from 'node:path';
import { AGENT_IMAGES } from '../../products/k3s/place.ts';

/** Returns the places of files on a node; K3s documentation, "Air-Gap Install". */
export function nodeLayout(root: string): {
  readonly bin: string;
  readonly images: string;
  readonly share: string;
} {
  return {
    bin: join(root, 'usr/local/bin'),
    images: join(root, AGENT_IMAGES),
    // Not next to the images: K3s reads every .txt there as a list of images to pull.
    share: join(root, 'usr/local/share/saddlebag/k3s'),
  };
}
