import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import { reasonOf } from '../yaml/place.ts';
import { quote } from '../yaml/quote.ts';

/** Full reference → the digest it must have. */
export type ImageDigests = ReadonlyMap<string, Digest>;

const COMMENT = /(?:^|\s)#.*$/;

/**
 * Decodes a list of digests, such as Rancher's `rancher-images-digests-linux.txt`: a reference and its digest a line. A line
 * without a digest is skipped: the digest was unknown when the list was made.
 *
 * @throws `ERR_LIST_INVALID` with every line that has another form or contradicts an earlier one
 */
export function parseImageDigests(text: string, file: string): ImageDigests {
  const digests = new Map<string, Digest>();
  const problems: SaddlebagError[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const written = line.replace(COMMENT, '').trim();
    if (written === '') continue;
    const fault = addLine(digests, written);
    if (fault !== undefined) problems.push(invalid(written, `${file}:${index + 1}`, fault));
  }
  if (problems.length === 0) return digests;
  throw new ProblemsError(
    'ERR_LIST_INVALID',
    `Cannot read list of digests ${JSON.stringify(file)}: ${formatCount(problems.length, 'problem')}`,
    { problems },
  );
}

/** Returns what is wrong with a line. */
function addLine(digests: Map<string, Digest>, line: string): string | undefined {
  const [text = '', digest, ...rest] = line.split(/\s+/);
  if (rest.length > 0) return 'it is not a reference and a digest';
  try {
    const name = formatReference(parseReference(text));
    if (digest === undefined) return undefined;
    if (!isDigest(digest)) return `${quote(digest)} is not a sha256 digest`;
    const known = digests.get(name);
    if (known !== undefined && known !== digest) return `an earlier line says "${known}"`;
    digests.set(name, digest);
    return undefined;
  } catch (error) {
    if (error instanceof SaddlebagError) return reasonOf(error);
    throw error;
  }
}

function invalid(line: string, place: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_LIST_INVALID', `Cannot read digest ${quote(line)} at ${place}: ${fact}`);
}
