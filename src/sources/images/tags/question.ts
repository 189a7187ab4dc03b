import * as z from 'zod';
import { SaddlebagError } from '../../../internal/error.ts';
import { shownText } from '../../../internal/unicode/shown-text.ts';
import { isTag, parseReference } from '../../../oci/reference.ts';
import type { Facts, LockSection } from '../../../spec/lock/lock.ts';
import type { Question } from '../../questions.ts';
import { chooseTags } from './choose.ts';
import { type RangedPart, repositoryOf } from './part.ts';

const CHOSEN = 'chosen';

const section: LockSection = {
  name: 'tags',
  schema: z
    .record(
      shownText(4096),
      z.strictObject({ [CHOSEN]: z.string().refine((text) => text.split(' ').every(isTag), 'tags') }),
    )
    .transform(
      (groups): Facts =>
        new Map(Object.entries(groups).map(([name, all]) => [name, new Map(Object.entries(all))])),
    )
    .describe('repository and wish, as JSON → the tags that were chosen; left out without any'),
  isGroupPinned: true,
  title: () => 'Choice of tags',
  isVast: false,
};

/** Which tags of a repository a range stands for. */
export const TAGS: Question<RangedPart, readonly string[]> = {
  section,
  title: (part) => `the tags of "${repositoryOf(part)}"`,
  ask: async (part, { images, signal }) => {
    const name = repositoryOf(part);
    const listed = await images.tags?.(parseReference(part.reference), { signal });
    if (listed === undefined)
      throw new SaddlebagError(
        'ERR_UPSTREAM_NOT_FOUND',
        `Cannot list the tags of "${name}": nothing here lists tags`,
        {
          hint: 'Name the tags.',
        },
      );
    return chooseTags(name, listed, part.tags);
  },
  facts: (part, chosen) => new Map([[keyOf(part), new Map([[CHOSEN, chosen.join(' ')]])]]),
  recall: (part, facts) => facts.get(keyOf(part))?.get(CHOSEN)?.split(' '),
};

/** Platforms do not matter for the choice. Whatever an expression holds, a lock is plain text. */
function keyOf(part: RangedPart): string {
  const { semver, match, exclude, latest } = part.tags;
  const wish = JSON.stringify({ semver, match, exclude, latest });
  const plain = wish.replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${repositoryOf(part)} ${plain}`;
}
