import { array, assert, integer, property, tuple, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chosenBuilds,
  decodeVersionList,
  type VersionList,
} from '../../../src/products/rancher-desktop/version-list.ts';
import { addsNothing, mergeVersionLists } from '../../../src/targets/rancher-desktop/merged-list.ts';
import { k3sFixture } from '../../support/samples/k3s-fixture.ts';

const NOTHING = { existing: undefined, carried: undefined, placed: [], cached: [] };

describe('mergeVersionLists', () => {
  it('keeps what is there, adds what is carried and what is placed, ascending by version and not by text', () => {
    const merged = mergeVersionLists({
      existing: list(['v1.29.4+k3s1', 'v1.9.0+k3s1']),
      carried: list(['v1.31.2+k3s1', 'v1.30.10+k3s1', 'v1.30.9+k3s1']),
      placed: ['v1.30.6+k3s1'],
      cached: [],
    });
    expect(merged.versions).toEqual([
      'v1.9.0+k3s1',
      'v1.29.4+k3s1',
      'v1.30.6+k3s1',
      'v1.30.9+k3s1',
      'v1.30.10+k3s1',
      'v1.31.2+k3s1',
    ]);
  });

  it.each([
    ['the one that is placed', { placed: ['v1.30.6+k3s1'], cached: ['v1.30.6+k3s2'] }, 'v1.30.6+k3s1'],
    ['the one that is cached', { placed: [], cached: ['v1.30.6+k3s1'] }, 'v1.30.6+k3s1'],
    ['the highest', { placed: [], cached: [] }, 'v1.30.6+k3s10'],
    ['the highest that is placed', { placed: ['v1.30.6+k3s2', 'v1.30.6+k3s1'], cached: [] }, 'v1.30.6+k3s2'],
  ])('lets of several builds %s count', (_, folders, raw) => {
    const existing = list(['v1.30.6+k3s1', 'v1.30.6+k3s2', 'v1.30.6+k3s10']);
    const { versions } = mergeVersionLists({ ...NOTHING, existing, ...folders });
    expect(chosenBuilds(versions).get('1.30.6')?.tag).toBe(raw);
    expect([...versions].sort()).toEqual([...existing.versions].sort());
  });

  it('lists what lies in the cache, because the list inside the application is hidden from now on', () => {
    const cached = ['v1.28.1+k3s1', '.saddlebag-x', 'tmp-v1.2.3-abc', 'v1.28.2-rc1+k3s1', 'v1.28.3%2Bk3s1'];
    expect(mergeVersionLists({ ...NOTHING, cached }).versions).toEqual(['v1.28.1+k3s1']);
  });

  it('moves labels up and never down, and keeps them all', () => {
    const { channels } = mergeVersionLists({
      ...NOTHING,
      existing: list([], { stable: '1.31.2', latest: '1.31.2', mine: '1.20.1', odd: 'soon' }),
      carried: list([], { stable: '1.30.6', latest: '1.32.0', 'v1.9': '1.9.9', odd: '1.30.1' }),
    });
    expect(channels).toEqual({
      latest: '1.32.0',
      mine: '1.20.1',
      odd: '1.30.1',
      stable: '1.31.2',
      'v1.9': '1.9.9',
    });
  });

  it('keeps entries that Rancher Desktop passes over, in front', () => {
    const { versions } = mergeVersionLists({ ...NOTHING, existing: list(['v1.30.6+k3s1', 'x', '1.2']) });
    expect(versions).toEqual(['1.2', 'x', 'v1.30.6+k3s1']);
  });

  it('is not led astray by a label that is a property of every object', () => {
    const text = '{"cacheVersion":2,"versions":[],"channels":{"__proto__":"1.30.6","constructor":"1.30.6"}}';
    const existing = decodeVersionList(text);
    const { channels } = mergeVersionLists({ ...NOTHING, existing });
    expect(Object.keys(channels).sort()).toEqual(['__proto__', 'constructor']);
  });

  it('adds nothing to what it made itself, and every placed build counts in it', () => {
    const tag = tuple(
      integer({ min: 25, max: 27 }),
      integer({ min: 0, max: 2 }),
      integer({ min: 1, max: 3 }),
    ).map(([minor, patch, build]) => `v1.${minor}.${patch}+k3s${build}`);
    const tags = array(tag, { maxLength: 6 });
    assert(
      property(
        tags,
        tags,
        uniqueArray(tag, { maxLength: 3, selector: numberOf }),
        tags,
        (a, b, placed, cached) => {
          const parts = { carried: list(b), placed, cached };
          const merged = mergeVersionLists({ ...parts, existing: list(a) });
          const again = mergeVersionLists({ ...parts, existing: merged });
          expect(again).toEqual(merged);
          expect(addsNothing(merged, again)).toBe(true);
          for (const raw of placed) expect(chosenBuilds(merged.versions).get(numberOf(raw))?.tag).toBe(raw);
          for (const raw of [...a, ...b]) expect(merged.versions).toContain(raw);
        },
      ),
    );
  });
});

describe('addsNothing', () => {
  const existing = list(['v1.30.6+k3s1', 'v1.30.6+k3s2'], { stable: '1.30.6' });

  it.each([
    ['the order of what is no matter', list(['v1.30.6+k3s2']), true],
    ['a version', list(['v1.30.6+k3s2', 'v1.31.2+k3s1']), false],
    ['the build that counts', list(['v1.30.6+k3s2', 'v1.30.6+k3s1']), false],
    ['a label', list(['v1.30.6+k3s2'], { latest: '1.30.6' }), false],
    ['the version of a label', list(['v1.30.6+k3s2'], { stable: '1.31.2' }), false],
  ])('sees %s', (_, merged, expected) => {
    expect(addsNothing(existing, merged)).toBe(expected);
  });
});

it('takes the list that Rancher Desktop ships as it is', () => {
  const bytes = k3sFixture('k3s-versions.v2.rd-main-2026-08-20.json');
  const existing = decodeVersionList(Buffer.from(bytes).toString());
  expect(existing?.versions.length).toBeGreaterThan(100);
  expect(existing && addsNothing(existing, mergeVersionLists({ ...NOTHING, existing }))).toBe(true);
});

function list(versions: readonly string[], channels: VersionList['channels'] = {}): VersionList {
  return { versions, channels };
}

function numberOf(tag: string): string {
  return tag.replace(/^v|\+.*$/g, '');
}
