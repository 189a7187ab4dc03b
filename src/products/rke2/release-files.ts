import type { ArtifactFile } from '../../oci/artifact.ts';
import { INSTALL_SCRIPT, sumsName } from '../distribution/asset.ts';
import { isWindowsArchive, partOf, tarballName, WINDOWS_INSTALL_SCRIPT, WINDOWS_TARBALL } from './asset.ts';

/** The files of one RKE2 release for one kind of node, by purpose. */
export interface Rke2ReleaseFiles {
  readonly tarball: ArtifactFile | undefined;
  readonly sums: ArtifactFile | undefined;
  /** Archives of images, one for each part. */
  readonly images: readonly ArtifactFile[];
  readonly installer: ArtifactFile | undefined;
}

/** Returns a release's files for a node, found by their upstream names. */
export function releaseFiles(
  files: readonly ArtifactFile[],
  { os, architecture }: { readonly os: string; readonly architecture: string },
): Rke2ReleaseFiles {
  const named = (name: string): ArtifactFile | undefined => files.find((file) => file.name === name);
  const isWindows = os === 'windows';
  return {
    tarball: named(isWindows ? WINDOWS_TARBALL : tarballName(architecture)),
    sums: named(sumsName(architecture)),
    images: files.filter(({ name }) =>
      isWindows ? isWindowsArchive(name) : partOf(name, architecture) !== undefined,
    ),
    installer: named(isWindows ? WINDOWS_INSTALL_SCRIPT : INSTALL_SCRIPT),
  };
}
