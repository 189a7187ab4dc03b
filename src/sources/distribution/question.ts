import * as z from 'zod';
import { word } from '../../spec/fields.ts';
import type { Facts, LockSection } from '../../spec/lock/lock.ts';
import type { Question, WebUpstream } from '../questions.ts';
import { type Catalogue, catalogueOf } from './catalogue.ts';
import type { Distribution } from './distribution.ts';
import { loadCatalogue } from './load-catalogue.ts';

/** The question for every release of a distribution and its channels. */
export type CatalogueQuestion = Question<undefined, Catalogue> & { readonly distribution: Distribution };

/** Returns the {@link CatalogueQuestion} of a distribution. */
export function catalogueQuestion(distribution: Distribution): CatalogueQuestion {
  // A run asks for the live catalogue once, and it has one web.
  const loaded = new WeakMap<WebUpstream, Promise<Catalogue>>();
  return {
    distribution,
    section: sectionFor(distribution),
    title: () => `the list of ${distribution.name} releases`,
    ask: async (_, world) => {
      const known = loaded.get(world.web) ?? loadCatalogue(distribution, world);
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
      const known = catalogueOf(distribution, {
        releases: [...releases].map(([name, usable]) => ({
          tag: name,
          architectures: (usable ?? '')
            .split(' ')
            .filter((text) => distribution.architectures.includes(text)),
        })),
        channels: [...(facts.get('channels') ?? [])].map(([name, latest]) => [name, latest ?? '']),
      });
      return { ...known, locked: true };
    },
  };
}

function sectionFor({ name: title, section, pattern, example, architectures }: Distribution): LockSection {
  const tag = z.string().regex(pattern, `the tag of a release of ${title}, such as ${example}`);
  return {
    name: section,
    schema: z
      .strictObject({
        channels: z
          .record(word, tag.nullable())
          .describe('name → newest tag; null for a channel without one'),
        releases: z
          .record(tag, z.enum(listsOf(architectures)))
          .describe('tag → architectures that the release can be used on'),
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
    title: (group) => (group === 'channels' ? `${title} channel` : `${title} release`),
    isVast: true,
  };
}

/** Returns every list of architectures, sorted, each of them at most once. */
function listsOf(architectures: readonly string[]): readonly string[] {
  return architectures.reduceRight<readonly string[]>(
    (rests, each) => [...rests, ...rests.map((rest) => `${each} ${rest}`.trimEnd())],
    [''],
  );
}
