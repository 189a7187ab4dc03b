import * as z from 'zod';
import { parseRancherTag } from '../../products/rancher/tag.ts';
import { formatMinor, newestOf, type ReleaseNumbers } from '../../products/upgrade/numbers.ts';
import type { Facts, LockSection } from '../../spec/lock/lock.ts';
import type { Question } from '../questions.ts';
import { urlOf } from '../source.ts';
import { githubPages } from '../web/github/pages.ts';
import { decodeReleaseList } from '../web/github/releases.ts';
import { RELEASES } from './upstreams.ts';

/** Without these assets a release cannot be bundled. */
const NEEDED = ['rancher-images.txt', 'sha256sum.txt'];

/** The newest releases are all that an upgrade asks for. */
const GROUP = 'newest';

const section: LockSection = {
  name: 'rancher',
  schema: z
    .strictObject({
      [GROUP]: z
        .record(
          z.string().regex(/^v\d{1,6}\.\d{1,6}$/, 'a minor release such as v2.9'),
          z
            .string()
            .refine((tag) => parseRancherTag(tag) !== undefined, 'the tag of a release such as v2.9.2'),
        )
        .describe('minor release → its highest patch that can be bundled'),
    })
    .transform(
      (groups): Facts =>
        new Map(Object.entries(groups).map(([group, tags]) => [group, new Map(Object.entries(tags))])),
    )
    .describe('left out when nothing depends on the list of releases'),
  isGroupPinned: false,
  title: () => 'newest Rancher',
  isVast: true,
};

/** The question for the newest release of each minor of Rancher, oldest first; candidates do not count. */
export const NEWEST_RELEASES: Question<undefined, readonly ReleaseNumbers[]> = {
  section,
  title: () => 'the list of Rancher releases',
  ask: async (_, world) => {
    const releases: ReleaseNumbers[] = [];
    for await (const { body, where } of githubPages(urlOf(RELEASES, world), 'Rancher releases', world)) {
      for (const { tag, assets } of decodeReleaseList(body, where)) {
        const release = parseRancherTag(tag);
        if (release?.prerelease === false && NEEDED.every((name) => assets.has(name))) releases.push(release);
      }
    }
    return newestOfEach(releases);
  },
  facts: (_, releases) => new Map([[GROUP, new Map(releases.map((each) => [formatMinor(each), each.tag]))]]),
  recall: (_, facts) => {
    const newest = facts.get(GROUP);
    if (newest === undefined) return undefined;
    return newestOfEach([...newest.values()].flatMap((tag) => parseRancherTag(tag ?? '') ?? []));
  },
};

function newestOfEach(releases: readonly ReleaseNumbers[]): readonly ReleaseNumbers[] {
  return [...Map.groupBy(releases, formatMinor).values()]
    .flatMap((group) => newestOf(group) ?? [])
    .toSorted((left, right) => left.major - right.major || left.minor - right.minor);
}
