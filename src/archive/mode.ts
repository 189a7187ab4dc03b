/** Read permission of the owner (stat(2)); below it, the bits that run a file with the rights of its owner or group. */
const OWNER_READS = 0o400;
const SET_ID = 0o6000;

/**
 * Returns what is wrong with the mode of an entry: the user who unpacks it must be able to read it, and it may not be
 * setuid or setgid.
 */
export function faultOfMode(mode: number, options: { readonly isFolder?: boolean } = {}): string | undefined {
  if ((mode & OWNER_READS) === 0) return 'its mode keeps its owner from reading it';
  const isSetId = options.isFolder !== true && (mode & SET_ID) !== 0;
  return isSetId ? 'its mode lets it run with the rights of its owner' : undefined;
}
