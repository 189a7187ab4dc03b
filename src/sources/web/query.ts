import { SaddlebagError } from '../../internal/error.ts';
import type { HttpClient, HttpHeaders, HttpResponse } from '../../internal/http/http.ts';
import { NetworkError } from '../../internal/http/network-error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { HttpStatusError, statusError } from '../../internal/http/status.ts';
import { formatInstant } from '../../internal/instant.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { readSmall } from './small-document.ts';

/** How often to ask in all: a changing answer cannot be resumed, so it starts over. */
const TRIES = 3;

/**
 * Returns an API's answer and its headers.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND`, `ERR_HTTP_STATUS` (which says when a used-up rate limit resets), `ERR_HTTP_BODY`
 */
export async function query(
  client: HttpClient,
  url: string,
  options: WaitOptions & { readonly headers?: HttpHeaders | undefined } = {},
): Promise<{ readonly body: Uint8Array; readonly headers: HttpHeaders }> {
  for (let left = TRIES - 1; ; left--) {
    await using response = await ask(client, url, options);
    try {
      const body = await readSmall(response.body, url);
      return { body, headers: response.headers };
    } catch (error) {
      if (left === 0 || !(error instanceof NetworkError)) throw error;
    }
  }
}

async function ask(
  client: HttpClient,
  url: string,
  options: WaitOptions & { readonly headers?: HttpHeaders | undefined },
): Promise<HttpResponse> {
  try {
    const response = await client.request(url, options);
    if (response.status === 200) return response;
    await using refused = response;
    throw await statusError(refused, { method: 'GET', url });
  } catch (error) {
    throw error instanceof HttpStatusError ? explainLimit(error, url) : error;
  }
}

/** GitHub's sign that an address has used up its requests for this hour (REST API, "Rate limits"). */
function explainLimit(error: HttpStatusError, url: string): SaddlebagError {
  const reset = error.headers['x-ratelimit-reset'] ?? '';
  if (![403, 429].includes(error.status) || error.headers['x-ratelimit-remaining'] !== '0') return error;
  const until = /^\d{1,11}$/.test(reset) ? ` until ${formatInstant(Number(reset))}` : '';
  return new SaddlebagError(
    'ERR_HTTP_STATUS',
    `Cannot query "${redactUrl(url)}": its rate limit is used up${until}`,
    {
      hint: 'Try again then, or set GITHUB_TOKEN: with a token of yours the limit is much higher.',
      cause: error,
    },
  );
}
