import semver from 'semver';
import * as z from 'zod';
import { parseReference } from '../../../oci/reference.ts';
import { pattern, platforms, reference, text } from '../../../spec/fields.ts';

/** Which tags of a repository are wanted; what is left out leaves none out. */
export interface TagsWish {
  /** A range as npm writes it. */
  readonly semver?: string | undefined;
  /** A regular expression that a tag must match. */
  readonly match?: string | undefined;
  /** A regular expression that no tag may match. */
  readonly exclude?: string | undefined;
  /** So many of the newest. */
  readonly latest?: number | undefined;
}

/** Images of one repository, chosen by their tags. */
export interface RangedPart {
  /** Without tag and digest. */
  readonly reference: string;
  readonly tags: TagsWish;
  readonly platforms?: readonly string[] | undefined;
}

const expression = pattern.max(512);

const tagsSchema: z.ZodType<TagsWish> = z
  .strictObject({
    semver: text
      .max(512)
      .refine((range) => semver.validRange(range) !== null, 'it is not a range of versions')
      .optional()
      .meta({
        description:
          'a range as npm writes it; a pre-release only fits where the range names one, and what else follows a version, such as "-k3s1", does not count',
        examples: ['>=0.1.20 <0.2'],
      }),
    match: expression
      .optional()
      .meta({ description: 'a regular expression that a tag must match', examples: ['^v'] }),
    exclude: expression
      .optional()
      .meta({ description: 'a regular expression that no tag may match', examples: ['rc|debug'] }),
    latest: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: 'just so many of them, the newest by version; all when left out', examples: [2] }),
  })
  .refine(
    (wish) => Object.values(wish).some((value) => value !== undefined),
    'it says nothing about the tags',
  );

const repository = reference.refine(isBare, 'it has a tag or a digest of its own, beside "tags"').meta({
  description: 'beside "tags": the repository alone, without tag and digest',
  examples: ['rancher/shell'],
});

export const rangedSchema: z.ZodType<RangedPart> = z.strictObject({
  reference: repository,
  tags: tagsSchema.describe(
    'which tags of the repository: the registry is asked for its list once, and the lock keeps the choice',
  ),
  platforms: platforms.optional().describe('instead of those of the spec'),
});

function isBare(written: string): boolean {
  return !written.includes('@') && !written.slice(written.lastIndexOf('/') + 1).includes(':');
}

/** Returns the full name of the repository. */
export function repositoryOf(part: RangedPart): string {
  const { registry, repository: name } = parseReference(part.reference);
  return `${registry}/${name}`;
}
