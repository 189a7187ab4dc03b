import { describe, expect, it } from 'vitest';
import { withoutExcluded } from '../../../src/sources/images/exclude.ts';
import type { ImagesPart } from '../../../src/sources/images/requests.ts';

/** Every field has something, so that one that is forgotten is seen. */
const PART: Required<ImagesPart> = {
  images: ['team/kept:1', 'team/gone:1', { reference: 'quay.io/team/gone:2', platforms: ['linux/amd64'] }],
  listed: ['team/kept:2', 'team/gone:3'],
  windows: ['team/kept:3', 'team/gone:4'],
  whole: ['team/kept:4', 'team/gone:5'],
  placed: [{ reference: 'quay.io/release@sha256:00', at: ['openshift/release:1'] }],
  guesses: [
    { reference: 'team/kept:5', from: 'values' },
    { reference: 'team/gone:6', from: 'values' },
  ],
  platforms: ['linux/amd64'],
  namedAt: new Map([['team/kept:1', 'a.yaml:3']]),
};

describe('withoutExcluded', () => {
  it('leaves an image out wherever it was named, and keeps all else as it is', () => {
    const left: Required<ImagesPart> = {
      images: ['team/kept:1'],
      listed: ['team/kept:2'],
      windows: ['team/kept:3'],
      whole: ['team/kept:4'],
      placed: PART.placed,
      guesses: [{ reference: 'team/kept:5', from: 'values' }],
      platforms: PART.platforms,
      namedAt: PART.namedAt,
    };
    expect(withoutExcluded(PART, ['gone'])).toEqual(left);
    expect(withoutExcluded(PART, [])).toBe(PART);
  });

  it.each([
    ['the name as it is written', '^team/gone:1$'],
    ['the full name', String.raw`^docker\.io/team/gone:1$`],
    ['a part of it', 'gone:1'],
  ])('looks at %s', (_, pattern) => {
    const { images } = withoutExcluded({ images: ['team/gone:1', 'team/kept:1'], listed: [] }, [pattern]);
    expect(images).toEqual(['team/kept:1']);
  });

  it('refuses to break a release of OpenShift', () => {
    expect(() => withoutExcluded(PART, ['quay.io/release'])).toThrow('it is a part of OpenShift');
  });
});
