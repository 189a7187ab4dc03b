import semver from 'semver';
import { SaddlebagError } from '../../../internal/error.ts';
import { redactUrl } from '../../../internal/http/redact.ts';
import { nearest } from '../../../internal/nearest.ts';
import type { WaitOptions } from '../../../oci/roles.ts';
import { type ChartLocation, chartTitle, type RepositoryQuestion } from '../question.ts';
import { decodeHelmIndex, type HelmIndex, type HelmIndexEntry } from './index.ts';
import { nearestVersions } from '../../web/nearest-version.ts';
import type { WebUpstream } from '../../questions.ts';
import { urlBelow } from '../../web/url-path.ts';

/** Returns the location of a chart in a Helm repository. @throws `ERR_UPSTREAM_NOT_FOUND` with the nearest version */
export async function findInRepository(
  web: Pick<WebUpstream, 'query'>,
  wanted: RepositoryQuestion,
  { signal }: WaitOptions,
): Promise<ChartLocation> {
  const indexUrl = urlBelow(wanted.repository, 'index.yaml');
  const { body } = await web.query(indexUrl, { signal });
  const index = decodeHelmIndex(body, wanted.name, redactUrl(indexUrl));
  const entry = choose(index.entries, wanted.version);
  if (entry === undefined) throw notFound(wanted, index);
  return { url: locate(entry, wanted), digest: entry.digest };
}

/** Helm treats `1.15.3` and `v1.15.3` as equal; an exact match wins. */
function choose(entries: readonly HelmIndexEntry[], version: string): HelmIndexEntry | undefined {
  return (
    entries.find((entry) => entry.version === version) ??
    entries.find((entry) => bare(entry.version) === bare(version))
  );
}

function bare(version: string): string {
  return version.replace(/^v/, '');
}

/**
 * Resolves an address against the repository's own folder. Without a digest, an index fetched over TLS must not lead to content
 * that anyone on the way can replace.
 */
function locate(entry: HelmIndexEntry, wanted: RepositoryQuestion): string {
  const fail = (fact: string): never => {
    throw new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot fetch ${chartTitle(wanted)}: ${fact}`);
  };
  const base = wanted.repository.replace(/\/*$/, '/');
  const url = URL.parse(entry.url, base) ?? fail('its address in the index is not a URL');
  if (!['http:', 'https:', 'oci:'].includes(url.protocol))
    fail(`its address in the index is neither http nor https nor oci`);
  const isDowngraded = base.startsWith('https:') && url.protocol === 'http:';
  if (isDowngraded && entry.digest === undefined)
    fail('the index leads from https to http, and has no digest to compare with');
  return url.href;
}

function notFound(wanted: RepositoryQuestion, { names, entries }: HelmIndex): SaddlebagError {
  if (entries.length > 0) {
    const near = nearestVersions(
      wanted.version,
      entries.map(({ version }) => version),
    );
    const newest = entries.map(({ version }) => version).find((version) => semver.valid(version) !== null);
    return new SaddlebagError(
      'ERR_UPSTREAM_NOT_FOUND',
      `Cannot find ${chartTitle(wanted)}: there is no such version`,
      { hint: `The nearest is ${near.length === 0 ? (newest ?? 'not known') : near.join(' or ')}.` },
    );
  }
  const near = nearest(wanted.name, names);
  return new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find ${chartTitle(wanted)}: the repository has no chart of that name`,
    { hint: near === undefined ? 'Check the name and the repository.' : `Did you mean "${near}"?` },
  );
}
