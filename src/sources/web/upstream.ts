import type { HttpClient } from '../../internal/http/http.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { isHtml, statusError } from '../../internal/http/status.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { refuseHtml } from './html.ts';
import { once } from './once.ts';
import { query } from './query.ts';
import { type Measure, readThrough } from './read-through.ts';
import { readSmall } from './small-document.ts';
import type { WebUpstream } from '../questions.ts';

/** Returns the live web. Each URL is fetched once a run, and a web page in place of a file is refused. */
export function createWebUpstream(client: HttpClient): WebUpstream {
  const measures = once<Measure>();
  const documents = once<Uint8Array>();
  const answers = once<Awaited<ReturnType<WebUpstream['query']>>>();
  return {
    measure: (url, options = {}) =>
      measures(JSON.stringify([url, options.digest, options.integrity]), () => measure(client, url, options)),
    document: (url, options = {}) =>
      documents(url, () => readSmall(client.download(url, { signal: options.signal }), url)),
    query: (url, options) => answers(url, () => query(client, url, options)),
  };
}

async function measure(
  client: HttpClient,
  url: string,
  options: WaitOptions & { readonly digest?: Digest | undefined; readonly integrity?: string | undefined },
): Promise<Measure> {
  const { digest, integrity, signal } = options;
  if (digest !== undefined && integrity === undefined) {
    const size = await announcedSize(client, url, { signal });
    if (size !== undefined) return { digest, size };
  }
  const stream = client.download(url, { signal });
  return await readThrough(refuseHtml(stream, url), redactUrl(url), options);
}

/** The size (bytes) from a HEAD request, or `undefined` when only reading the file can tell. */
async function announcedSize(
  client: HttpClient,
  url: string,
  { signal }: WaitOptions,
): Promise<number | undefined> {
  await using response = await client.request(url, { method: 'HEAD', signal });
  const { status, headers } = response;
  if (status === 404 || status === 410) throw await statusError(response, { method: 'HEAD', url });
  // Servers that sign their addresses for GET alone refuse HEAD; a page may be a login in place of the file.
  if (status !== 200 || isHtml(headers)) return undefined;
  const length = headers['content-length'];
  const isPlain = (headers['content-encoding'] ?? 'identity') === 'identity';
  // Some servers answer HEAD with 0 for everything.
  return isPlain && length !== undefined && /^[1-9]\d*$/.test(length) ? Number(length) : undefined;
}
