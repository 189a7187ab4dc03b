import { SaddlebagError } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import { digestFromHex } from './checksum.ts';

/**
 * Two spaces in text mode, a space and `*` in binary mode (GNU coreutils, "sha256sum"); some release scripts write one space.
 * Lines that GNU escapes with a backslash are refused: no upstream of ours has such names.
 */
const LINE = /^([0-9A-Fa-f]+)(?: {1,2}| \*)([^ *\\].*)$/;

/**
 * Returns the digest of each file listed in a `sha256sum` file. `where` names the sums file in messages.
 *
 * @throws `ERR_DOCUMENT_INVALID` when a line has another form, or two lines disagree
 */
export function parseSums(bytes: Uint8Array, where: string): ReadonlyMap<string, Digest> {
  const sums = new Map<string, Digest>();
  for (const [index, line] of Buffer.from(bytes).toString('utf8').split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [, hex = '', name = ''] = LINE.exec(line) ?? [];
    const digest = digestFromHex(hex);
    if (digest === undefined) throw invalid(where, `line ${index + 1} is not a checksum and a name`);
    if (sums.get(name) !== undefined && sums.get(name) !== digest)
      throw invalid(where, `line ${index + 1} names ${JSON.stringify(name)} again, with another checksum`);
    sums.set(name, digest);
  }
  return sums;
}

/** Returns the error for a sums file without a line for a file it should cover. */
export function missingSum(file: string, where: string): SaddlebagError {
  return new SaddlebagError('ERR_CHECKSUM_MISSING', `Cannot check "${file}": "${where}" has no line for it`, {
    hint: 'The release is incomplete upstream: choose another build of it.',
  });
}

function invalid(where: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read checksums of "${where}": ${fact}`);
}
