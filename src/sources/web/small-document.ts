import { type ByteStream, collectBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { refuseHtml } from './html.ts';

/** Sums files, scripts and pages of an API are far below this (bytes). */
const LIMIT = 32 * 1024 * 1024;

/**
 * Returns a document in memory.
 *
 * @throws `ERR_DOCUMENT_INVALID` when it is too large to be one, `ERR_HTTP_BODY` when it is a web page
 */
export async function readSmall(stream: ByteStream, url: string): Promise<Uint8Array> {
  return await collectBytes(refuseHtml(stream, url), {
    limit: LIMIT,
    onExcess: () =>
      new SaddlebagError(
        'ERR_DOCUMENT_INVALID',
        `Cannot read "${redactUrl(url)}": it has more than the ${LIMIT} bytes allowed`,
      ),
  });
}
