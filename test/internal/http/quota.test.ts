import { describe, expect, it } from 'vitest';
import { createHttpClient, type WaitNotice } from '../../../src/internal/http/client.ts';
import { isQuotaRefusal, parseQuota } from '../../../src/internal/http/quota.ts';
import { startHttpServer } from '../../support/http/http-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const HUB = JSON.stringify({
  errors: [
    {
      code: 'TOOMANYREQUESTS',
      message: 'You have reached your pull rate limit. You may increase the limit by authenticating.',
    },
  ],
});

describe('parseQuota', () => {
  it.each([
    ['76;w=21600', { remaining: 76, window: 21600 }],
    ['0 ; w=60', { remaining: 0, window: 60 }],
    ['5', { remaining: 5, window: undefined }],
  ])('reads "%s"', (text, quota) => {
    expect(parseQuota({ 'ratelimit-remaining': text })).toEqual(quota);
  });

  it.each(['', 'none', '-1;w=3', '99999999999', '1;q=2'])('makes nothing of "%s"', (text) => {
    expect(parseQuota({ 'ratelimit-remaining': text })).toBeUndefined();
  });
});

describe('isQuotaRefusal', () => {
  it.each([
    ['the words of Docker Hub', { status: 429, headers: {}, message: HUB }, true],
    ['nothing left', { status: 429, headers: { 'ratelimit-remaining': '0;w=9' }, message: '' }, true],
    ['the pace of requests', { status: 429, headers: {}, message: 'Too Many Requests' }, false],
    [
      'the pace, with some left',
      { status: 429, headers: { 'ratelimit-remaining': '9;w=9' }, message: '' },
      false,
    ],
    ['another refusal', { status: 403, headers: {}, message: HUB }, false],
  ])('tells %s', (_what, refusal, expected) => {
    expect(isQuotaRefusal(refusal)).toBe(expected);
  });
});

describe('a quota that runs low', () => {
  it('is reported once, before it is used up', async () => {
    const told: number[] = [];
    let left = 13;
    await using server = await startHttpServer((_, response) => {
      left -= 1;
      response.writeHead(200, { 'ratelimit-remaining': `${left};w=21600` }).end();
    });
    await using client = createHttpClient({ onQuota: ({ remaining }) => told.push(remaining) });
    for (let asked = 0; asked < 6; asked += 1) {
      await using response = await client.request(server.url, { method: 'HEAD' });
      expect(response.status).toBe(200);
    }
    expect(told).toEqual([10]);
  });
});

describe('a quota that is used up', () => {
  it('is waited for by its window when no time is named, and told as such', async () => {
    const notices: WaitNotice[] = [];
    let asked = 0;
    await using server = await startHttpServer((_, response) => {
      asked += 1;
      const headers = { 'content-type': 'application/json', 'ratelimit-remaining': '0;w=1' };
      if (asked === 1) response.writeHead(429, headers).end(HUB);
      else response.end('fine');
    });
    await using client = createHttpClient({ retries: 1, onWait: (notice) => notices.push(notice) });
    await using response = await client.request(server.url);
    expect(response.status).toBe(200);
    expect(notices).toEqual([{ host: `127.0.0.1:${server.port}`, seconds: 1, status: 429, isQuota: true }]);
  });

  it.each([
    ['for as long as the host says', { 'retry-after': '7200' }, 7200],
    ['a quarter of an hour at a time when nothing is said', {}, 900],
    ['a quarter of an hour at a time of a long window', { 'ratelimit-remaining': '0;w=21600' }, 900],
  ])('is waited for %s, until the user has enough', async (_what, headers, seconds) => {
    const notices: WaitNotice[] = [];
    await using server = await startHttpServer((_, response) => {
      response.writeHead(429, { 'content-type': 'application/json', ...headers }).end(HUB);
    });
    const stop = new AbortController();
    await using client = createHttpClient({ onWait: (notice) => notices.push(notice) });
    const waiting = client.request(server.url, { signal: stop.signal });
    await waitUntil(() => notices.length > 0);
    expect(notices).toMatchObject([{ seconds, isQuota: true }]);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(server.requests).toHaveLength(1);
  });

  it('is an error when it would take days', async () => {
    await using server = await startHttpServer((_, response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '172800' }).end(HUB);
    });
    await using client = createHttpClient();
    await expect(client.request(server.url)).rejects.toMatchObject({
      code: 'ERR_HTTP_STATUS',
      message: expect.stringContaining('asks to wait 48 h 00 min'),
    });
  });
});
