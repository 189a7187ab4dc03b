import type { KeyObject } from 'node:crypto';
import type { WaitOptions } from '../../oci/roles.ts';
import type { OpenBundle } from '../bundle.ts';
import { readDocument } from '../format/read-document.ts';
import { encodeSignature } from '../format/signature-file.ts';
import { judgeSignature } from '../signing/prove.ts';
import { signDocument } from '../signing/signature.ts';
import { putSignature } from './put-signature.ts';

/**
 * Signs an open bundle in place; returns whether another signature was there.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` before anything is changed, `ERR_DISK_FAILED`, `ERR_ARCHIVE_INVALID`, `ERR_INTERRUPTED`
 */
export async function signArchive(
  { archive, path }: OpenBundle,
  key: KeyObject,
  { signal }: WaitOptions = {},
): Promise<boolean> {
  const { signature: before } = await judgeSignature({ archive, path }, { signal });
  const document = await readDocument(archive, { signal, path });
  await putSignature(archive, encodeSignature(signDocument(document, key)), { signal });
  return before !== 'none';
}
