import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';

const BEGINNING = 512;
/** How a web page begins, after white space, a byte order mark and comments (WHATWG, "MIME Sniffing", 7.1). */
const HTML = /^(?:\uFEFF|\s|<!--(?:[^-]|-(?!->))*-->)*<(?:!doctype\s+html|html)(?:[\s>]|$)/i;

/**
 * Passes content on unless it begins like a web page: a captive portal, a login form or an error page sent with status 200. A
 * file that is a page by its name passes.
 *
 * @throws `ERR_HTTP_BODY` before any of it is passed on
 */
export async function* refuseHtml(stream: ByteStream, url: string): ByteStream {
  const isPage = /\.x?html?$/i.test(new URL(url).pathname);
  const held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (isPage || length >= BEGINNING) {
      yield chunk;
      continue;
    }
    held.push(chunk);
    length += chunk.length;
    if (length >= BEGINNING) yield* release(held, url);
  }
  if (!isPage && length < BEGINNING) yield* release(held, url);
}

function release(held: readonly Uint8Array[], url: string): readonly Uint8Array[] {
  const beginning = Buffer.concat(held).subarray(0, BEGINNING).toString('utf8');
  if (!HTML.test(beginning)) return held;
  throw new SaddlebagError(
    'ERR_HTTP_BODY',
    `Cannot fetch "${redactUrl(url)}": the server answered with an HTML page instead of the file`,
    { hint: 'A proxy or a login may stand in between: open the address in a browser on this host.' },
  );
}
