import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coveringMinors } from '../../../src/products/kubectl/covering-clients.ts';

const always = (): boolean => true;

describe('coveringMinors', () => {
  it.each([
    [
      [30, 31, 32, 34],
      [31, 34],
    ],
    [[30], [30]],
    [[30, 31], [31]],
    [[30, 32], [31]],
    [
      [30, 33],
      [30, 33],
    ],
    [[32, 30, 31, 31], [31]],
    [
      [25, 26, 27, 28, 29, 30],
      [26, 29],
    ],
    [
      [25, 26, 27, 28],
      [26, 28],
    ],
    [
      [20, 36],
      [20, 36],
    ],
    [[], []],
  ])('serves %j with %j', (servers, clients) => {
    expect(coveringMinors(servers, always)).toEqual(clients);
  });

  it('takes the client of the minor itself when there is none one above', () => {
    expect(coveringMinors([35, 36], (minor) => minor < 36)).toEqual([35]);
    expect(coveringMinors([30, 31, 32], (minor) => minor !== 31)).toEqual([30, 32]);
  });

  it('serves every server, and no smaller set does', () => {
    const someMinors = fc.uniqueArray(fc.integer({ min: 20, max: 29 }), { maxLength: 6 });
    fc.assert(
      fc.property(someMinors, (servers) => {
        const clients = coveringMinors(servers, always);
        const serves = (set: readonly number[]): boolean =>
          servers.every((server) => set.some((client) => Math.abs(client - server) <= 1));
        expect(serves(clients)).toBe(true);
        expect(
          subsets([19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30], clients.length - 1).some(serves),
        ).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

function subsets(of: readonly number[], size: number): readonly (readonly number[])[] {
  if (size < 0) return [];
  if (size === 0) return [[]];
  return of.flatMap((first, index) => subsets(of.slice(index + 1), size - 1).map((rest) => [first, ...rest]));
}
