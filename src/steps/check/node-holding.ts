import { join } from 'node:path';
import { namesIn } from '../../disk/names.ts';
import { streamFile } from '../../disk/stream-file.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { AGENT_IMAGES as K3S_IMAGES } from '../../products/k3s/place.ts';
import { AGENT_IMAGES as RKE2_IMAGES } from '../../products/rke2/place.ts';
import { type ArchiveImages, archiveImages, findIn } from './archive-images.ts';
import type { Holding } from './holding.ts';

const ARCHIVE = /\.(?:tar|tar\.gz|tgz|tar\.zst|tzst)$/;
/** What K3s imports as well, and this program does not read. */
const OTHER = /\.(?:tar\.lz4|tar\.bz2|tbz)$/;

/** Returns what a K3s or RKE2 node imports at its start: the archives under its root folder. */
export async function nodeHolding(
  root: string,
  { signal, onFinding }: WaitOptions & { readonly onFinding?: ((finding: Finding) => void) | undefined } = {},
): Promise<Holding> {
  const images: ArchiveImages = new Map();
  for (const folder of [K3S_IMAGES, RKE2_IMAGES].map((place) => join(root, place)))
    for (const name of await namesIn(folder)) {
      const path = join(folder, name);
      const warn = (fact: string): void =>
        onFinding?.({ level: 'warning', message: `What "${path}" holds is not counted: ${fact}` });
      if (OTHER.test(name)) warn('it is compressed in a way that is not read here');
      if (ARCHIVE.test(name)) await readArchive(path, { images, signal, warn });
    }
  return {
    name: root,
    names: [...images.keys()],
    find: async ({ reference }) => findIn(images, reference),
  };
}

async function readArchive(
  path: string,
  options: WaitOptions & {
    readonly images: ArchiveImages;
    readonly warn: (fact: string) => void;
  },
): Promise<void> {
  const { images, signal, warn } = options;
  try {
    await archiveImages(streamFile(path, { signal }), images);
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_ARCHIVE_INVALID')) throw error;
    warn(error.message);
  }
}
