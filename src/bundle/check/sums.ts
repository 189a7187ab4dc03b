import { collectBytes, equalBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { Lease } from '../../internal/lease.ts';
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
  const { document, root } = bundle;
  if (await isAsExpected(bundle, options)) return;
  const lines = textOf(await readSums(bundle, options)).split('\n');
  const wanted = textOf(encodeSums(document, root)).split('\n');
  const wrong = wanted.map((_, index) => index).filter((index) => lines[index] !== wanted[index]);
  const first = wrong[0] ?? wanted.length;
  // A line is 64 hex digits, two spaces and the path.
  const path = wanted[first]?.slice(66) ?? '';
  throw differs(
    `${wrong.length} of ${wanted.length - 1} lines differ, the first is line ${first + 1} for "${path}"`,
  );
}

/** Nearly always it is right, and then neither of the two need be in memory whole. */
async function isAsExpected(
  { archive, document, root }: OpenBundle,
  { signal }: WaitOptions,
): Promise<boolean> {
  const lease = new Lease({ chunks: 1 });
  const expected = sumsText(document, root).map((text) => Buffer.from(text));
  let rest: Uint8Array = new Uint8Array();
  try {
    for await (const chunk of archive.stream(LAYOUT.sums, { lease, signal })) {
      for (let at = 0; at < chunk.length;) {
        if (rest.length === 0) rest = expected.next().value ?? rest;
        const count = Math.min(rest.length, chunk.length - at);
        if (count === 0 || !equalBytes(chunk.subarray(at, at + count), rest.subarray(0, count))) return false;
        rest = rest.subarray(count);
        at += count;
      }
    }
    return rest.length === 0 && expected.every((piece) => piece.length === 0);
  } finally {
    lease.end();
  }
}

async function readSums({ archive, contents }: OpenBundle, options: WaitOptions): Promise<Uint8Array> {
  return await collectBytes(archive.stream(LAYOUT.sums, options), {
    limit: contents.head.find(({ path }) => path === LAYOUT.sums)?.size ?? 0,
    onExcess: () => differs('it has more lines than that'),
  });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function differs(fact: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot verify "${LAYOUT.sums}": it is not the list that follows from bundle.json: ${fact}`,
    { hint: 'One of the two has changed: copy the bundle again.' },
  );
}
