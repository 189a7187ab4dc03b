import { SaddlebagError } from '../../../internal/error.ts';
import { redactUrl } from '../../../internal/http/redact.ts';
import type { Asking } from '../../questions.ts';
import { githubHeaders } from './headers.ts';

const PAGES_LIMIT = 200;

/** A page of a list of GitHub's API. */
export interface GithubPage {
  readonly body: Uint8Array;
  /** Its address, for messages. */
  readonly where: string;
}

/**
 * Yields every page of the list at `base`, which messages call `title`. `GITHUB_TOKEN` is sent only to the origin of the list, and
 * never in clear text over a network.
 *
 * @throws `ERR_USAGE_INVALID` for a `GITHUB_TOKEN` that cannot be sent; what the upstream throws; `ERR_DOCUMENT_INVALID` for pages
 * without an end
 */
export async function* githubPages(
  base: string,
  title: string,
  context: Asking,
): AsyncGenerator<GithubPage, void, undefined> {
  const seen = new Set<string>();
  let url: string | undefined = firstPage(base);
  while (url !== undefined) {
    const where = redactUrl(url);
    if (seen.has(url) || seen.size >= PAGES_LIMIT) throw endless(where, title);
    seen.add(url);
    const { body, headers } = await context.web.query(url, {
      signal: context.signal,
      headers: githubHeaders(url, { base, env: context.env }),
      isGithub: true,
    });
    yield { body, where };
    url = nextPage(headers['link'], url);
  }
}

function firstPage(url: string): string {
  const first = new URL(url);
  first.searchParams.set('per_page', '100');
  return first.href;
}

/** Link header of RFC 8288, as GitHub sends it. */
function nextPage(link: string | undefined, base: string): string | undefined {
  const target = link?.split(/,(?=\s*<)/).find((entry) => /;\s*rel="?next"?\s*(?:;|$)/.test(entry));
  const next = target === undefined ? undefined : /<([^>]*)>/.exec(target)?.[1];
  return next === undefined ? undefined : new URL(next, base).href;
}

function endless(where: string, title: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot list ${title}: the pages of "${where}" do not end`,
  );
}
