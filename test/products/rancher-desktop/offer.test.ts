import { describe, expect, it } from 'vitest';
import { parseK3sTag } from '../../../src/products/k3s/tag.ts';
import { isDesktopRelease, isTooOld, listsPauseImage } from '../../../src/products/rancher-desktop/offer.ts';
import { k3sFixture } from '../../support/samples/k3s-fixture.ts';

function textOf(name: string): string {
  return Buffer.from(k3sFixture(name)).toString('utf8');
}

describe('listsPauseImage', () => {
  it('tells the real lists of before and after July 2026 apart', () => {
    expect(listsPauseImage(textOf('k3s-images.before-pause-bump.txt'))).toBe(true);
    expect(listsPauseImage(textOf('k3s-images.after-pause-bump.txt'))).toBe(false);
  });

  it.each([
    ['docker.io/rancher/mirrored-pause:3.6', true],
    ['rancher/mirrored-pause:3.6\r\n', true],
    ['docker.io/rancher/mirrored-pause:3.6.1', false],
    ['docker.io/rancher/mirrored-pause:3.10.2', false],
    ['quay.io/rancher/mirrored-pause:3.6', false],
    ['docker.io/rancher/pause:3.6', false],
    ['', false],
  ])('answers for %j: %s', (line, expected) => {
    expect(listsPauseImage(`docker.io/rancher/klipper-lb:v1\n${line}`)).toBe(expected);
  });
});

describe('what Rancher Desktop takes out of its cache', () => {
  it.each([
    ['v1.30.6+k3s1', true],
    ['v1.30.10+k3s12', true],
    ['v1.31.3-rc2+k3s1', false],
    ['v1.32.12-alpha1+k3s1', false],
    ['v1.17.0+k3s.1', false],
  ])('is %s: %s', (name, expected) => {
    const tag = parseK3sTag(name);
    expect(tag && isDesktopRelease(tag)).toBe(expected);
  });

  it.each([
    ['v1.25.2+k3s1', true],
    ['v1.25.3-rc1+k3s1', true],
    ['v1.25.3+k3s1', false],
    ['v1.30.0+k3s1', false],
  ])('is too old with %s: %s', (name, expected) => {
    const tag = parseK3sTag(name);
    expect(tag && isTooOld(tag)).toBe(expected);
  });
});
