import { collectBytes, equalBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { encodeSums, sumsText } from '../format/encode-sums.ts';
import { LAYOUT } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';

/**
 * Compares `SHA256SUMS` with the one that follows from `bundle.json`. It holds the root digest as well, so that a change
 * to `bundle.json` itself shows here.
 *
 * @throws `ERR_DIGEST_MISMATCH` naming the first line that differs
 */
export async function verifySums(bundle: OpenBundle, options: WaitOptions): Promise<void> {
  const { document, root, contents } = bundle;
  const size = contents.head.find(({ path }) => path === LAYOUT.sums)?.size ?? 0;
  const found = await collectBytes(bundle.archive.stream(LAYOUT.sums, options), {
    limit: size,
    onExcess: () => differs('it has more lines than that'),
  });
  let at = 0;
  let isEqual = found.length === size;
  for (const text of sumsText(document, root)) {
    const expected = Buffer.from(text);
    isEqual &&= equalBytes(found.subarray(at, at + expected.length), expected);
    at += expected.length;
  }
  if (isEqual) return;
  const lines = Buffer.from(found).toString('latin1').split('\n');
  const wanted = Buffer.from(encodeSums(document, root)).toString('latin1').split('\n');
  const wrong = wanted.map((_, index) => index).filter((index) => lines[index] !== wanted[index]);
  const first = wrong[0] ?? wanted.length;
  // A line is 64 hex digits, two spaces and the path.
  const path = wanted[first]?.slice(66) ?? '';
  throw differs(
    `${wrong.length} of ${wanted.length - 1} lines differ, the first is line ${first + 1} for "${path}"`,
  );
}

function differs(fact: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot verify "${LAYOUT.sums}": it is not the list that follows from bundle.json: ${fact}`,
    { hint: 'One of the two has changed: copy the bundle again.' },
  );
}
