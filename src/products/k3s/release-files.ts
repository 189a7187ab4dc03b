import type { ArtifactFile } from '../../oci/artifact.ts';
import { INSTALL_SCRIPT, sumsName } from '../distribution/asset.ts';
import { archiveNames, binaryName, IMAGE_LIST } from './asset.ts';

/** The files of one K3s release for one architecture, by purpose. */
export interface K3sReleaseFiles {
  readonly executable: ArtifactFile | undefined;
  readonly sums: ArtifactFile | undefined;
  /** Airgap images, best first. */
  readonly images: readonly ArtifactFile[];
  readonly installer: ArtifactFile | undefined;
  readonly imageList: ArtifactFile | undefined;
}

/** Returns a release's files for one architecture, found by their upstream names. */
export function releaseFiles(files: readonly ArtifactFile[], architecture: string): K3sReleaseFiles {
  const named = (name: string): ArtifactFile | undefined => files.find((file) => file.name === name);
  return {
    executable: named(binaryName(architecture)),
    sums: named(sumsName(architecture)),
    images: archiveNames(architecture)
      .map(named)
      .filter((file) => file !== undefined),
    installer: named(INSTALL_SCRIPT),
    imageList: named(IMAGE_LIST),
  };
}
