import * as z from 'zod';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { MANIFEST_MEDIA_TYPES } from '../../oci/media-type.ts';
import { isFullReference } from '../../oci/reference.ts';
import { lockedDigest, word } from '../fields.ts';
import { type Facts, type Lock, LOCK_VERSION, type LockSection } from './lock.ts';
import { isLockedUrl } from './url.ts';
import { specName } from '../schema.ts';

const digest = lockedDigest.pipe(z.custom<Digest>(isDigest));
const size = z.int().nonnegative().describe('bytes');
const pin = z.strictObject({ digest, size });
const referencePin = z.strictObject({ mediaType: z.enum(MANIFEST_MEDIA_TYPES), digest, size });
const fullReference = z
  .string()
  .refine(isFullReference, 'a full reference, such as docker.io/library/busybox:1.36')
  .describe('REGISTRY/REPOSITORY[:TAG][@DIGEST] with nothing left out');
const url = z
  .string()
  .refine(
    isLockedUrl,
    'an http or https URL without user and fragment, its query as a fingerprint, its host in lower case',
  )
  .describe('without user and fragment; of a query, "?query-sha256=" and 16 hex digits');

/**
 * Returns the one definition of a lock with these sections: the program validates with it, and
 * `bundle-spec/schema/lock.schema.json` is generated from its input.
 */
export function lockSchema(sections: readonly LockSection[]): z.ZodType<Lock> {
  const keys = sections.map(({ name, schema }) => [name, schema.exactOptional()] as const);
  return z
    .strictObject({
      lock: z.literal(LOCK_VERSION).describe('version of the format'),
      name: specName.describe('that of the spec'),
      references: z
        .record(fullReference, referencePin.nullable())
        .transform(mapOf)
        .describe('full reference → what it stood for; null for nothing'),
      urls: z.record(url, pin.nullable()).transform(mapOf).describe('URL → what was there; null for nothing'),
      answers: z
        .record(url, word.nullable())
        .transform(mapOf)
        .describe('URL → the word that was there; null for nothing'),
      ...Object.fromEntries(keys),
    })
    .transform(({ lock: _version, name, references, urls, answers, ...rest }) => {
      const found: Readonly<Record<string, unknown>> = rest;
      const filled = sections.flatMap((section) => {
        const facts = found[section.name];
        return isFacts(facts) ? [[section, facts] as const] : [];
      });
      return { name, references, urls, answers, sections: new Map(filled) };
    });
}

/** The output of a section's own schema. */
function isFacts(value: unknown): value is Facts {
  return value instanceof Map;
}

function mapOf<V>(record: Readonly<Record<string, V>>): ReadonlyMap<string, V> {
  return new Map(Object.entries(record));
}
