import { collectBytes } from '../../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { DOCUMENT_LIMIT } from '../format/decode.ts';
import { LAYOUT } from '../format/layout.ts';
import { openBundle } from '../open.ts';

/**
 * Returns the root of the bundle on the disk when it is another one than the parity file is of, and not a damaged one: its
 * `SHA256SUMS` has the digest of its `bundle.json`.
 */
export async function otherRoot(
  path: string,
  options: WaitOptions & { readonly root: Digest },
): Promise<Digest | undefined> {
  try {
    await using bundle = await openBundle(path, { signal: options.signal, damaged: true });
    if (bundle.root === options.root) return undefined;
    const sums = await collectBytes(bundle.stream(LAYOUT.sums, options), {
      limit: DOCUMENT_LIMIT,
      onExcess: () =>
        new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot read "${LAYOUT.sums}": it is too large`),
    });
    const line = `${hexOf(bundle.root)}  ${LAYOUT.document}`;
    return Buffer.from(sums).toString('latin1').split('\n').includes(line) ? bundle.root : undefined;
  } catch (error) {
    if (isSaddlebagError(error) && error.code !== 'ERR_INTERRUPTED') return undefined;
    throw error;
  }
}
