import type { Bundle } from '../../bundle/bundle.ts';
import { collectBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { verified } from '../../oci/verified.ts';
import { contentOf, type ItemOf } from '../item-files.ts';
import { desktopArchiveNames } from '../../products/k3s/asset.ts';
import { releaseFiles } from '../../products/k3s/release-files.ts';
import type { ReleaseTag } from '../../products/distribution/tag.ts';
import { parseDesktopTag } from '../../products/rancher-desktop/offer.ts';
import { parseSumsFile, SUMS_FILE_LIMIT } from './sums-file.ts';
import { sumOf } from './sum-of.ts';

/** A K3s release in the bundle that Rancher Desktop will accept. */
export interface CarriedVersion {
  readonly item: ItemOf<'k3s'>;
  readonly tag: ReleaseTag;
  readonly executable: ArtifactFile;
  /** Every images file that Rancher Desktop reads, in its order. */
  readonly images: readonly ArtifactFile[];
  readonly sums: ArtifactFile;
  readonly digests: ReadonlyMap<string, Digest>;
  /** The release's list of images, if the bundle has it. */
  readonly imageList: string | undefined;
}

/**
 * Returns a release as it will be in the cache, after checking for anything Rancher Desktop would reject.
 *
 * @throws `ERR_TARGET_REFUSED` when it would be rejected; what `verified` throws
 */
export async function carriedVersion(
  bundle: Bundle,
  item: ItemOf<'k3s'>,
  options: WaitOptions & { readonly architecture: string },
): Promise<CarriedVersion> {
  const { architecture } = options;
  const tag = parseDesktopTag(item.name);
  if (tag === undefined) throw refused(item.name, 'its name is not of the form "v1.30.6+k3s1"');
  const files = releaseFiles(await bundle.files(item, options), architecture);
  const { executable, sums } = files;
  const images = files.images.filter((file) => desktopArchiveNames(architecture).includes(file.name));
  if (executable === undefined) throw refused(tag.tag, `the bundle has no executable for ${architecture}`);
  if (sums === undefined) throw refused(tag.tag, `the bundle has no sums file for ${architecture}`);
  if (images.length === 0)
    throw refused(tag.tag, `the bundle has no "${desktopArchiveNames(architecture).join('" or "')}"`);
  const digests = parseSumsFile(await textOf(bundle, sums, options));
  for (const file of [executable, ...images]) {
    if (sumOf(digests, file.name, sums.name) !== file.descriptor.digest)
      throw refused(tag.tag, `"${file.name}" does not match its line in "${sums.name}"`);
  }
  const imageList = files.imageList && (await textOf(bundle, files.imageList, options));
  return { item, tag, executable, images, sums, digests, imageList };
}

async function textOf(bundle: Bundle, file: ArtifactFile, options: WaitOptions): Promise<string> {
  const bytes = await collectBytes(verified(contentOf(bundle, file, options), file.descriptor), {
    limit: SUMS_FILE_LIMIT,
    onExcess: () =>
      new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot read "${file.name}": it is larger than any real one`),
  });
  return new TextDecoder().decode(bytes);
}

function refused(name: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_TARGET_REFUSED', `Cannot place K3s "${name}" for Rancher Desktop: ${fact}`, {
    hint: 'Build the bundle again, with "rancherDesktop" in its spec.',
  });
}
