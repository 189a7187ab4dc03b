import * as z from 'zod';
import { SaddlebagError } from '../../internal/error.ts';
import { isDigest } from '../../oci/digest.ts';
import { shownText } from '../../internal/unicode/shown-text.ts';
import { lockedDigest } from '../../spec/fields.ts';
import type { Facts, LockSection } from '../../spec/lock/lock.ts';
import { isLockedUrl, lockedUrl } from '../../spec/lock/url.ts';
import type { Question } from '../questions.ts';
import { type ChartLocation, type ChartQuestion, chartTitle } from './question.ts';
import { findInRepository } from './repository/upstream.ts';

/** A path may hold any character that a terminal shows as it is. */
const chartName = shownText(4096);
const pin = z.strictObject({
  url: z
    .string()
    .refine((text) => isLockedUrl(text.replace(/^oci:/, 'https:')), 'an http, https or oci URL')
    .exactOptional(),
  digest: lockedDigest.exactOptional(),
});

const section: LockSection = {
  name: 'charts',
  schema: z
    .record(chartName, pin)
    .transform((pins): Facts => new Map(Object.entries(pins).map(([name, each]) => [name, wordsOf(each)])))
    .describe('repository, name and version of a chart, or its path → where it was; left out without charts'),
  isGroupPinned: true,
  title: () => 'Chart',
  isVast: false,
};

/** Where to find a chart. */
export const CHART: Question<ChartQuestion, ChartLocation> = {
  section,
  title: chartTitle,
  ask: async (wanted, world) =>
    'path' in wanted ? { digest: wanted.digest } : await findInRepository(world.web, wanted, world),
  facts: (wanted, { url, digest }) =>
    new Map([[chartKey(wanted), wordsOf({ url: url === undefined ? undefined : lockedUrl(url), digest })]]),
  recall: (wanted, facts) => {
    const words = facts.get(chartKey(wanted));
    if (words === undefined) return undefined;
    const [url, digest] = [words.get('url') ?? undefined, words.get('digest')];
    if (url?.includes('?') === true) throw withoutQuery(wanted);
    return { url, digest: isDigest(digest) ? digest : undefined };
  },
};

/** A chart's name in a lock, without credentials. */
function chartKey(wanted: ChartQuestion): string {
  if ('path' in wanted) return wanted.path;
  return `${lockedUrl(wanted.repository)} ${wanted.name} ${wanted.version}`;
}

function wordsOf(pins: {
  readonly url?: string | undefined;
  readonly digest?: string | undefined;
}): ReadonlyMap<string, string> {
  const named = [
    ['url', pins.url],
    ['digest', pins.digest],
  ] as const;
  return new Map(named.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])));
}

function withoutQuery(wanted: ChartQuestion): SaddlebagError {
  return new SaddlebagError(
    'ERR_LOCK_INCOMPLETE',
    `Cannot resolve ${chartTitle(wanted)}: its address has a query, which may hold a credential and is not in the lock`,
  );
}
