import { readWhole } from '../format/read-whole.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { type ForeignRows, parseForeignRows } from '../../internal/foreign-json.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { DOCUMENT_LIMIT } from '../format/decode.ts';
import type { OpenBundle } from '../bundle.ts';

/**
 * Returns what a file of the head says that other programs read.
 *
 * @throws `ERR_BUNDLE_INVALID` when it is too large, no JSON, or could be read in two ways; what reading throws
 */
export async function readHeadJson(bundle: OpenBundle, path: string, options: WaitOptions): Promise<unknown> {
  return (await readHeadRows(bundle, path, options)).value;
}

/** Returns the same, but for the values of some lists, which are parsed as they are asked for. */
export async function readHeadRows(
  bundle: OpenBundle,
  path: string,
  options: WaitOptions & { readonly lists?: readonly string[] | undefined },
): Promise<ForeignRows> {
  const invalid = (fact: string, cause?: unknown): SaddlebagError =>
    new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot read "${path}": ${fact}`, { cause });
  const bytes = await readWhole(bundle.archive, path, {
    signal: options.signal,
    limit: DOCUMENT_LIMIT,
    onExcess: () => invalid(`it is larger than the ${DOCUMENT_LIMIT} bytes allowed`),
  });
  return parseForeignRows(bytes, { limit: DOCUMENT_LIMIT, fail: invalid, lists: options.lists });
}
