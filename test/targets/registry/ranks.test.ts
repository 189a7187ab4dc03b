import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { ranksOf } from '../../../src/targets/registry/ranks.ts';

/** `image: manifests > subjects` */
const CASES: readonly (readonly [name: string, speakers: readonly string[], ranks: readonly number[]])[] = [
  ['what speaks of nothing', ['a', 'b'], [0, 0]],
  ['a signature after its image', ['a', 's > a'], [0, 1]],
  ['a signature before its image', ['s > a', 'a'], [1, 0]],
  ['a signature of a platform', ['i a b', 's > b'], [0, 1]],
  ['a signature of a signature', ['t > s', 's > a', 'a'], [2, 1, 0]],
  ['a signature of an image that two names have', ['a', 'a', 's > a'], [0, 0, 1]],
  ['a signature of what is not pushed', ['a', 's > x'], [0, 0]],
  ['an index with a statement of its own image', ['i s a > a'], [0]],
  ['an index with a statement of another one', ['i s > b', 'b'], [1, 0]],
  ['a circle, which a bundle may claim', ['a > b', 'b > a', 'c', 's > c'], [0, 0, 0, 1]],
  ['something that speaks of a circle', ['a > b', 'b > a', 's > a'], [0, 0, 0]],
];

describe('the order of what speaks of others', () => {
  it.each(CASES)('is told by rank: %s', (_, speakers, ranks) => {
    const read = (names: string): ReturnType<typeof digestOf>[] =>
      names.split(' ').filter(Boolean).map(digestOf);
    const parsed = speakers.map((text) => {
      const [manifests = '', subjects = ''] = text.split('>');
      return { manifests: read(manifests), subjects: read(subjects) };
    });
    expect(ranksOf(parsed)).toEqual(ranks);
  });

  it('takes no longer for a long chain than it has links', () => {
    const names = Array.from({ length: 50_000 }, (_, place) => digestOf(`${place}`));
    const speakers = names.map((name, place) => ({
      manifests: [name],
      subjects: names.slice(place + 1, place + 3),
    }));
    expect(ranksOf(speakers)[0]).toBe(49_999);
  });
});
