import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Gate, mapConcurrently } from '../../src/internal/gate.ts';

describe('Gate', () => {
  it('lets no more in at once than it has places for, and everybody in the end', async () => {
    const gate = new Gate(3);
    let inside = 0;
    let most = 0;
    const task = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => gate.run(task)));
    expect({ inside, most }).toEqual({ inside: 0, most: 3 });
  });

  it('gives a place back when its holder fails', async () => {
    const gate = new Gate(1);
    await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await gate.run(() => Promise.resolve('next'))).toBe('next');
  });

  it('ends a wait when the signal fires, and the place goes to the next in line', async () => {
    const gate = new Gate(1);
    const held = await gate.enter();
    const controller = new AbortController();
    const impatient = gate.run(() => Promise.resolve('never'), controller.signal);
    const patient = gate.run(() => Promise.resolve('served'));
    controller.abort();
    await expect(impatient).rejects.toThrow(expect.objectContaining({ code: 'ERR_INTERRUPTED' }));
    await held[Symbol.asyncDispose]();
    expect(await patient).toBe('served');
  });

  it('lets the lighter in before the heavier, and equals in their order', async () => {
    const gate = new Gate(1);
    const held = await gate.enter();
    const order: string[] = [];
    const waiting = [
      { name: 'huge', weight: 9000 },
      { name: 'first manifest', weight: 0 },
      { name: 'small', weight: 10 },
      { name: 'second manifest' },
    ].map(async ({ name, ...turn }) => {
      await using _place = await gate.enter(turn);
      order.push(name);
    });
    await held[Symbol.asyncDispose]();
    await Promise.all(waiting);
    expect(order).toEqual(['first manifest', 'second manifest', 'small', 'huge']);
  });

  it('lets in as many as a new limit allows, and nobody above it', async () => {
    const gate = new Gate(1);
    let inside = 0;
    const places = Array.from({ length: 6 }, async () => {
      const place = await gate.enter();
      inside += 1;
      return place;
    });
    gate.resize(4);
    const first = await Promise.all(places.slice(0, 4));
    expect(inside).toBe(4);
    gate.resize(2);
    for (const place of first.slice(0, 2)) await place[Symbol.asyncDispose]();
    await nextTurn();
    expect(inside).toBe(4);
    for (const place of first.slice(2)) await place[Symbol.asyncDispose]();
    await Promise.all(places);
    expect(inside).toBe(6);
  });

  it('frees one place however often its holder is disposed of', async () => {
    const gate = new Gate(1);
    const held = await gate.enter();
    await held[Symbol.asyncDispose]();
    await held[Symbol.asyncDispose]();
    const again = await gate.enter();
    let entered = false;
    const second = gate.run(async () => {
      entered = true;
    });
    await Promise.resolve();
    expect(entered).toBe(false);
    await again[Symbol.asyncDispose]();
    await second;
    expect(entered).toBe(true);
  });
});

describe('mapConcurrently', () => {
  it('keeps the order of the values, not of the finishes', async () => {
    const finished: number[] = [];
    const slowFirst = async (value: number): Promise<number> => {
      for (let turn = value; turn < 5; turn += 1) await nextTurn();
      finished.push(value);
      return value * 10;
    };
    expect(await mapConcurrently([1, 2, 3, 4], 4, slowFirst)).toEqual([10, 20, 30, 40]);
    expect(finished).toEqual([4, 3, 2, 1]);
  });
});
