import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import type { HttpClient, HttpRequest } from '../../../src/internal/http/http.ts';
import {
  sendBeginning,
  type ScriptedServer,
  type Script,
  startHttpServer,
} from '../../support/http/http-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const silent: Script = () => undefined;
const busy: Script = (_, response) => void response.writeHead(503, { 'retry-after': '600' }).end();
const broken: Script = (_, response) => void response.writeHead(500).end();
const stalling: Script = (_, response) =>
  sendBeginning(response, Buffer.from('beginning'), { headers: { 'content-length': 1000 } });

/** Each waits for something that will not come within the time of a test. */
const waits: readonly [
  string,
  Script,
  (client: HttpClient, server: ScriptedServer, signal?: AbortSignal) => Promise<unknown>,
][] = [
  ['for an answer', silent, (client, { url }, signal) => client.request(url, withSignal(signal))],
  [
    'for a body',
    stalling,
    async (client, { url }, signal) => readAll((await client.request(url, withSignal(signal))).body),
  ],
  [
    'for a download',
    stalling,
    (client, { url }, signal) => readAll(client.download(url, withSignal(signal))),
  ],
  ['for the end of a pause', busy, (client, { url }, signal) => client.request(url, withSignal(signal))],
  ['for another try', broken, (client, { url }, signal) => client.request(url, withSignal(signal))],
  ['for the rest of an upload', silent, (client, { url }, signal) => client.request(url, upload(signal))],
  [
    'at the gate',
    silent,
    async (client, server, signal) => {
      const first = client.request(server.url, withSignal(signal));
      // On a busy machine it may be interrupted before the other one is sent.
      first.catch(() => undefined);
      await waitUntil(() => server.requests.length === 1);
      const second = client.request(server.url, withSignal(signal));
      return await Promise.all([second, expect(first).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' })]);
    },
  ],
];

describe('an interruption', () => {
  it.each(waits)('ends a wait %s', async (_, script, wait) => {
    await using server = await startHttpServer(script);
    await using client = createHttpClient({ concurrencyPerHost: 1, backoff: { base: 600, max: 600 } });
    const stop = new AbortController();
    const waiting = wait(client, server, stop.signal);
    waiting.catch(() => undefined);
    await waitUntil(() => server.requests.length > 0);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await waitUntil(() => server.open() === 0);
  });

  it.each(waits)('of the whole client ends a wait %s', async (_, script, wait) => {
    await using server = await startHttpServer(script);
    const stop = new AbortController();
    await using client = createHttpClient({
      concurrencyPerHost: 1,
      backoff: { base: 600, max: 600 },
      signal: stop.signal,
    });
    const waiting = wait(client, server, new AbortController().signal);
    waiting.catch(() => undefined);
    await waitUntil(() => server.requests.length > 0);
    stop.abort(new Error('ctrl-c'));
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_INTERRUPTED', cause: new Error('ctrl-c') });
    await waitUntil(() => server.open() === 0);
  });

  it('that came before lets nothing begin', async () => {
    await using server = await startHttpServer(silent);
    await using client = createHttpClient({ signal: AbortSignal.abort() });
    await expect(client.request(server.url)).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await expect(readAll(client.download(server.url))).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(server.requests).toEqual([]);
  });

  it('ends a wait for a connection', async () => {
    // Nobody answers at an address kept for documentation (RFC 5737); where there is no route, that is said at once.
    await using client = createHttpClient();
    const stop = new AbortController();
    const waiting = client.request('http://192.0.2.1/', { signal: stop.signal });
    waiting.catch(() => undefined);
    await nextTurn();
    stop.abort();
    await expect(waiting).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_(INTERRUPTED|NETWORK_FAILED)$/),
    });
  });

  it('stops reading the source of an upload', async () => {
    await using server = await startHttpServer(silent);
    await using client = createHttpClient();
    const stop = new AbortController();
    let ended = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(65_536);
      } finally {
        ended = true;
      }
    }
    const waiting = client.request(server.url, { method: 'PUT', body: endless, signal: stop.signal });
    await waitUntil(() => server.requests.length === 1);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await waitUntil(() => ended);
    expect(ended).toBe(true);
  });

  it('leaves the client fit for other requests', async () => {
    await using server = await startHttpServer((request, response) => {
      if (request.path === '/fine') response.end();
    });
    await using client = createHttpClient({ concurrencyPerHost: 1 });
    const stop = new AbortController();
    const waiting = client.request(server.url, { signal: stop.signal });
    await waitUntil(() => server.requests.length === 1);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await using response = await client.request(`${server.url}/fine`);
    expect(response.status).toBe(200);
  });
});

describe('disposing of the client', () => {
  it('ends what is under way', async () => {
    await using server = await startHttpServer(silent);
    const client = createHttpClient({ retries: 0 });
    const outcome = client.request(server.url).catch((error: unknown) => error);
    await waitUntil(() => server.requests.length === 1);
    await client[Symbol.asyncDispose]();
    expect(await outcome).toMatchObject({
      code: 'ERR_INTERRUPTED',
      cause: new Error('the HTTP client was closed'),
    });
  });

  it('ends what waits for another try, and lets nothing begin', async () => {
    await using server = await startHttpServer(broken);
    const client = createHttpClient({ backoff: { base: 600, max: 600 } });
    const outcome = client.request(server.url).catch((error: unknown) => error);
    await waitUntil(() => server.requests.length === 1 && server.open() === 0);
    await client[Symbol.asyncDispose]();
    expect(await outcome).toMatchObject({ code: 'ERR_INTERRUPTED' });
    await expect(client.request(server.url)).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(server.requests.length).toBe(1);
  });
});

function withSignal(signal: AbortSignal | undefined): { signal: AbortSignal | undefined } {
  return { signal };
}

/** A body whose source gives a little and then nothing more. */
function upload(signal: AbortSignal | undefined): HttpRequest {
  async function* stalled(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('beginning');
    await new Promise(() => undefined);
  }
  return { method: 'PUT', body: stalled, bodyLength: 1000, signal };
}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const chunk of body) length += chunk.length;
  return length;
}
