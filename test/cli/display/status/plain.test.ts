import { describe, expect, it } from 'vitest';
import type { Advance } from '../../../../src/cli/display/status/status.ts';
import type { NetworkNotice } from '../../../../src/internal/http/watch/notice.ts';
import { toldStatus } from '../../../support/process/told-status.ts';

const MIB = 1024 * 1024;
const HOST = 'cdn.example:443';

function fetching(mebibytes: number, done = 0): Advance {
  return {
    stage: 'fetch',
    count: { unit: 'blob', done, total: 10 },
    bytes: mebibytes * MIB,
    totalBytes: 100 * MIB,
  };
}

function silence(
  seconds: number,
  more: Partial<Extract<NetworkNotice, { type: 'silence' }>> = {},
): NetworkNotice {
  return { type: 'silence', request: 1, host: HOST, phase: 'body', seconds, try: 2, tries: 6, ...more };
}

describe('the status in a log', () => {
  it('is a line each tenth of the way, with what matters most first', async () => {
    using told = await toldStatus('plain');
    for (let second = 0; second <= 20; second++) {
      told.status.advance(fetching(second * 5, Math.floor(second / 2)));
      told.clock.pass(1);
    }
    expect(told.lines()).toHaveLength(10);
    expect(told.lines()[0]).toBe('Fetching 10 %, 5.0 MiB/s, 18 s left, 10.0 MiB of 100.0 MiB, 1 of 10 blobs');
    expect(told.lines().at(-1)).toBe('Fetching 100 %, 100.0 MiB of 100.0 MiB, 10 of 10 blobs');
  });

  it('is one line in ten seconds when the way is long, and one a second when it is short', async () => {
    using slow = await toldStatus('plain');
    for (let second = 0; second <= 30; second++) {
      slow.status.advance(fetching(second / 10));
      slow.clock.pass(1);
    }
    expect(slow.lines()).toHaveLength(3);
    using fast = await toldStatus('plain');
    for (let step = 0; step <= 100; step++) {
      fast.status.advance(fetching(step));
      fast.clock.pass(0.02);
    }
    expect(fast.lines()).toHaveLength(2);
  });

  it.each([
    ['of a stage that counts nothing', 'Opening lab.tar, 10 s so far', undefined],
    [
      'of a stage that stands still',
      'Fetching 3 %, waiting, 3.0 MiB of 100.0 MiB, 0 of 10 blobs, nothing for 10 s',
      fetching(3),
    ],
  ])('comes every ten seconds, whatever happens: %s', async (_, line, advance) => {
    using told = await toldStatus('plain');
    told.status.stage('open', 'lab.tar', { brief: true });
    if (advance !== undefined) told.status.advance(advance);
    told.clock.pass(9);
    expect(told.lines()).toEqual([]);
    told.clock.pass(2);
    expect(told.lines()).toEqual([line]);
    told.clock.pass(50);
    expect(told.lines()).toHaveLength(6);
  });

  it('says nothing of a stage that is over soon', async () => {
    using told = await toldStatus('plain');
    told.status.stage('open', 'lab.tar', { brief: true });
    told.clock.pass(5);
    expect(told.stream.text).toBe('');
  });

  it('does not count bytes that were there before into the rate', async () => {
    using told = await toldStatus('plain');
    told.status.advance({ ...fetching(0), movedBytes: 0 });
    told.clock.pass(4);
    told.status.advance({ ...fetching(60), movedBytes: 4 * MIB });
    expect(told.stream.text).toContain('60 %, 1.0 MiB/s, 40 s left, 60.0 MiB of 100.0 MiB');
  });

  it('begins the rate anew after a stall', async () => {
    using told = await toldStatus('plain');
    told.status.advance(fetching(1));
    told.clock.pass(15);
    for (let second = 0; second <= 3; second++) {
      told.status.advance(fetching(10 + second));
      told.clock.pass(1);
    }
    told.status.advance(fetching(20));
    expect(told.lines().at(-1)).toMatch(/^Fetching 20 %, 2\.5 MiB\/s, 32 s left/);
  });

  it('starts over with each stage', async () => {
    using told = await toldStatus('plain');
    told.status.advance(fetching(99));
    told.clock.pass(5);
    told.status.advance({ stage: 'verify', bytes: 0, totalBytes: 10 });
    told.clock.pass(1);
    told.status.advance({ stage: 'verify', bytes: 5, totalBytes: 10 });
    expect(told.lines()).toEqual(['Verifying 50 %, 5 B/s, 1 s left, 5 B of 10 B']);
  });

  it('tells of a stall at once, once for a host, and goes on every ten seconds with no rate and no time left', async () => {
    using told = await toldStatus('plain');
    told.status.advance(fetching(3));
    told.clock.pass(1);
    told.status.advance(fetching(4));
    told.clock.pass(5);
    told.status.network(silence(5));
    told.status.network(silence(5, { request: 2 }));
    expect(told.lines().at(-1)).toBe(
      `Fetching 4 %, waiting, 4.0 MiB of 100.0 MiB, 0 of 10 blobs, no bytes for 5 s from ${HOST}, try 2 of 6`,
    );
    told.clock.pass(10);
    expect(told.lines()).toHaveLength(2);
    expect(told.lines().at(-1)).toContain(`no bytes for 15 s from ${HOST} (2 requests), try 2 of 6`);
    told.status.network({ type: 'silence-end', request: 1, host: HOST });
    told.status.network({ type: 'silence-end', request: 2, host: HOST });
    told.status.advance(fetching(5));
    told.clock.pass(10);
    expect(told.lines().at(-1)).not.toContain(HOST);
  });

  it('keeps rate and time left while one host of several stalls', async () => {
    using told = await toldStatus('plain');
    for (let second = 0; second < 8; second++) {
      told.status.advance(fetching(1 + second / 10));
      told.clock.pass(1);
    }
    told.status.network(silence(5));
    expect(told.lines()).toEqual([
      `Fetching 1 %, 89.6 KiB/s, 18 min 43 s left, 1.7 MiB of 100.0 MiB, 0 of 10 blobs, no bytes for 5 s from ${HOST}, try 2 of 6`,
    ]);
  });

  it.each<[string, NetworkNotice]>([
    [`no connection to ${HOST} for 7 s, try 2 of 6`, silence(7, { phase: 'connect' })],
    [`no answer for 7 s from ${HOST}, try 2 of 6`, silence(7, { phase: 'answer' })],
    [`no bytes taken for 7 s by ${HOST}, try 2 of 6`, silence(7, { phase: 'send' })],
    [`no bytes for 7 s from ${HOST}, try 2 of 6`, silence(7)],
    [
      `try 3 of 6 at ${HOST} in 2 min 00 s: the connection broke off`,
      { type: 'retry', host: HOST, seconds: 130, reason: 'the connection broke off', try: 3, tries: 6 },
    ],
    [
      `waiting 2 min 00 s for ${HOST}: it asked for a pause`,
      { type: 'pause', host: HOST, seconds: 130, isQuota: false },
    ],
    [
      `waiting 2 min 00 s for ${HOST}: no quota is left`,
      { type: 'pause', host: HOST, seconds: 130, isQuota: true },
    ],
  ])('says what is waited for: %s', async (sentence, notice) => {
    using told = await toldStatus('plain');
    told.status.stage('resolve', 'lab.yaml', { brief: true });
    told.status.network(notice);
    told.clock.pass(10);
    const text = told.stream.text.replace('for 17 s', 'for 7 s');
    expect(text).toContain(`Resolving lab.yaml, 10 s so far, ${sentence}\n`);
  });

  it('forgets a wait that is over', async () => {
    using told = await toldStatus('plain');
    told.status.stage('resolve', 'lab.yaml', { brief: true });
    told.status.network({ type: 'pause', host: HOST, seconds: 5, isQuota: false });
    told.clock.pass(10);
    expect(told.lines()).toEqual(['Resolving lab.yaml, 10 s so far']);
  });

  it('tells findings with their hints, those in order only when asked', async () => {
    using told = await toldStatus('plain');
    told.status.finding({ level: 'ok', message: 'fine' });
    told.status.finding({ level: 'warning', message: 'mind', hint: 'do\u001B[2J' });
    expect(told.stream.text).toBe('warning: mind\nhint: do\\u001b[2J\n');
    using verbose = await toldStatus('plain', { verbose: true });
    verbose.status.finding({ level: 'ok', message: 'fine' });
    expect(verbose.stream.text).toBe('ok: fine\n');
  });

  it('lets no control character through, wherever it comes from', async () => {
    using told = await toldStatus('plain');
    told.status.stage('resolve', 'a\u001B[2J');
    told.status.note('b\u009B1m');
    told.status.network(silence(5, { host: 'c\u001B]0;x' }));
    expect(told.stream.text).not.toMatch(/[^\n\P{Cc}]/u);
  });

  it.each(['quiet', 'none'] as const)('is silent but for what is needed: %s', async (way) => {
    using told = await toldStatus(way === 'none' ? 'none' : 'plain', { quiet: way === 'quiet' });
    told.status.stage('resolve', 'lab.yaml');
    told.status.advance(fetching(1));
    told.status.network(silence(5));
    told.status.note('a line of a log');
    told.clock.pass(60);
    told.voiced.next([{ text: 'carry it' }]);
    expect(told.stream.text).toBe('');
    told.status.note('Serving at x', { isNeeded: true });
    told.status.finding({ level: 'warning', message: 'mind' });
    expect(told.lines()).toEqual(['Serving at x', 'warning: mind']);
  });

  it('leaves no clock ticking', async () => {
    for (const voice of ['plain', 'live', 'json', 'none'] as const) {
      const told = await toldStatus(voice);
      told[Symbol.dispose]();
      expect(told.clock.tasks).toBe(0);
    }
  });
});
