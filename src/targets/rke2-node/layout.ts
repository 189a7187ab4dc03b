import { join } from 'node:path';
import { AGENT_IMAGES } from '../../products/rke2/place.ts';

/** Returns the places of files on a node; RKE2 documentation, "Air-Gap Install". */
export function nodeLayout(root: string): { readonly images: string; readonly artifacts: string } {
  return {
    images: join(root, AGENT_IMAGES),
    // For INSTALL_RKE2_ARTIFACT_PATH. Some systems have a read-only /usr/local.
    artifacts: join(root, 'var/lib/saddlebag/rke2'),
  };
}
