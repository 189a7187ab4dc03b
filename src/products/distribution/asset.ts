/** What releases of K3s and RKE2 have in common. */

/** Not a release asset: it is in the repository at the tag. */
export const INSTALL_SCRIPT = 'install.sh';

const SUMS_PREFIX = 'sha256sum-';

/** Returns the name of the release's own checksums. */
export function sumsName(architecture: string): string {
  return `${SUMS_PREFIX}${architecture}.txt`;
}

/** Returns whether a file name is that of a release's checksums. */
export function isSumsName(name: string): boolean {
  return name.startsWith(SUMS_PREFIX);
}
