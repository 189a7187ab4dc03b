import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { isDigest } from '../../oci/digest.ts';
import { parseReference } from '../../oci/reference.ts';
import { reasonOf } from '../yaml/place.ts';
import { quote } from '../yaml/quote.ts';

/** A reference as written in an image list. */
export interface ListedReference {
  readonly text: string;
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
}

/** A line: a reference, then an optional comment. */
const COMMENT = /(?:^|\s)#.*$/;

/**
 * Returns the references of an image list, one a line, in its order, duplicates included. Both kinds of line ends, blank lines,
 * `#` comments and a missing final line end are allowed.
 *
 * @throws `ERR_LIST_INVALID` with every line that has no valid reference
 */
export function parseImageList(text: string, file: string): readonly ListedReference[] {
  const listed = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ text: line.replace(COMMENT, '').trim(), file, line: index + 1 }))
    .filter((entry) => entry.text !== '');
  const problems = listed.flatMap(problemsOf);
  if (problems.length === 0) return listed;
  throw new ProblemsError(
    'ERR_LIST_INVALID',
    `Cannot read image list ${JSON.stringify(file)}: ${formatCount(problems.length, 'line')} without a reference`,
    { problems },
  );
}

function problemsOf(entry: ListedReference): readonly SaddlebagError[] {
  try {
    parseReference(entry.text);
    return [];
  } catch (cause) {
    return [
      new SaddlebagError(
        'ERR_LIST_INVALID',
        `Cannot read reference ${quote(entry.text)} at ${entry.file}:${entry.line}: ${reasonOf(cause)}`,
        { hint: hintFor(entry.text, cause), cause },
      ),
    ];
  }
}

function hintFor(text: string, cause: unknown): string | undefined {
  if (text.startsWith('- ')) return 'An image list is plain text: one reference a line, without "- ".';
  const [, second] = text.split(/\s+/);
  if (second !== undefined && isDigest(second))
    return 'This is a line of a list of digests: name that list under imageDigests, and the one without digests here.';
  if (second !== undefined) return 'Write one reference a line, and nothing after it.';
  return cause instanceof SaddlebagError ? cause.hint : undefined;
}
