import { describe, expect, it } from 'vitest';
import { catalogFact } from '../../../../src/products/openshift/catalog/facts.ts';
import { isInRange, isVersionBound } from '../../../../src/products/openshift/catalog/range.ts';
import { selectPackages } from '../../../../src/products/openshift/catalog/select.ts';
import type { CatalogWish, PackageWish } from '../../../../src/products/openshift/catalog/wish.ts';
import { type CatalogDocument, olmBundle, olmChannel, olmPackage } from '../../../support/samples/catalog.ts';

const fail = (fact: string): Error => new Error(fact);

/** Returns `channel: bundle bundle` for each channel that is kept. */
function select(documents: readonly CatalogDocument[], wish: Partial<CatalogWish> = {}): readonly string[] {
  const facts = documents.map((document) => catalogFact(document, fail));
  const selected = selectPackages(facts, { full: false, ...wish }, fail);
  return selected.flatMap(({ name, channels, defaultChannel }) =>
    [...channels].map(
      ([channel, bundles]) =>
        `${name}/${channel}${channel === defaultChannel ? '*' : ''}: ${[...bundles].sort().join(' ')}`,
    ),
  );
}

/** A package with these versions, and its channel `x`. */
function lab(versions: readonly string[], ...entries: readonly string[]): readonly CatalogDocument[] {
  return [
    olmPackage('a', 'x'),
    olmChannel('a', 'x', ...entries.map((entry) => entry.replaceAll(/(?<![\w.])(\d)/g, 'a.v$1'))),
    ...versions.map((version) => olmBundle('a', version)),
  ];
}

const CHAIN = lab(
  ['1.0.0', '1.1.0', '1.1.1', '1.2.0', '2.0.0'],
  '2.0.0 > 1.2.0',
  '1.2.0 > 1.0.0 - 1.1.0 - 1.1.1',
  '1.1.1 > 1.0.0',
  '1.1.0 > 1.0.0',
  '1.0.0',
);
const own = (rest: Partial<PackageWish>): Partial<CatalogWish> => ({ packages: [{ name: 'a', ...rest }] });

describe('a channel', () => {
  it.each<readonly [string, Partial<CatalogWish>, string]>([
    ['the head alone', {}, '2.0.0'],
    ['the head alone, when its package is named', own({}), '2.0.0'],
    ['all with "full"', { full: true, ...own({}) }, '1.0.0 1.1.0 1.1.1 1.2.0 2.0.0'],
    ['all with "full" of all packages', { full: true }, '1.0.0 1.1.0 1.1.1 1.2.0 2.0.0'],
    ['those from a version on', own({ minVersion: '1.1.1' }), '1.1.1 1.2.0 2.0.0'],
    ['those up to a version', own({ maxVersion: '1.1.0' }), '1.0.0 1.1.0 1.2.0'],
    ['those between two', own({ minVersion: '1.1.0', maxVersion: '1.2.0' }), '1.1.0 1.1.1 1.2.0'],
    ['one, when both ends are the same', own({ minVersion: '1.2.0', maxVersion: '1.2.0' }), '1.2.0'],
    [
      'one that is skipped, with what skips it',
      own({ minVersion: '1.1.0', maxVersion: '1.1.0' }),
      '1.1.0 1.2.0',
    ],
    ['what has a range of its own', own({ channels: [{ name: 'x', minVersion: '2.0.0' }] }), '2.0.0'],
    ['a bound without its last number', own({ maxVersion: '1' }), '1.0.0 1.1.0 1.1.1 1.2.0'],
  ])('keeps %s', (_, wish, kept) => {
    expect(select(CHAIN, wish)).toEqual([`a/x*: ${kept.replaceAll(/(^| )/g, '$1a.v')}`]);
  });

  it('keeps what an upgrade within the range passes through', () => {
    const documents = lab(['1.0.0', '9.0.0', '2.0.0'], '2.0.0 > 9.0.0', '9.0.0 > 1.0.0', '1.0.0');
    expect(select(documents, own({ minVersion: '1.0.0', maxVersion: '2.0.0' }))).toEqual([
      'a/x*: a.v1.0.0 a.v2.0.0 a.v9.0.0',
    ]);
  });

  it('has entries that may replace and skip what is not in the catalog', () => {
    expect(select(lab(['2.0.0'], '2.0.0 > 1.0.0 - 1.5.0'), own({ minVersion: '1.0.0' }))).toEqual([
      'a/x*: a.v2.0.0',
    ]);
  });

  it.each<readonly [string, readonly CatalogDocument[], string]>([
    ['two heads', lab(['1.0.0', '2.0.0'], '1.0.0', '2.0.0'), 'it has 2 heads: "a.v1.0.0", "a.v2.0.0"'],
    ['no head', lab(['1.0.0', '2.0.0'], '1.0.0 > 2.0.0', '2.0.0 > 1.0.0'), 'it has no head'],
    [
      'a circle below its head',
      lab(['1.0.0', '2.0.0', '3.0.0'], '3.0.0 > 2.0.0', '2.0.0 > 1.0.0', '1.0.0 > 2.0.0'),
      'replace or skip one another in a circle',
    ],
    [
      'a circle of skips',
      lab(['1.0.0', '2.0.0', '3.0.0'], '3.0.0', '2.0.0 - 1.0.0', '1.0.0 - 2.0.0'),
      'replace or skip one another in a circle',
    ],
    ['an entry that replaces itself', lab(['1.0.0'], '1.0.0 > 1.0.0'), '"a.v1.0.0" replaces or skips itself'],
    ['an entry that skips itself', lab(['1.0.0'], '1.0.0 - 1.0.0'), '"a.v1.0.0" replaces or skips itself'],
    ['an entry twice', lab(['1.0.0'], '1.0.0', '1.0.0'), 'it has "a.v1.0.0" twice'],
    ['no entries', lab(['1.0.0']), 'it has no entries'],
    ['a head without a bundle', lab([], '1.0.0'), 'a channel has "a.v1.0.0", and there is no such bundle'],
  ])('is refused with %s', (_, documents, fact) => {
    expect(() => select(documents)).toThrow(fact);
  });

  it.each([undefined, 'one', '1.0'])('is refused where a bundle in it has the version %s', (version) => {
    const [head, channel] = lab([], '1.0.0');
    const bundle = olmBundle('a', '1.0.0');
    const properties = version === undefined ? [] : [{ type: 'olm.package', value: { version } }];
    const documents = [head, channel, { ...bundle, properties }].filter((each) => each !== undefined);
    expect(() => select(documents, own({ minVersion: '1.0.0' }))).toThrow('bundle "a.v1.0.0" has ');
  });

  it('is walked, however long, without recursion', () => {
    const versions = Array.from({ length: 12_000 }, (_, index) => `1.0.${index}`);
    const entries = versions.map((version, index) =>
      index === 0 ? version : `${version} > 1.0.${index - 1}`,
    );
    expect(select(lab(versions, ...entries), own({ minVersion: '1.0.11998' }))).toEqual([
      'a/x*: a.v1.0.11998 a.v1.0.11999',
    ]);
  });
});

describe('a catalog', () => {
  const two = [
    olmPackage('b', 'y'),
    olmChannel('b', 'y', 'b.v1.0.0'),
    olmChannel('b', 'z', 'b.v2.0.0 > b.v1.0.0', 'b.v1.0.0'),
    olmBundle('b', '1.0.0'),
    olmBundle('b', '2.0.0'),
    ...CHAIN,
  ];

  it('all packages and channels are kept unless some are named', () => {
    expect(select(two)).toEqual(['a/x*: a.v2.0.0', 'b/y*: b.v1.0.0', 'b/z: b.v2.0.0']);
    expect(select(two, { packages: [{ name: 'b' }] })).toEqual(['b/y*: b.v1.0.0', 'b/z: b.v2.0.0']);
    expect(select(two, { packages: [{ name: 'b', channels: [{ name: 'y' }] }] })).toEqual(['b/y*: b.v1.0.0']);
  });

  it('a channel that has nothing in the range is left out, unless it is the default', () => {
    const range = { minVersion: '2.0.0' };
    expect(select(two, { packages: [{ name: 'b', defaultChannel: 'z', ...range }] })).toEqual([
      'b/z*: b.v2.0.0',
    ]);
    expect(() => select(two, { packages: [{ name: 'b', ...range }] })).toThrow(
      'package "b": its default channel "y" has no version in the range',
    );
  });

  it.each<readonly [string, Partial<CatalogWish>, string]>([
    ['an unknown package', { packages: [{ name: 'c' }] }, 'it has no package "c"'],
    [
      'an unknown channel',
      { packages: [{ name: 'b', channels: [{ name: 'x' }] }] },
      'it has no channel "x"; it has y, z',
    ],
    [
      'a default channel that is not chosen',
      { packages: [{ name: 'b', channels: [{ name: 'z' }] }] },
      'its default channel "y" is not among its "channels"; name another one with "defaultChannel"',
    ],
    [
      'a named default channel that is not chosen',
      { packages: [{ name: 'b', defaultChannel: 'y', channels: [{ name: 'z' }] }] },
      'its "defaultChannel" "y" is not among its "channels"',
    ],
    [
      'a default channel that does not exist',
      { packages: [{ name: 'b', defaultChannel: 'w' }] },
      'its default channel "w" does not exist',
    ],
  ])('%s is refused', (_, wish, fact) => {
    expect(() => select(two, wish)).toThrow(fact);
  });

  it.each<readonly [string, readonly CatalogDocument[], string]>([
    ['no packages', [{ schema: 'lab.x' }], 'it has no packages'],
    ['a package twice', [...CHAIN, olmPackage('a', 'x')], 'package "a": it has 2 olm.package'],
    ['a channel without a package', [olmChannel('c', 'x', 'c.v1.0.0')], 'package "c": it has no olm.package'],
    [
      'a channel twice',
      [...CHAIN, olmChannel('a', 'x', 'a.v1.0.0')],
      'package "a" has olm.channel "x" twice',
    ],
    ['a bundle twice', [...CHAIN, olmBundle('a', '1.0.0')], 'package "a" has olm.bundle "a.v1.0.0" twice'],
  ])('with %s is refused', (_, documents, fact) => {
    expect(() => select(documents)).toThrow(fact);
  });
});

describe('a version', () => {
  it.each([
    ['1.2.3', '1.2.3', '1.2.3', true],
    ['1.2.3+build', '1.2.3', '1.2.3', true],
    ['1.3.0', '1.2', undefined, true],
    ['1.1.9', '1.2', undefined, false],
    ['2.9.9', undefined, '2', true],
    ['3.0.0', undefined, '2', false],
    // A pre-release counts where a bound is one.
    ['4.14.0-202404', '4.13.0', '4.15.0', false],
    ['4.14.0-202404', '4.13.0-0', '4.15.0', true],
    ['4.14.0-202404', '4.14.0-202404', '4.14.0-202404', true],
    ['4.14.0-202403', '4.14.0-202404', undefined, false],
  ])('%s is from %s to %s: %s', (version, minVersion, maxVersion, expected) => {
    expect(isInRange(version, { minVersion, maxVersion })).toBe(expected);
  });

  it('can be a bound, whole or in part, and nothing else can', () => {
    expect(['1', '1.2', '1.2.3', '1.2.3-a.1', '1.2.3+b'].map(isVersionBound)).toEqual(Array(5).fill(true));
    expect(['', 'v1', '1.2-a', '>=1', '1.2.3.4', '1.2.3-', '01.2.3'].map(isVersionBound)).toEqual(
      Array(7).fill(false),
    );
  });
});
