import { type ByteStream, collectBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { refuseHtml } from './html.ts';

/** Ceiling (bytes), far above any sums file, script or API page. */
const LIMIT = 32 * 1024 * 1024;

/**
 * Returns a document in memory.
 *
 * @throws `ERR_DOCUMENT_INVALID` when it is larger than any such document, `ERR_HTTP_BODY` when it is a web page
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
