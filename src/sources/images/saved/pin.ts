import * as z from 'zod';
import { shownText } from '../../../internal/unicode/shown-text.ts';
import { type Digest, isDigest } from '../../../oci/digest.ts';
import { isFullReference } from '../../../oci/reference.ts';
import { lockedDigest } from '../../../spec/fields.ts';
import type { Facts, LockSection } from '../../../spec/lock/lock.ts';
import type { Question } from '../../questions.ts';

/** What is taken of an archive or an engine, as it is now: digests by full reference. */
interface SavedState {
  /** As it is written in the spec. */
  readonly written: string;
  readonly digests: ReadonlyMap<string, Digest>;
}

/** What images were when they were locked. */
export type SavedQuestion = Question<SavedState, ReadonlyMap<string, Digest>>;

/** The images of archives. */
export const SAVED_IMAGES: SavedQuestion = pinned('archives', 'path of an archive of images', 'archive');

/** Images of engines. */
export const ENGINE_IMAGES: SavedQuestion = pinned(
  'engines',
  'engine, and image there',
  'image of an engine',
);

function pinned(name: string, key: string, what: string): SavedQuestion {
  const section: LockSection = {
    name,
    schema: z
      .record(shownText(1024), z.record(z.string().refine(isFullReference, 'a full reference'), lockedDigest))
      .transform(
        (groups): Facts =>
          new Map(Object.entries(groups).map(([group, all]) => [group, new Map(Object.entries(all))])),
      )
      .describe(`${key} → full reference → digest in the bundle; left out without any`),
    isGroupPinned: false,
    title: (written) => `Image of ${JSON.stringify(written)}`,
    isVast: false,
  };
  return {
    section,
    title: ({ written }) => `${what} ${JSON.stringify(written)}`,
    ask: async ({ digests }) => digests,
    facts: ({ written }, digests) => new Map([[written, new Map(digests)]]),
    recall: ({ written }, facts) => {
      const words = facts.get(written);
      if (words === undefined) return undefined;
      return new Map(
        [...words].flatMap(([image, digest]) => (isDigest(digest) ? [[image, digest] as const] : [])),
      );
    },
  };
}
