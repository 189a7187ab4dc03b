import * as z from 'zod';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { MANIFEST_MEDIA_TYPES } from '../../oci/media-type.ts';
import { isFullReference } from '../../oci/reference.ts';
import { K3S_ARCHITECTURES } from '../../products/k3s/architecture.ts';
import { K3S_TAG } from '../../products/k3s/tag.ts';
import { type Lock, LOCK_VERSION } from './lock.ts';
import { isLockedUrl } from './url.ts';
import { specName } from '../schema.ts';

/**
 * The one definition of the lock: the program validates with it, and `bundle-spec/schema/lock.schema.json` is generated from
 * its input.
 */

const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, '"sha256:" and 64 lower-case hex digits')
  .pipe(z.custom<Digest>(isDigest));
const size = z.int().nonnegative().describe('bytes');
const pin = z.strictObject({ digest, size });
const referencePin = z.strictObject({ mediaType: z.enum(MANIFEST_MEDIA_TYPES), digest, size });
const word = z.string().regex(/^[!-~]{1,64}$/, 'a word of at most 64 characters');
const tag = z.string().regex(K3S_TAG, 'the tag of a K3s release, such as v1.30.6+k3s1');
const fullReference = z
  .string()
  .refine(isFullReference, 'a full reference, such as docker.io/library/busybox:1.36')
  .describe('REGISTRY/REPOSITORY[:TAG][@DIGEST] with nothing left out');
const url = z
  .string()
  .refine(isLockedUrl, 'an http or https URL without user, query and fragment')
  .describe('without user and fragment; of a query, "?query-sha256=" and 16 hex digits');
/** A path may hold anything that a terminal shows as it is. */
const chartName = z.string().regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,4096}$/u, 'the name of a chart');
const chartPin = z.strictObject({
  url: z.string().refine(isChartUrl, 'an http, https or oci URL').exactOptional(),
  digest: digest.exactOptional(),
});
/** Those that K3s is released for, sorted: each of them once or not at all. */
const architectures = z.enum(
  K3S_ARCHITECTURES.reduceRight<readonly string[]>(
    (rests, word) => [...rests, ...rests.map((rest) => `${word} ${rest}`.trimEnd())],
    [''],
  ),
);

const k3s = z.strictObject({
  channels: z
    .record(word, tag.nullable())
    .transform(mapOf)
    .describe('name → newest tag; null for a channel without one'),
  releases: z
    .record(tag, architectures)
    .transform(mapOf)
    .describe('tag → architectures that the release can be used on'),
});

export const lockSchema: z.ZodType<Lock> = z
  .strictObject({
    lock: z.literal(LOCK_VERSION).describe('version of the format'),
    name: specName.describe('that of the spec'),
    references: z
      .record(fullReference, referencePin.nullable())
      .transform(mapOf)
      .describe('full reference → what it stood for; null for nothing'),
    urls: z
      .record(url, pin.nullable())
      .transform(mapOf)
      .describe('URL without user, query and fragment → what was there; null for nothing'),
    answers: z
      .record(url, word.nullable())
      .transform(mapOf)
      .describe('URL → the word that was there; null for nothing'),
    charts: z
      .record(chartName, chartPin)
      .transform(mapOf)
      .exactOptional()
      .describe(
        'repository, name and version of a chart, or its path → where it was; left out without charts',
      ),
    k3s: k3s.exactOptional().describe('left out when nothing depends on the list of releases'),
  })
  .transform(({ lock: _version, ...rest }) => rest);

function mapOf<V>(record: Readonly<Record<string, V>>): ReadonlyMap<string, V> {
  return new Map(Object.entries(record));
}

function isChartUrl(text: string): boolean {
  return isLockedUrl(text.replace(/^oci:/, 'https:'));
}
