import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type ResolveProgress, ResolveTally } from '../../src/sources/resolve.ts';
import type { Question, Questions } from '../../src/sources/questions.ts';
import type { Facts } from '../../src/spec/lock/lock.ts';
import { streamOf } from '../../src/internal/bytes.ts';

const QUESTION: Question<string, string> = {
  section: {
    name: 'none',
    schema: z.custom<Facts>(),
    isGroupPinned: true,
    title: (group) => group,
    isVast: false,
  },
  title: () => 'the list of K3s releases',
  ask: async () => 'answer',
  facts: () => new Map(),
  recall: () => undefined,
};

async function unasked(): Promise<never> {
  return await Promise.reject(new Error('nobody asks that'));
}

function tallied(): { readonly tally: ResolveTally; readonly told: ResolveProgress[] } {
  const told: ResolveProgress[] = [];
  return { tally: new ResolveTally((progress) => told.push(progress)), told };
}

describe('the count of what is resolved', () => {
  it('knows what is announced before it begins, and names what is under way', async () => {
    const { tally, told } = tallied();
    const gate = Promise.withResolvers<void>();
    tally.announce(3);
    const first = tally.track('a:1', () => gate.promise, { announced: true });
    const second = tally.track('b:1', async () => {}, { announced: true });
    await second;
    expect(told.at(-1)).toEqual({ done: 1, total: 3, readBytes: 0, underWay: ['a:1'] });
    gate.resolve();
    await first;
    expect(told.at(-1)).toEqual({ done: 2, total: 3, readBytes: 0, underWay: [] });
  });

  it('counts what fails as done: it is not waited for any more', async () => {
    const { tally, told } = tallied();
    await expect(tally.track('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(told.at(-1)).toEqual({ done: 1, total: 1, readBytes: 0, underWay: [] });
  });

  it('grows with each question, and shows no secret of an address', async () => {
    const { tally, told } = tallied();
    const body = Buffer.from('x');
    const live: Questions = {
      images: {
        resolve: unasked,
        document: unasked,
        content: () => streamOf(body),
      },
      web: {
        document: async () => body,
        query: async () => ({ body, headers: {} }),
        measure: async () => await Promise.reject(new Error('gone')),
      },
      ask: async (question, key) =>
        await question.ask(key, { images: live.images, web: live.web, upstreams: {}, env: {} }),
    };
    const { web, ask } = tally.asking(live);
    await web.document('https://me:hunTer2@host.example/a?token=hunTer2');
    await web.query('https://host.example/b');
    await expect(web.measure('https://host.example/c')).rejects.toThrow('gone');
    expect(await ask(QUESTION, 'key')).toBe('answer');
    expect(told.flatMap(({ underWay }) => underWay)).toEqual([
      'https://host.example/a',
      'https://host.example/b',
      'https://host.example/c',
      'the list of K3s releases',
    ]);
    expect(told.at(-1)).toMatchObject({ done: 4, total: 4 });
  });

  it('counts what is read to be hashed', async () => {
    const { tally, told } = tallied();
    const http = tally.reading({
      request: async () => await Promise.reject(new Error('unasked')),
      download: () => streamOf(Buffer.alloc(7)),
      [Symbol.asyncDispose]: async () => {},
    });
    for await (const chunk of http.download('https://host.example/a')) expect(chunk.length).toBe(7);
    expect(told.at(-1)).toMatchObject({ readBytes: 7 });
  });
});
