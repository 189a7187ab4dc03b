import type { Archive } from '../../archive/archive.ts';
import { collectBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { LAYOUT } from '../format/layout.ts';
import { decodeSignature, SIGNATURE_SIZE } from '../format/signature-file.ts';

/**
 * Returns the base64 signature in a bundle's archive, or `undefined` when it is not signed. Nothing is proven by that.
 *
 * @throws `ERR_SIGNATURE_INVALID` when it does not have the form of a signature; `ERR_CONTENT_NOT_FOUND`, `ERR_ARCHIVE_INVALID`,
 * `ERR_DISK_FAILED` when it cannot be read
 */
export async function readSignature(
  archive: Archive,
  options: WaitOptions = {},
): Promise<string | undefined> {
  const bytes = await collectBytes(archive.stream(LAYOUT.signature, options), {
    limit: SIGNATURE_SIZE,
    onExcess: () =>
      new SaddlebagError(
        'ERR_SIGNATURE_INVALID',
        `Cannot read "${LAYOUT.signature}": it has more than ${SIGNATURE_SIZE} bytes`,
      ),
  });
  return decodeSignature(bytes);
}
