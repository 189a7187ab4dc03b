import * as z from 'zod';
import { shownText } from '../../internal/unicode/shown-text.ts';
import { compareText } from '../../internal/order.ts';

/** What whoever builds a bundle tells people about it. Nothing is done because of it. */
export interface About {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** Of the content, in whatever way it is counted. */
  readonly version?: string | undefined;
  /** One expression each, as in SPDX: `Apache-2.0`. */
  readonly licences?: readonly string[] | undefined;
  /** Whom to ask. */
  readonly contact?: string | undefined;
  readonly url?: string | undefined;
  /** Free text by key. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

const LICENCE_LIMIT = 100;
const LABEL_LIMIT = 100;

/** ASCII alone, and no user: what is in front of an `@` may look like a host. */
const url = z
  .string()
  .max(2048)
  .regex(
    /^https?:\/\/[A-Za-z0-9.:[\]-]+(?:[/?#][!-~]*)?$/,
    'Invalid URL: http or https, in ASCII and without a user',
  );

/** It begins with a letter: JavaScript would put names that are numbers in front of the others. */
const key = z.string().regex(/^[A-Za-z][A-Za-z0-9._/-]{0,127}$/);

/** The one definition of `about`, in a spec as in a bundle. */
export const ABOUT_SCHEMA: z.ZodType<About> = z.strictObject({
  title: shownText(256)
    .exactOptional()
    .meta({ description: 'what it is called, for people', examples: ['Lab of August'] }),
  description: shownText(4096)
    .exactOptional()
    .meta({
      description: 'what it is for, in one paragraph',
      examples: ['All that the desktops of the lab need'],
    }),
  version: shownText(128)
    .exactOptional()
    .meta({
      description: 'of the content, in whatever way it is counted',
      examples: ['2026-08'],
    }),
  licences: z
    .array(shownText(256))
    .max(LICENCE_LIMIT)
    .exactOptional()
    .meta({ description: 'expressions of SPDX', examples: [['Apache-2.0']] }),
  contact: shownText(256)
    .exactOptional()
    .meta({ description: 'whom to ask', examples: ['lab@example.com'] }),
  url: url
    .exactOptional()
    .meta({ description: 'where to read more, http or https', examples: ['https://example.com/lab'] }),
  labels: z
    .record(key, shownText(1024))
    .refine(
      (labels) => Object.keys(labels).length <= LABEL_LIMIT,
      `Too many: expected at most ${LABEL_LIMIT}`,
    )
    .exactOptional()
    .meta({
      description: 'free text by key; a key is a letter, then letters, digits and . _ / -',
      examples: [{ team: 'platform' }],
    }),
});

/** Returns the same with its members in one fixed order, the labels sorted, and without empty lists; `undefined` for nothing. */
export function orderAbout(about: About | undefined): About | undefined {
  if (about === undefined) return undefined;
  const { title, description, version, licences = [], contact, url: address, labels = {} } = about;
  const sorted = Object.entries(labels).sort(([left], [right]) => compareText(left, right));
  const ordered: About = {
    title,
    description,
    version,
    licences: licences.length === 0 ? undefined : licences,
    contact,
    url: address,
    labels: sorted.length === 0 ? undefined : Object.fromEntries(sorted),
  };
  return Object.values(ordered).every((value) => value === undefined) ? undefined : ordered;
}
