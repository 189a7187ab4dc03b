import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { isLoopback } from '../../internal/host.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { catalogueOf, type K3sCatalogue, type K3sRelease } from './catalogue.ts';
import { decodeChannels, decodeReleases } from './documents.ts';
import type { Asking } from '../questions.ts';
import { urlOf } from '../source.ts';
import { githubToken } from '../web/github/token.ts';
import { CHANNELS, RELEASES } from './upstreams.ts';

const PAGES_LIMIT = 200;

/**
 * Returns the whole list of releases, page by page, and the channels if available. `GITHUB_TOKEN` is sent only to the origin of
 * the list, and never in clear text over a network.
 *
 * @throws `ERR_USAGE_INVALID` for a `GITHUB_TOKEN` that cannot be sent; what the upstream throws;
 * `ERR_DOCUMENT_INVALID` for an answer of another shape
 */
export async function loadCatalogue(context: Asking): Promise<K3sCatalogue> {
  const [channels, releases] = await Promise.all([loadChannels(context), loadReleases(context)]);
  if (channels instanceof SaddlebagError) return { ...catalogueOf(releases, []), channelFault: channels };
  return catalogueOf(releases, channels);
}

/** Exact tags and Rancher Desktop do not need the channels, so a dead channel server is no reason to stop yet. */
async function loadChannels(context: Asking): Promise<ReadonlyMap<string, string> | SaddlebagError> {
  const url = urlOf(CHANNELS, context);
  try {
    const { body } = await context.web.query(url, {
      signal: context.signal,
      headers: { accept: 'application/json' },
    });
    return decodeChannels(body, redactUrl(url));
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return error;
  }
}

async function loadReleases(context: Asking): Promise<readonly K3sRelease[]> {
  const releases: K3sRelease[] = [];
  const seen = new Set<string>();
  let url: string | undefined = firstPage(urlOf(RELEASES, context));
  while (url !== undefined) {
    if (seen.has(url) || seen.size >= PAGES_LIMIT) throw endless(url);
    seen.add(url);
    const { body, headers } = await context.web.query(url, {
      signal: context.signal,
      headers: { accept: 'application/vnd.github.v3+json', ...authorization(url, context) },
      isGithub: true,
    });
    releases.push(...decodeReleases(body, redactUrl(url)));
    url = nextPage(headers['link'], url);
  }
  return releases;
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

function authorization(url: string, context: Asking): Readonly<Record<string, string>> {
  const token = githubToken(context.env);
  const { origin, protocol, hostname } = new URL(url);
  if (token === undefined) return {};
  if (origin !== new URL(urlOf(RELEASES, context)).origin) return {};
  return protocol === 'https:' || isLoopback(hostname) ? { authorization: `Bearer ${token}` } : {};
}

function endless(url: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot list K3s releases: the pages of "${redactUrl(url)}" do not end`,
  );
}
