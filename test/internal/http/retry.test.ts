import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it } from 'vitest';
import { createHttpClient, type WaitNotice } from '../../../src/internal/http/client.ts';
import { reset, type ScriptedServer, startHttpServer } from '../../support/http/http-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const backoff = { base: 0.001, max: 0.01 };

describe('a request that fails in a way that may pass', () => {
  it.each([408, 429, 499, 500, 502, 503, 504, 522])('is tried again after status %i', async (status) => {
    await using server = await failing(2, (response) => response.writeHead(status).end('not now'));
    await using client = createHttpClient({ backoff });
    await using response = await client.request(server.url);
    expect(response.status).toBe(200);
    expect(server.requests.length).toBe(3);
  });

  it.each([400, 401, 403, 404, 405, 410, 416, 501])('is not tried again after status %i', async (status) => {
    await using server = await failing(1, (response) => response.writeHead(status).end());
    await using client = createHttpClient({ backoff });
    await using response = await client.request(server.url);
    expect(response.status).toBe(status);
    expect(server.requests.length).toBe(1);
  });

  it('is tried again when the connection is reset, closed without an answer, or answers nonsense', async () => {
    await using server = await startHttpServer((_, response) => {
      const count = server.requests.length;
      if (count === 1) reset(response);
      else if (count === 2) response.socket?.end();
      else if (count === 3) response.socket?.end('HTTP/1.1 200 OK\r\ncontent-le');
      else response.end('fine');
    });
    await using client = createHttpClient({ backoff });
    await using response = await client.request(server.url);
    expect(response.status).toBe(200);
    expect(server.requests.length).toBe(4);
  });

  it('is tried again when the server says nothing at all', async () => {
    await using server = await failing(1, () => undefined);
    await using client = createHttpClient({ backoff, silenceTimeout: 0.2 });
    await using response = await client.request(server.url);
    expect(response.status).toBe(200);
    expect(server.requests.length).toBe(2);
  });

  it('ends with the status and the words of the server when the tries are used up', async () => {
    await using server = await startHttpServer((_, response) => {
      response.writeHead(503, { 'content-type': 'text/plain' }).end('the disk is full\n');
    });
    await using client = createHttpClient({ backoff, retries: 2 });
    await expect(client.request(`${server.url}/a?token=secret`)).rejects.toMatchObject({
      code: 'ERR_HTTP_STATUS',
      status: 503,
      message: `Cannot fetch "${server.url}/a": the server answered 503, "the disk is full"`,
    });
    expect(server.requests.length).toBe(3);
  });

  it('ends with a time-out when the server never says anything', async () => {
    await using server = await startHttpServer(() => undefined);
    await using client = createHttpClient({ backoff, retries: 1, silenceTimeout: 0.1 });
    await expect(client.request(server.url)).rejects.toMatchObject({
      code: 'ERR_NETWORK_TIMEOUT',
      message: `Cannot fetch "${server.url}/": the server did not answer in time`,
    });
    expect(server.requests.length).toBe(2);
  });

  it('is not repeated when its caller says so', async () => {
    await using server = await failing(1, (response) => response.writeHead(500).end());
    await using client = createHttpClient({ backoff });
    await expect(client.request(server.url, { method: 'PATCH', retries: 0 })).rejects.toMatchObject({
      status: 500,
    });
    expect(server.requests.length).toBe(1);
  });

  it('is not tried again when nothing ever answered there: the address is wrong', async () => {
    const gone = await startHttpServer(() => undefined);
    await gone[Symbol.asyncDispose]();
    await using client = createHttpClient({ backoff: { base: 1000, max: 1000 } });
    await expect(client.request(gone.url)).rejects.toMatchObject({
      code: 'ERR_NETWORK_FAILED',
      message: `Cannot fetch "${gone.url}/": the connection to "127.0.0.1:${gone.port}" was refused`,
      hint: 'Check that the server runs and that the port is right.',
    });
  });

  it('is tried again when a host that has answered before refuses: it restarts', async () => {
    await using client = createHttpClient({ backoff: { base: 0.1, max: 0.1 }, retries: 100 });
    const before = await startHttpServer((_, response) => void response.end());
    const { port } = before;
    await (await client.request(before.url))[Symbol.asyncDispose]();
    await before[Symbol.asyncDispose]();
    const refused = connectionRefused();
    const again = client.request(before.url);
    await refused;
    await using after = await startHttpServer((_, response) => void response.end(), { port });
    await using response = await again;
    expect(response.status).toBe(200);
    expect(after.requests.length).toBe(1);
  });

  it('reports a host name that does not exist', async () => {
    await using client = createHttpClient({ retries: 0 });
    await expect(client.request('http://no-such-host.invalid/x?y')).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_NETWORK_/),
      message: expect.stringMatching(
        /^Cannot fetch "http:\/\/no-such-host\.invalid\/x": the host .*"no-such-host\.invalid"/,
      ),
    });
  });
});

describe('Retry-After', () => {
  it('is obeyed by every request to the host, and told once', async () => {
    const notices: WaitNotice[] = [];
    const arrivals: number[] = [];
    await using server = await startHttpServer(async (_, response) => {
      arrivals.push(performance.now());
      if (arrivals.length > 3) return void response.end('fine');
      await waitUntil(() => arrivals.length === 3);
      response.writeHead(429, { 'retry-after': '1' }).end();
    });
    await using client = createHttpClient({ backoff, retries: 1, onWait: (notice) => notices.push(notice) });
    const early = ['a', 'b', 'c'].map((path) => client.request(`${server.url}/${path}`));
    await waitUntil(() => notices.length > 0);
    // This one never heard of the pause by itself.
    const late = client.request(`${server.url}/late`);
    for (const response of await Promise.all([...early, late])) await response[Symbol.asyncDispose]();
    expect(arrivals.length).toBe(7);
    const refused = arrivals[2] ?? Infinity;
    expect(arrivals.slice(3).every((time) => time - refused > 900)).toBe(true);
    expect(notices).toEqual([{ host: `127.0.0.1:${server.port}`, seconds: 1, status: 429, isQuota: false }]);
  });

  it('costs no try: a busy host is not a broken one', async () => {
    await using server = await failing(6, (response) =>
      response.writeHead(503, { 'retry-after': '0.05' }).end(),
    );
    await using client = createHttpClient({ backoff, retries: 1 });
    await using response = await client.request(server.url);
    expect(response.status).toBe(200);
    expect(server.requests.length).toBe(7);
  });

  it('of no time at all costs a try, so that it comes to an end', async () => {
    await using server = await startHttpServer((_, response) => {
      response.writeHead(429, { 'retry-after': '0' }).end();
    });
    await using client = createHttpClient({ backoff, retries: 2 });
    await expect(client.request(server.url)).rejects.toMatchObject({ status: 429 });
    expect(server.requests.length).toBe(3);
  });

  it('beyond a quarter of an hour is an error that names the wait, at once', async () => {
    const notices: WaitNotice[] = [];
    await using server = await startHttpServer((_, response) => {
      const soon = new Date(Date.now() + 2 * 3600_000).toUTCString();
      response.writeHead(429, { 'retry-after': soon, 'content-type': 'text/plain' }).end('slow down');
    });
    await using client = createHttpClient({ backoff, onWait: (notice) => notices.push(notice) });
    await expect(client.request(server.url)).rejects.toMatchObject({
      code: 'ERR_HTTP_STATUS',
      message: `Cannot fetch "${server.url}/": the server answered 429, "slow down", and asks to wait 2 h 00 min`,
      hint: 'Run the command again after that time.',
    });
    expect(server.requests.length).toBe(1);
    expect(notices).toEqual([]);
  });

  it('does not hold up requests to another host', async () => {
    await using busy = await startHttpServer((_, response) => {
      response.writeHead(503, { 'retry-after': '600' }).end();
    });
    await using idle = await startHttpServer((_, response) => void response.end('fine'));
    const stop = new AbortController();
    await using client = createHttpClient({ backoff });
    const waiting = client.request(busy.url, { signal: stop.signal });
    await waitUntil(() => busy.requests.length === 1 && busy.open() === 0);
    await using response = await client.request(idle.url);
    expect(response.status).toBe(200);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});

/** A server whose first `count` answers are left to `fail`; then it is well. */
async function failing(
  count: number,
  fail: (response: Parameters<typeof reset>[0]) => unknown,
): Promise<ScriptedServer> {
  let seen = 0;
  return await startHttpServer((_, response) => {
    seen += 1;
    if (seen <= count) fail(response);
    else response.end('fine');
  });
}

/** Resolves when undici has found nobody at a port (undici, "DiagnosticsChannel"). */
async function connectionRefused(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onError = (): void => resolve();
  subscribe('undici:client:connectError', onError);
  await promise;
  unsubscribe('undici:client:connectError', onError);
}
