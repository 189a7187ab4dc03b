import * as z from 'zod';
import { shownText } from '../../../internal/unicode/shown-text.ts';
import { type Digest, isDigest } from '../../../oci/digest.ts';
import { isFullReference } from '../../../oci/reference.ts';
import { lockedDigest } from '../../../spec/fields.ts';
import type { Facts, LockSection } from '../../../spec/lock/lock.ts';
import type { Question } from '../../questions.ts';

/** What is taken of an archive, as it is now: digests by full reference. */
export interface SavedState {
  /** As it is written in the spec. */
  readonly archive: string;
  readonly digests: ReadonlyMap<string, Digest>;
}

const section: LockSection = {
  name: 'archives',
  schema: z
    .record(shownText(1024), z.record(z.string().refine(isFullReference, 'a full reference'), lockedDigest))
    .transform(
      (groups): Facts =>
        new Map(Object.entries(groups).map(([name, all]) => [name, new Map(Object.entries(all))])),
    )
    .describe('path of an archive of images → full reference → digest in the bundle; left out without any'),
  isGroupPinned: false,
  title: (archive) => `Image of ${JSON.stringify(archive)}`,
  isVast: false,
};

/** What the images of an archive were when it was locked. */
export const SAVED_IMAGES: Question<SavedState, ReadonlyMap<string, Digest>> = {
  section,
  title: ({ archive }) => `archive ${JSON.stringify(archive)}`,
  ask: async ({ digests }) => digests,
  facts: ({ archive }, digests) => new Map([[archive, new Map(digests)]]),
  recall: ({ archive }, facts) => {
    const words = facts.get(archive);
    if (words === undefined) return undefined;
    return new Map(
      [...words].flatMap(([name, digest]) => (isDigest(digest) ? [[name, digest] as const] : [])),
    );
  },
};
