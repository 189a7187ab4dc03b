import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration } from '../../src/internal/format.ts';
import { nearest } from '../../src/internal/nearest.ts';
import { compareText, uniqueBy } from '../../src/internal/order.ts';

describe('words for people', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536 * 1024, '1.5 MiB'],
    [20 * 1024 ** 3, '20.0 GiB'],
    [2 ** 53, '8.0 PiB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [185, '3 min 05 s'],
    [7620, '2 h 07 min'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('counts one and many', () => {
    expect([formatCount(1, 'image'), formatCount(2, 'image'), formatCount(0, 'entry', 'entries')]).toEqual([
      '1 image',
      '2 images',
      '0 entries',
    ]);
  });

  it('finds the word that was meant, and none when nothing is near', () => {
    const keys = ['images', 'imageLists', 'rancherDesktop', 'files'];
    expect(nearest('image', keys)).toBe('images');
    expect(nearest('rancherdesktop', keys)).toBe('rancherDesktop');
    expect(nearest('volumes', keys)).toBeUndefined();
  });

  it('orders text by code unit, the same everywhere', () => {
    expect(['b', 'a', 'B', 'é', 'a1'].sort(compareText)).toEqual(['B', 'a', 'a1', 'b', 'é']);
  });

  it('keeps the first of equals', () => {
    expect(uniqueBy([['a', 1] as const, ['b', 2] as const, ['a', 3] as const], ([key]) => key)).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });
});
