import { isDigest } from '../../oci/digest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { sendProblem } from '../http/reply.ts';
import { sendBlob } from '../http/send-blob.ts';
import type { RepositoryExchange } from './exchange.ts';

/** Sends a blob (OCI distribution specification, "Pulling blobs"). Access to one repository is access to all. */
export async function sendRegistryBlob(exchange: RepositoryExchange): Promise<void> {
  const { library, reference, response } = exchange;
  if (!isDigest(reference) || library.blobs.sizeOf(reference) === undefined) {
    const message = `there is no blob ${JSON.stringify(reference)}`;
    return sendProblem(response, 404, { code: 'BLOB_UNKNOWN', message });
  }
  await sendBlob(exchange, reference, { blobs: library.blobs, type: MEDIA_TYPE.octetStream });
}
