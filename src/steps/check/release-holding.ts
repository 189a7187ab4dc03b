import type { Bundle } from '../../bundle/bundle.ts';
import type { Item } from '../../bundle/format/item.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { type ArtifactFile, layerOf } from '../../oci/artifact.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { fetchDocument, verified } from '../../oci/verified.ts';
import { releaseFiles as k3sFiles } from '../../products/k3s/release-files.ts';
import { partListName, partOf } from '../../products/rke2/asset.ts';
import { releaseFiles as rke2Files } from '../../products/rke2/release-files.ts';
import { parseImageList } from '../../spec/lists/images.ts';
import { addTo, type ArchiveImages, archiveImages, findIn } from './archive-images.ts';
import type { Holding } from './holding.ts';

type Options = WaitOptions & { readonly onFinding?: ((finding: Finding) => void) | undefined };
type ReleaseItem = Extract<Item, { readonly kind: 'k3s' | 'rke2' }>;

/** An archive of images in a release. */
interface ReleaseArchive {
  readonly file: ArtifactFile;
  /** What it is for, as its name says. */
  readonly platform: string;
  /** The list of its images; left out where only the archive itself tells. */
  readonly list?: ArtifactFile | undefined;
}

/** A list has 2 kB (bytes). */
const LIST_LIMIT = 1024 * 1024;

/**
 * Returns what nodes import of the K3s and RKE2 releases in a bundle, an archive each, under the names that it gives images: no registry
 * gets them. The list beside an archive tells what is in it, else the archive does; neither is read before something is looked for.
 */
export async function releaseHoldings(bundle: Bundle, options: Options = {}): Promise<readonly Holding[]> {
  const holdings: Holding[] = [];
  for (const item of bundle.document.items)
    if (item.kind === 'k3s' || item.kind === 'rke2')
      for (const archive of archivesOf(item, await bundle.files(item, options)))
        holdings.push(archiveHolding(bundle, archive, options));
  return holdings;
}

/** Of several formats of one archive a node gets the first. */
function archivesOf(item: ReleaseItem, files: readonly ArtifactFile[]): readonly ReleaseArchive[] {
  const linux = item.architectures.flatMap((architecture) => {
    // 32-bit ARM of a release is ARMv7.
    const platform = architecture === 'arm' ? 'linux/arm/v7' : `linux/${architecture}`;
    if (item.kind === 'k3s') {
      const { images, imageList } = k3sFiles(files, architecture);
      return images.slice(0, 1).map((file) => ({ file, platform, list: imageList }));
    }
    return rke2Files(files, { os: 'linux', architecture }).images.map((file) => {
      const name = partListName(partOf(file.name, architecture) ?? '', architecture);
      return { file, platform, list: files.find((each) => each.name === name) };
    });
  });
  const windows = rke2Files(files, { os: 'windows', architecture: 'amd64' }).images;
  return [...linux, ...windows.map((file) => ({ file, platform: 'windows/amd64' }))];
}

function archiveHolding(bundle: Bundle, archive: ReleaseArchive, { signal, onFinding }: Options): Holding {
  const images: ArchiveImages = new Map();
  let reading: Promise<void> | undefined;
  return {
    name: bundle.path,
    archive: archive.file.name,
    get names() {
      return [...images.keys()];
    },
    find: async ({ reference }) => {
      await (reading ??= read(bundle, { archive, images, signal, onFinding }));
      return findIn(images, reference);
    },
  };
}

/** What cannot be read counts for nothing, and is told: what else there is may do. */
async function read(
  bundle: Bundle,
  {
    archive: { file, list, platform },
    images,
    signal,
    onFinding,
  }: Options & { readonly archive: ReleaseArchive; readonly images: ArchiveImages },
): Promise<void> {
  try {
    if (list === undefined) {
      const content = layerOf(file);
      await archiveImages(verified(bundle.fetch(content, { signal }), content), images);
      // Its name says what it is for.
      for (const platforms of images.values()) if (platforms.size === 0) platforms.add(platform);
      return;
    }
    const bytes = await fetchDocument(bundle, layerOf(list), { signal, limit: LIST_LIMIT });
    for (const { text } of parseImageList(Buffer.from(bytes).toString('utf8'), list.name))
      addTo(images, formatReference(parseReference(text)), platform);
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    onFinding?.({
      level: 'warning',
      message: `What "${file.name}" in "${bundle.path}" holds is not counted: ${error.message}`,
    });
  }
}
