import * as z from 'zod';
import { shownText } from '../../internal/unicode/shown-text.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { lockedDigest } from '../../spec/fields.ts';
import type { Facts, LockSection } from '../../spec/lock/lock.ts';
import type { Question } from '../questions.ts';

/** A file or folder of this host as it is now. */
export interface LocalState {
  /** Its name in the bundle. */
  readonly name: string;
  /** Digest of the manifest that it makes, which covers content, paths, links and who may run what. */
  readonly digest: Digest;
}

const section: LockSection = {
  name: 'files',
  schema: z
    .record(shownText(255), z.strictObject({ digest: lockedDigest }))
    .transform(
      (pins): Facts =>
        new Map(Object.entries(pins).map(([name, { digest }]) => [name, new Map([['digest', digest]])])),
    )
    .describe('name of a local file or folder → digest of the manifest that it makes; left out without any'),
  isGroupPinned: true,
  title: () => 'File',
  isVast: false,
};

/** What a file or folder of this host was when it was locked. */
export const LOCAL_FILE: Question<LocalState, Digest> = {
  section,
  title: ({ name }) => `file "${name}"`,
  ask: async ({ digest }) => digest,
  facts: ({ name }, digest) => new Map([[name, new Map([['digest', digest]])]]),
  recall: ({ name }, facts) => {
    const digest = facts.get(name)?.get('digest');
    return isDigest(digest) ? digest : undefined;
  },
};
