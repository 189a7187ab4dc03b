import * as z from 'zod';
import { isK3sArchitecture, K3S_ARCHITECTURES } from '../../products/k3s/architecture.ts';
import { K3S_TAG } from '../../products/k3s/tag.ts';
import { word } from '../../spec/fields.ts';
import type { Facts, LockSection } from '../../spec/lock/lock.ts';
import type { Question, WebUpstream } from '../questions.ts';
import { catalogueOf, type K3sCatalogue } from './catalogue.ts';
import { loadCatalogue } from './load-catalogue.ts';

const tag = z.string().regex(K3S_TAG, 'the tag of a K3s release, such as v1.30.6+k3s1');

/** The architectures that K3s is released for, sorted, each at most once. */
const architectures = z.enum(
  K3S_ARCHITECTURES.reduceRight<readonly string[]>(
    (rests, each) => [...rests, ...rests.map((rest) => `${each} ${rest}`.trimEnd())],
    [''],
  ),
);

const section: LockSection = {
  name: 'k3s',
  schema: z
    .strictObject({
      channels: z.record(word, tag.nullable()).describe('name → newest tag; null for a channel without one'),
      releases: z.record(tag, architectures).describe('tag → architectures that the release can be used on'),
    })
    .transform(
      ({ channels, releases }): Facts =>
        new Map<string, ReadonlyMap<string, string | null>>([
          ['channels', new Map(Object.entries(channels))],
          ['releases', new Map(Object.entries(releases))],
        ]),
    )
    .describe('left out when nothing depends on the list of releases'),
  isGroupPinned: false,
  title: (group) => (group === 'channels' ? 'K3s channel' : 'K3s release'),
  isVast: true,
};

/** Asks for the live catalogue once a run: a run has one web. */
const loaded = new WeakMap<WebUpstream, Promise<K3sCatalogue>>();

/** The question for every release of K3s and its channels. */
export const CATALOGUE: Question<undefined, K3sCatalogue> = {
  section,
  title: () => 'the list of K3s releases',
  ask: async (_, world) => {
    const known = loaded.get(world.web) ?? loadCatalogue(world);
    loaded.set(world.web, known);
    return await known;
  },
  facts: (_, { channels, releases }) =>
    new Map<string, ReadonlyMap<string, string | null>>([
      ['channels', new Map([...channels].map(([name, latest]) => [name, latest === '' ? null : latest]))],
      ['releases', new Map(releases.map((release) => [release.tag, release.architectures.join(' ')]))],
    ]),
  recall: (_, facts) => {
    const releases = facts.get('releases');
    if (releases === undefined) return undefined;
    const known = catalogueOf(
      [...releases].map(([name, usable]) => ({
        tag: name,
        architectures: (usable ?? '').split(' ').filter(isK3sArchitecture),
      })),
      [...(facts.get('channels') ?? [])].map(([name, latest]) => [name, latest ?? '']),
    );
    return { ...known, locked: true };
  },
};
