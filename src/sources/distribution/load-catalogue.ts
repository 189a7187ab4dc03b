import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import { type Catalogue, catalogueOf, type Release } from './catalogue.ts';
import type { Distribution } from './distribution.ts';
import { decodeChannels, decodeReleases } from './documents.ts';
import type { Asking } from '../questions.ts';
import { urlOf } from '../source.ts';
import { githubHeaders } from '../web/github/headers.ts';

const PAGES_LIMIT = 200;

/**
 * Returns the whole list of releases, page by page, and the channels if available. `GITHUB_TOKEN` is sent only to the origin of
 * the list, and never in clear text over a network.
 *
 * @throws `ERR_USAGE_INVALID` for a `GITHUB_TOKEN` that cannot be sent; what the upstream throws;
 * `ERR_DOCUMENT_INVALID` for an answer of another shape
 */
export async function loadCatalogue(distribution: Distribution, context: Asking): Promise<Catalogue> {
  const [channels, releases] = await Promise.all([
    loadChannels(distribution, context),
    loadReleases(distribution, context),
  ]);
  if (!(channels instanceof SaddlebagError)) return catalogueOf(distribution, { releases, channels });
  return { ...catalogueOf(distribution, { releases, channels: [] }), channelFault: channels };
}

/** Exact tags and Rancher Desktop do not need the channels, so a dead channel server is no reason to stop yet. */
async function loadChannels(
  { channels }: Distribution,
  context: Asking,
): Promise<ReadonlyMap<string, string> | SaddlebagError> {
  const url = urlOf(channels, context);
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

async function loadReleases(distribution: Distribution, context: Asking): Promise<readonly Release[]> {
  const first = urlOf(distribution.releases, context);
  const releases: Release[] = [];
  const seen = new Set<string>();
  let url: string | undefined = firstPage(first);
  while (url !== undefined) {
    if (seen.has(url) || seen.size >= PAGES_LIMIT) throw endless(url, distribution);
    seen.add(url);
    const { body, headers } = await context.web.query(url, {
      signal: context.signal,
      headers: githubHeaders(url, { base: first, env: context.env }),
      isGithub: true,
    });
    releases.push(...decodeReleases(body, { where: redactUrl(url), usable: distribution.usable }));
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

function endless(url: string, { name }: Distribution): SaddlebagError {
  return new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot list ${name} releases: the pages of "${redactUrl(url)}" do not end`,
  );
}
