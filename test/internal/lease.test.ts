import { describe, expect, it } from 'vitest';
import { Lease } from '../../src/internal/lease.ts';

describe('a lease', () => {
  it('tells everybody who lent memory what the reader is done with, and of its end once', () => {
    const lease = new Lease();
    const told: string[] = [];
    lease.add({ release: () => told.push('released'), end: () => told.push('first') });
    lease.add({ release: () => undefined, end: () => told.push('second') });
    lease.release();
    expect(told).toEqual(['released']);
    lease.end();
    lease.end();
    expect(told).toEqual(['released', 'first', 'second']);
  });

  it.each([1, 3])('for %i chunks at once ends for one of them when the reader asks for another', (chunks) => {
    const lease = new Lease({ chunks });
    const ended: number[] = [];
    const lend = lease.bySingleChunk();
    for (let number = 0; number < 5; number++) {
      lend().add({ release: () => undefined, end: () => ended.push(number) });
      expect(ended).toEqual([0, 1, 2, 3, 4].slice(0, Math.max(0, number + 1 - chunks)));
    }
    lease.end();
    expect(ended).toEqual([0, 1, 2, 3, 4]);
  });
});
