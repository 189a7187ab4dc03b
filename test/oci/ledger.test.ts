import { describe, expect, it } from 'vitest';
import { interrupted } from '../../src/internal/interrupt.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { type BlobOutcome, type Donor, Ledger } from '../../src/oci/ledger.ts';

const digest = digestOf('a blob');

describe('Ledger', () => {
  it('does the work for a repository once, now and later', async () => {
    const ledger = new Ledger();
    let runs = 0;
    const work = async (): Promise<BlobOutcome> => {
      runs += 1;
      return 'present';
    };
    await Promise.all([ledger.settle('a', digest, { work }), ledger.settle('a', digest, { work })]);
    await ledger.settle('a', digest, { work });
    expect(runs).toBe(1);
  });

  it('forgets a blob that no other copy wants, once it is there', async () => {
    const ledger = new Ledger({ isShared: (each) => each !== digest });
    const donors: (Donor | undefined)[] = [];
    const work = async (donor: Donor | undefined): Promise<BlobOutcome> => {
      donors.push(donor);
      return 'pushed';
    };
    await ledger.settle('a', digest, { work });
    await ledger.settle('b', digest, { work });
    expect(donors).toEqual([undefined, undefined]);
    await ledger.settle('a', digestOf('another'), { work });
    await ledger.settle('b', digestOf('another'), { work });
    expect(donors.map((donor) => donor !== undefined)).toEqual([false, false, false, true]);
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
        return 'pushed';
      },
    });
    const second = ledger.settle('b', digest, {
      work: async (donor) => {
        order.push(`b from ${await donor?.()}`);
        return 'mounted';
      },
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
    const work = async (donor: Donor | undefined): Promise<BlobOutcome> => {
      found = await donor?.();
      return 'pushed';
    };
    await Promise.allSettled([failing, ledger.settle('b', digest, { work })]);
    expect(found).toBeUndefined();
    let again = 0;
    await ledger.settle('a', digest, { work: pushing(() => (again += 1)) });
    expect(again).toBe(1);
  });

  it('lets the one who waited for an interrupted copy do the work', async () => {
    const ledger = new Ledger();
    const first = ledger.settle('a', digest, {
      work: async () => {
        await Promise.resolve();
        throw interrupted();
      },
    });
    let mine = 0;
    const second = ledger.settle('a', digest, { work: pushing(() => (mine += 1)) });
    const [one] = await Promise.allSettled([first, second]);
    expect(one?.status).toBe('rejected');
    expect(mine).toBe(1);
  });

  const RENEWED: readonly [outcome: BlobOutcome | 'interrupted' | 'nothing', runs: number][] = [
    ['present', 1],
    ['mounted', 1],
    ['pushed', 0],
    ['interrupted', 1],
    ['nothing', 1],
  ];
  for (const [outcome, runs] of RENEWED)
    it(`renews what was ${outcome}${runs === 0 ? ' not at all' : ''}, once for all who ask`, async () => {
      const ledger = new Ledger();
      const first = async (): Promise<BlobOutcome> => {
        if (outcome === 'interrupted') throw interrupted();
        return outcome === 'mounted' || outcome === 'present' ? outcome : 'pushed';
      };
      if (outcome !== 'nothing') await Promise.allSettled([ledger.settle('a', digest, { work: first })]);
      let renewed = 0;
      const work = pushing(() => (renewed += 1));
      await Promise.all([ledger.renew('a', digest, { work }), ledger.renew('a', digest, { work })]);
      await ledger.renew('a', digest, { work });
      expect(renewed).toBe(runs);
    });

  it('tells everyone who asks for a renewal that it failed, and lets the next one try', async () => {
    const ledger = new Ledger();
    await ledger.settle('a', digest, { work: async () => 'present' });
    const failing = async (): Promise<BlobOutcome> => await Promise.reject(new Error('no'));
    await expect(ledger.renew('a', digest, { work: failing })).rejects.toThrow('no');
    let renewed = 0;
    await ledger.renew('a', digest, { work: pushing(() => (renewed += 1)) });
    expect(renewed).toBe(1);
  });
});

function pushing(note: () => void): () => Promise<BlobOutcome> {
  return async () => {
    note();
    return 'pushed';
  };
}
