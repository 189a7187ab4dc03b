import { describe, expect, it } from 'vitest';
import { interrupted } from '../../src/internal/interrupt.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { type Donor, Ledger } from '../../src/oci/ledger.ts';

const digest = digestOf('a blob');

describe('Ledger', () => {
  it('does the work for a repository once, now and later', async () => {
    const ledger = new Ledger();
    let runs = 0;
    const work = async (): Promise<void> => {
      runs += 1;
    };
    await Promise.all([ledger.settle('a', digest, { work }), ledger.settle('a', digest, { work })]);
    await ledger.settle('a', digest, { work });
    expect(runs).toBe(1);
  });

  it('names the repository that was first as a donor, once it has the blob', async () => {
    const ledger = new Ledger();
    const done = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = ledger.settle('a', digest, {
      work: async (donor) => {
        order.push(donor === undefined ? 'a alone' : 'a helped');
        await done.promise;
        order.push('a done');
      },
    });
    const second = ledger.settle('b', digest, {
      work: async (donor) => void order.push(`b from ${await donor?.()}`),
    });
    done.resolve();
    await Promise.all([first, second]);
    expect(order).toEqual(['a alone', 'a done', 'b from a']);
  });

  it('passes over a donor that came to nothing', async () => {
    const ledger = new Ledger();
    const failing = ledger.settle('a', digest, {
      work: async () => {
        await Promise.resolve();
        throw new Error('no');
      },
    });
    let found: string | undefined = 'unset';
    const work = async (donor: Donor | undefined): Promise<void> => {
      found = await donor?.();
    };
    await Promise.allSettled([failing, ledger.settle('b', digest, { work })]);
    expect(found).toBeUndefined();
    let again = 0;
    await ledger.settle('a', digest, { work: async () => void (again += 1) });
    expect(again).toBe(1);
  });

  it('lets whoever waited for an interrupted copy do the work', async () => {
    const ledger = new Ledger();
    const first = ledger.settle('a', digest, {
      work: async () => {
        await Promise.resolve();
        throw interrupted();
      },
    });
    let mine = 0;
    const second = ledger.settle('a', digest, { work: async () => void (mine += 1) });
    const [one] = await Promise.allSettled([first, second]);
    expect(one?.status).toBe('rejected');
    expect(mine).toBe(1);
  });
});
