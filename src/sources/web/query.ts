import type { HttpClient, HttpHeaders, HttpResponse } from '../../internal/http/http.ts';
import { NetworkError } from '../../internal/http/network-error.ts';
import { HttpStatusError, statusError } from '../../internal/http/status.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { explainGithub, githubPause } from './github/refusal.ts';
import { readSmall } from './small-document.ts';

/** How often to ask in all: a changing answer cannot be resumed, so it starts over. */
const TRIES = 3;

interface QueryOptions extends WaitOptions {
  readonly headers?: HttpHeaders | undefined;
  /** Whether this is GitHub's API, which has its own ways to ask for a pause. */
  readonly isGithub?: boolean | undefined;
}

/**
 * Returns an API's answer and its headers.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND`, `ERR_HTTP_STATUS` (which says when a used-up rate limit of GitHub resets), `ERR_HTTP_BODY`
 */
export async function query(
  client: HttpClient,
  url: string,
  options: QueryOptions = {},
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
  { headers, isGithub = false, signal }: QueryOptions,
): Promise<HttpResponse> {
  try {
    const response = await client.request(url, {
      headers,
      signal,
      pauseOf: isGithub ? githubPause : undefined,
    });
    if (response.status === 200) return response;
    await using refused = response;
    throw await statusError(refused, { method: 'GET', url });
  } catch (error) {
    if (!isGithub || !(error instanceof HttpStatusError)) throw error;
    throw explainGithub(error, { url, hasToken: headers?.['authorization'] !== undefined });
  }
}
