import type { Archive } from '../../archive/archive.ts';
import { collectBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { LAYOUT } from '../format/layout.ts';
import { decodeSignatures, SIGNATURE_ROOM, type StoredSignature } from '../format/signature-lines.ts';

/**
 * Returns the signatures in a bundle's archive, none when it is not signed. Nothing is proven by that.
 *
 * @throws `ERR_SIGNATURE_INVALID` when it does not have the form of a signature; `ERR_CONTENT_NOT_FOUND`, `ERR_ARCHIVE_INVALID`,
 * `ERR_DISK_FAILED` when it cannot be read
 */
export async function readSignatures(
  archive: Archive,
  options: WaitOptions = {},
): Promise<readonly StoredSignature[]> {
  return decodeSignatures(await readSignatureFile(archive, options));
}

/** Returns the bytes of `bundle.json.sig`. Throws as {@link readSignatures}. */
export async function readSignatureFile(archive: Archive, options: WaitOptions = {}): Promise<Uint8Array> {
  return await collectBytes(archive.stream(LAYOUT.signature, options), {
    limit: SIGNATURE_ROOM.most,
    onExcess: () =>
      new SaddlebagError(
        'ERR_SIGNATURE_INVALID',
        `Cannot read "${LAYOUT.signature}": it has more than ${SIGNATURE_ROOM.most} bytes`,
      ),
  });
}
