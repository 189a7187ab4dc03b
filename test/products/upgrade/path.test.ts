import { describe, expect, it } from 'vitest';
import { parseK3sTag } from '../../../src/products/k3s/tag.ts';
import { parseRancherTag } from '../../../src/products/rancher/tag.ts';
import { parseRke2Tag } from '../../../src/products/rke2/tag.ts';
import { carriedPath } from '../../../src/products/upgrade/carried.ts';
import type { ReleaseNumbers } from '../../../src/products/upgrade/numbers.ts';
import { upgradeOrder } from '../../../src/products/upgrade/order.ts';
import { upgradePath } from '../../../src/products/upgrade/path.ts';
import { parseStart, type UpgradeStart } from '../../../src/products/upgrade/start.ts';

type Parse = (tag: string) => ReleaseNumbers | undefined;

const K3S = [
  'v1.26.15+k3s1',
  'v1.27.9+k3s1',
  'v1.27.16+k3s1',
  'v1.28.9+k3s1',
  'v1.28.10+k3s2',
  'v1.28.10+k3s10',
  'v1.28.15-rc1+k3s1',
  'v1.29.14+k3s1',
  'v1.30.6+k3s1',
  'v1.32.1+k3s1',
];
const RANCHER = ['v2.7.9', 'v2.8.5', 'v2.8.14', 'v2.9.0-rc3', 'v2.9.3', 'v2.10.1'];

function releases(tags: readonly string[], parse: Parse): readonly ReleaseNumbers[] {
  return tags.map((tag) => {
    const release = parse(tag);
    if (release === undefined) throw new Error(tag);
    return release;
  });
}

function startOf(text: string, parse: Parse): UpgradeStart {
  const start = parseStart(text, parse);
  if (start === undefined) throw new Error(text);
  return start;
}

/** Returns the tags of a path, or what stands in its way. */
function pathOf(from: string, targets: readonly string[], parse: Parse = parseK3sTag, offers = K3S): unknown {
  const found = upgradePath(startOf(from, parse), {
    targets: releases(targets, parse),
    offers: releases(offers, parse),
    startsAtNewestPatch: parse === parseRancherTag,
  });
  if (!('kind' in found)) return found.map(({ tag }) => tag);
  return found.kind === 'gap' ? { gap: found.minors } : { [found.kind]: found.target.tag };
}

describe('parseStart', () => {
  it.each([
    ['v1.27.x', { major: 1, minor: 27 }],
    ['1.27.X', { major: 1, minor: 27 }],
    ['v1.27', { major: 1, minor: 27 }],
    ['1.27', { major: 1, minor: 27 }],
    ['v1.27.4', { major: 1, minor: 27, patch: 4 }],
    ['v1.27.4+k3s1', { major: 1, minor: 27, patch: 4, release: { tag: 'v1.27.4+k3s1' } }],
    ['1.27.4+k3s1', { major: 1, minor: 27, patch: 4, release: { tag: 'v1.27.4+k3s1' } }],
    ['v1.27.4-rc1+k3s1', { minor: 27, release: { prerelease: true } }],
  ])('reads %s', (text, expected) => {
    expect(parseStart(text, parseK3sTag)).toMatchObject({ text, ...expected });
  });

  it.each([
    '',
    'v1',
    'x',
    'v1.x',
    'stable',
    'v1.27.*',
    '>=1.27',
    'v1.27.4+rke2r1',
    'v1.27.x.1',
    'v1.9999999',
  ])('refuses %j', (text) => {
    expect(parseStart(text, parseK3sTag)).toBeUndefined();
  });
});

describe('upgradePath', () => {
  it.each([
    ['v1.27.x', ['v1.30.6+k3s1'], ['v1.28.10+k3s10', 'v1.29.14+k3s1', 'v1.30.6+k3s1']],
    ['v1.27', ['v1.30.6+k3s1'], ['v1.28.10+k3s10', 'v1.29.14+k3s1', 'v1.30.6+k3s1']],
    ['v1.27.4', ['v1.28.9+k3s1'], ['v1.28.9+k3s1']],
    ['v1.27.16+k3s1', ['v1.29.14+k3s1'], ['v1.28.10+k3s10', 'v1.29.14+k3s1']],
    // A named release of a minor between is the step, even where a higher patch exists.
    ['v1.27.x', ['v1.30.6+k3s1', 'v1.28.9+k3s1'], ['v1.28.9+k3s1', 'v1.29.14+k3s1', 'v1.30.6+k3s1']],
    ['v1.27.x', ['v1.28.9+k3s1', 'v1.28.10+k3s2'], ['v1.28.10+k3s2']],
    // Within one minor.
    ['v1.28.x', ['v1.28.10+k3s10'], ['v1.28.10+k3s10']],
    ['v1.28.10+k3s2', ['v1.28.10+k3s10'], ['v1.28.10+k3s10']],
    ['v1.28.10', ['v1.28.10+k3s10'], ['v1.28.10+k3s10']],
    // A candidate is taken when it is named, and only then.
    ['v1.28.x', ['v1.29.0-rc1+k3s1'], ['v1.29.0-rc1+k3s1']],
    ['v1.28.15-rc1+k3s1', ['v1.29.14+k3s1'], ['v1.29.14+k3s1']],
    // What is running already.
    ['v1.30.6+k3s1', ['v1.30.6+k3s1'], []],
  ])('leads from %s to %j', (from, targets, expected) => {
    expect(pathOf(from, targets)).toEqual(expected);
  });

  it.each([
    ['v1.31.x', ['v1.30.6+k3s1'], { older: 'v1.30.6+k3s1' }],
    ['v1.30.7', ['v1.30.6+k3s1'], { older: 'v1.30.6+k3s1' }],
    ['v1.30.6+k3s2', ['v1.30.6+k3s1'], { older: 'v1.30.6+k3s1' }],
    ['v1.28.15', ['v1.28.15-rc1+k3s1'], { older: 'v1.28.15-rc1+k3s1' }],
    ['v1.28.x', ['v1.30.6+k3s1', 'v1.27.9+k3s1'], { older: 'v1.27.9+k3s1' }],
    ['v2.27.x', ['v1.30.6+k3s1'], { major: 'v1.30.6+k3s1' }],
    ['v1.30.x', ['v1.32.1+k3s1'], { gap: [31] }],
    ['v1.23.x', ['v1.27.9+k3s1'], { gap: [24, 25] }],
  ])('tells why there is none from %s to %j', (from, targets, expected) => {
    expect(pathOf(from, targets)).toEqual(expected);
  });

  it('takes no candidate for a step', () => {
    expect(pathOf('v1.28.x', ['v1.30.6+k3s1'], parseK3sTag, ['v1.29.0-rc1+k3s1', 'v1.30.6+k3s1'])).toEqual({
      gap: [29],
    });
  });

  it('orders the builds of RKE2 as numbers, too', () => {
    const offers = ['v1.31.2+rke2r9', 'v1.31.2+rke2r10', 'v1.32.1+rke2r1'];
    expect(pathOf('v1.30.x', ['v1.32.1+rke2r1'], parseRke2Tag, offers)).toEqual([
      'v1.31.2+rke2r10',
      'v1.32.1+rke2r1',
    ]);
  });

  it.each([
    // Rancher first goes to the newest patch of its minor.
    ['v2.8.x', ['v2.10.1'], ['v2.8.14', 'v2.9.3', 'v2.10.1']],
    ['v2.8.5', ['v2.9.3'], ['v2.8.14', 'v2.9.3']],
    ['v2.8.14', ['v2.9.3'], ['v2.9.3']],
    ['v2.8.15', ['v2.9.3'], ['v2.9.3']],
    ['v2.8.5', ['v2.8.14'], ['v2.8.14']],
  ])('leads Rancher from %s to %j', (from, targets, expected) => {
    expect(pathOf(from, targets, parseRancherTag, RANCHER)).toEqual(expected);
  });
});

describe('carriedPath', () => {
  it.each([
    [
      ['v1.30.6+k3s1', 'v1.29.14+k3s1', 'v1.28.9+k3s1'],
      ['v1.28.9+k3s1', 'v1.29.14+k3s1', 'v1.30.6+k3s1'],
    ],
    [
      ['v1.28.9+k3s1', 'v1.28.10+k3s2', 'v1.29.14+k3s1'],
      ['v1.28.10+k3s2', 'v1.29.14+k3s1'],
    ],
    [['v1.28.9+k3s1', 'v1.30.6+k3s1'], []],
    [['v1.28.9+k3s1', 'v1.28.10+k3s2'], []],
    [['v1.28.9+k3s1'], []],
    [[], []],
  ])('finds in %j the path %j', (tags, expected) => {
    expect(carriedPath(releases(tags, parseK3sTag)).map(({ tag }) => tag)).toEqual(expected);
  });
});

describe('upgradeOrder', () => {
  const k3s = (...tags: readonly string[]) => ({
    product: 'K3s' as const,
    steps: releases(tags, parseK3sTag),
  });
  const rancher = (...tags: readonly string[]) => ({
    product: 'Rancher' as const,
    steps: releases(tags, parseRancherTag),
  });
  const told = (...paths: Parameters<typeof upgradeOrder>[0]) => {
    const { steps, misfits } = upgradeOrder(paths);
    return {
      steps: steps.map(({ release }) => release),
      misfits: misfits.map((each) => `${each.rancher} on ${each.kubernetes.release}`),
    };
  };

  it('goes with Kubernetes as far as Rancher takes it, then with Rancher a step', () => {
    const path = k3s(
      'v1.26.15+k3s1',
      'v1.27.16+k3s1',
      'v1.28.15+k3s1',
      'v1.29.14+k3s1',
      'v1.30.6+k3s1',
      'v1.31.5+k3s1',
    );
    expect(told(path, rancher('v2.9.3', 'v2.10.1'))).toEqual({
      steps: [
        'v1.26.15+k3s1',
        'v1.27.16+k3s1',
        'v2.9.3',
        'v1.28.15+k3s1',
        'v1.29.14+k3s1',
        'v1.30.6+k3s1',
        'v2.10.1',
        'v1.31.5+k3s1',
      ],
      misfits: [],
    });
  });

  it('tells of a Kubernetes that is newer than Rancher takes', () => {
    expect(told(k3s('v1.30.6+k3s1', 'v1.31.5+k3s1'), rancher('v2.8.14', 'v2.9.3'))).toEqual({
      steps: ['v2.8.14', 'v2.9.3', 'v1.30.6+k3s1', 'v1.31.5+k3s1'],
      misfits: ['v2.9.3 on v1.31.5+k3s1'],
    });
  });

  it('brings Kubernetes up to what the next Rancher needs at least', () => {
    expect(told(k3s('v1.25.16+k3s1', 'v1.26.15+k3s1', 'v1.27.16+k3s1'), rancher('v2.9.3')).steps).toEqual([
      'v1.25.16+k3s1',
      'v1.26.15+k3s1',
      'v1.27.16+k3s1',
      'v2.9.3',
    ]);
  });

  it('puts no order between a Rancher that it does not know and Kubernetes', () => {
    expect(told(k3s('v1.40.1+k3s1', 'v1.41.1+k3s1'), rancher('v2.30.1', 'v2.31.0'))).toEqual({
      steps: ['v2.30.1', 'v2.31.0', 'v1.40.1+k3s1', 'v1.41.1+k3s1'],
      misfits: [],
    });
  });

  it('leaves paths that do not depend on each other one after the other', () => {
    const desktop = { product: 'Rancher Desktop' as const, steps: releases(['v1.29.14+k3s1'], parseK3sTag) };
    expect(told(k3s('v1.28.9+k3s1'), desktop).steps).toEqual(['v1.28.9+k3s1', 'v1.29.14+k3s1']);
  });
});
