import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { redactUrl } from '../../internal/http/redact.ts';
import type { Asking } from '../questions.ts';
import { urlOf } from '../source.ts';
import { githubPages } from '../web/github/pages.ts';
import { type Catalogue, catalogueOf, type Release } from './catalogue.ts';
import type { Distribution } from './distribution.ts';
import { decodeChannels, decodeReleases } from './documents.ts';

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
  const { name, usable } = distribution;
  const releases: Release[] = [];
  const base = urlOf(distribution.releases, context);
  for await (const { body, where } of githubPages(base, `${name} releases`, context))
    releases.push(...decodeReleases(body, { where, usable }));
  return releases;
}
