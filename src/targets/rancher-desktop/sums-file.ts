import ssri from 'ssri';
import { isDigest, type Digest } from '../../oci/digest.ts';

/** Sums files have a handful of short lines; a larger file (bytes) is something else. */
export const SUMS_FILE_LIMIT: number = 64 * 1024;
/** Hex digits of a SHA-256. */
const SHA256_LENGTH = 64;

/**
 * Returns the digests in a K3s sums file by file name, parsed as Rancher Desktop does (`k3sHelper.ts`,
 * `verifyChecksums`): hex digits, blanks, and the rest of the line is the name. The `*` of binary mode and a leading
 * `./` therefore become part of the name, and such a line matches no file. The last line for a name wins.
 */
export function parseSumsFile(text: string): ReadonlyMap<string, Digest> {
  const digests = new Map<string, Digest>();
  for (const line of text.split(/[\r\n]+/)) {
    const [, hex, name] = /^\s*([0-9a-f]+)\s+(.*)/i.exec(line) ?? [];
    if (hex === undefined || name === undefined) continue;
    const digest = hex.length === SHA256_LENGTH && `sha256:${ssri.fromHex(hex, 'sha256').hexDigest()}`;
    // A digest of another length matches no file, and must override an earlier line for the name.
    if (isDigest(digest)) digests.set(name, digest);
    else digests.delete(name);
  }
  return digests;
}
