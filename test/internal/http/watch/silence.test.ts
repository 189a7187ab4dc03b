import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClientOptions } from '../../../../src/internal/http/client.ts';
import type { HttpClient } from '../../../../src/internal/http/http.ts';
import type { NetworkNotice, Phase } from '../../../../src/internal/http/watch/notice.ts';
import { sendBeginning, startHttpServer } from '../../../support/http/http-server.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { waitUntil } from '../../../support/wait-until.ts';

interface Watched extends AsyncDisposable {
  readonly client: HttpClient;
  readonly clock: ManualClock;
  readonly notices: readonly NetworkNotice[];
  /** Lets time pass until a host is said to be silent in a phase. */
  readonly silence: (phase: Phase) => Promise<Extract<NetworkNotice, { type: 'silence' }>>;
}

function watched(options: HttpClientOptions = {}): Watched {
  const clock = new ManualClock();
  const notices: NetworkNotice[] = [];
  const backoff = { base: 0.001, max: 0.01 };
  const client = createHttpClient({ ...options, backoff, clock, onNotice: (notice) => notices.push(notice) });
  const find = (phase: Phase): Extract<NetworkNotice, { type: 'silence' }> | undefined =>
    notices.filter((notice) => notice.type === 'silence').find((notice) => notice.phase === phase);
  return {
    client,
    clock,
    notices,
    silence: async (phase) => {
      await waitUntil(() => {
        clock.pass(1);
        return find(phase) !== undefined;
      });
      const found = find(phase);
      if (found === undefined) throw new Error('it was there just now');
      return found;
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

async function read(client: HttpClient, url: string): Promise<number> {
  let length = 0;
  for await (const chunk of client.download(url)) length += chunk.length;
  return length;
}

describe('the silence of a host', () => {
  it('is told while it takes no connection', async () => {
    // It accepts, and never says hello.
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await using scene = watched({ retries: 0 });
    const asked = scene.client.request(`https://127.0.0.1:${port}/`).catch(() => undefined);
    expect(await scene.silence('connect')).toMatchObject({ host: `127.0.0.1:${port}`, seconds: 5, try: 1 });
    await scene.client[Symbol.asyncDispose]();
    await asked;
    server.close();
  });

  it('is told while it gives no answer, again every five seconds, and is over with the answer', async () => {
    const answer = Promise.withResolvers<void>();
    await using server = await startHttpServer(async (_, response) => {
      await answer.promise;
      response.end('fine');
    });
    await using scene = watched();
    const asked = scene.client.request(server.url);
    await waitUntil(() => server.requests.length === 1);
    const { request, host } = await scene.silence('answer');
    scene.clock.pass(12);
    const seconds = scene.notices.flatMap((notice) => (notice.type === 'silence' ? [notice.seconds] : []));
    expect(seconds.slice(-2)).toEqual([10, 15]);
    answer.resolve();
    await using response = await asked;
    expect(response.status).toBe(200);
    expect(scene.notices.at(-1)).toEqual({ type: 'silence-end', request, host });
    const count = scene.notices.length;
    scene.clock.pass(60);
    expect(scene.notices).toHaveLength(count);
  });

  it('is told in the middle of a body, with the number of the try, which begins again with progress', async () => {
    const cut = Promise.withResolvers<void>();
    const ranges: (string | undefined)[] = [];
    await using server = await startHttpServer(async ({ headers }, response) => {
      const count = server.requests.length;
      if (count === 1) {
        await sendBeginning(response, Buffer.alloc(4), { headers: { 'content-length': 10 } });
        await cut.promise;
        response.destroy();
      } else if (count === 2) response.destroy();
      else {
        ranges.push(headers['range']);
        response.writeHead(206, { 'content-range': 'bytes 4-9/10', 'content-length': 6 }).end('123456');
      }
    });
    await using scene = watched();
    const length = read(scene.client, server.url);
    const found = await scene.silence('body');
    expect(found).toMatchObject({ host: new URL(server.url).host, try: 1, tries: 6 });
    cut.resolve();
    expect(await length).toBe(10);
    expect(ranges).toEqual(['bytes=4-']);
    const retries = scene.notices.filter(({ type }) => type === 'retry');
    expect(retries).toMatchObject([
      { host: found.host, try: 2, tries: 6, reason: 'the connection broke off' },
      { host: found.host, try: 3, tries: 6 },
    ]);
    expect(scene.notices).toContainEqual({ type: 'silence-end', request: found.request, host: found.host });
  });

  it('is told when it takes no more of what is sent', async () => {
    await using server = await startHttpServer(async (_, __, raw) => {
      raw.pause();
      await new Promise(() => {});
    });
    await using scene = watched({ retries: 0 });
    const piece = Buffer.alloc(256 * 1024);
    const asked = scene.client
      .request(server.url, {
        method: 'PUT',
        body: async function* endless() {
          for (;;) yield piece;
        },
      })
      .catch(() => undefined);
    await waitUntil(() => server.requests.length === 1);
    expect(await scene.silence('send')).toMatchObject({ host: new URL(server.url).host });
    await scene.client[Symbol.asyncDispose]();
    await asked;
  });

  it('is not that of a reader who rests, nor of a request that waits for its turn', async () => {
    await using server = await startHttpServer((_, response) => void response.end(Buffer.alloc(100)));
    await using scene = watched({ concurrencyPerHost: 1 });
    await using response = await scene.client.request(server.url);
    const second = scene.client.request(server.url);
    scene.clock.pass(60);
    expect(scene.notices).toEqual([]);
    for await (const chunk of response.body) expect(chunk.length).toBeGreaterThan(0);
    await (await second)[Symbol.asyncDispose]();
  });

  it('is told with the host that was redirected to', async () => {
    await using target = await startHttpServer(() => new Promise(() => {}));
    await using server = await startHttpServer((_, response) => {
      response.writeHead(302, { location: `${target.url}/x?token=secret` }).end();
    });
    await using scene = watched();
    const asked = scene.client.request(server.url).catch(() => undefined);
    await waitUntil(() => target.requests.length === 1);
    expect(await scene.silence('answer')).toMatchObject({ host: new URL(target.url).host });
    expect(JSON.stringify(scene.notices)).not.toContain('secret');
    await scene.client[Symbol.asyncDispose]();
    await asked;
  });

  it('leaves no clock ticking once nothing is asked', async () => {
    await using server = await startHttpServer((_, response) => void response.end('x'));
    await using scene = watched();
    expect(await read(scene.client, server.url)).toBe(1);
    scene.clock.pass(2);
    expect(scene.clock.tasks).toBe(0);
  });
});
