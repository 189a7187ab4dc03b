import { describe, expect, it } from 'vitest';
import { interrupted } from '../../../src/internal/interrupt.ts';
import { SingleFlight } from '../../../src/registry/session/single-flight.ts';

describe('SingleFlight', () => {
  it('does the same work once for all who ask at the same time', async () => {
    const flights = new SingleFlight<number>();
    let runs = 0;
    const work = async (): Promise<number> => {
      const run = (runs += 1);
      await Promise.resolve();
      return run;
    };
    expect(
      await Promise.all([flights.run('a', work), flights.run('a', work), flights.run('b', work)]),
    ).toEqual([1, 1, 2]);
    expect(await flights.run('a', work)).toBe(3);
  });

  it('gives a failure to all who waited, and starts again afterwards', async () => {
    const flights = new SingleFlight<number>();
    const failing = async (): Promise<number> => {
      throw new Error('no');
    };
    const both = await Promise.allSettled([flights.run('a', failing), flights.run('a', async () => 1)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await flights.run('a', async () => 1)).toBe(1);
  });

  it('starts the work again for those who were not interrupted', async () => {
    const flights = new SingleFlight<string>();
    const stopped = async (): Promise<string> => {
      await Promise.resolve();
      throw interrupted();
    };
    const [first, second] = await Promise.allSettled([
      flights.run('a', stopped),
      flights.run('a', async () => 'mine'),
    ]);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: 'ERR_INTERRUPTED' } });
    expect(second).toEqual({ status: 'fulfilled', value: 'mine' });
  });
});
