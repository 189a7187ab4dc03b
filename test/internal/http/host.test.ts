import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import { Host } from '../../../src/internal/http/host.ts';
import type { HttpClient } from '../../../src/internal/http/http.ts';
import { reset, sendBeginning, startHttpServer } from '../../support/http/http-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

describe('the gate of a host', () => {
  it('lets no more requests in than agreed, as the server counts them', async () => {
    await using server = await startHttpServer(async (_, response) => {
      await waitUntil(() => server.open() >= 3 || server.requests.length === 30);
      response.end('x'.repeat(10_000));
    });
    await using client = createHttpClient({ concurrencyPerHost: 3 });
    await Promise.all(Array.from({ length: 30 }, (_, index) => read(client, `${server.url}/${index}`)));
    expect(server.requests.length).toBe(30);
    expect(server.peak()).toBe(3);
    expect(server.connections()).toBeLessThanOrEqual(3);
  });

  it('counts each host for itself', async () => {
    await using slow = await startHttpServer(() => undefined);
    await using quick = await startHttpServer((_, response) => void response.end('fine'));
    const stop = new AbortController();
    await using client = createHttpClient({ concurrencyPerHost: 1 });
    const waiting = client.request(slow.url, { signal: stop.signal });
    expect(await read(client, quick.url)).toBe('fine');
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  it.each<[string, (client: HttpClient, url: string) => Promise<unknown>]>([
    ['a body read to its end', (client, url) => read(client, `${url}/big`)],
    ['an answer disposed of unread', async (client, url) => dispose(await client.request(`${url}/big`))],
    [
      'a short answer disposed of unread',
      async (client, url) => dispose(await client.request(`${url}/small`)),
    ],
    [
      'a chunked answer disposed of unread',
      async (client, url) => dispose(await client.request(`${url}/chunked`)),
    ],
    [
      'an endless answer disposed of unread',
      async (client, url) => dispose(await client.request(`${url}/endless`)),
    ],
    [
      'a stalled answer disposed of unread',
      async (client, url) => dispose(await client.request(`${url}/stalled`)),
    ],
    ['an answer disposed of twice', disposeTwice],
    ['a body left in the middle', leave],
    ['a download left in the middle', leaveDownload],
    ['a body that breaks off', (client, url) => read(client, `${url}/broken`).catch(() => undefined)],
    [
      'an answer to HEAD that nobody looks at',
      (client, url) => client.request(`${url}/big`, { method: 'HEAD' }),
    ],
    ['an answer without content that nobody looks at', (client, url) => client.request(`${url}/204`)],
    ['an empty answer that nobody looks at', (client, url) => client.request(`${url}/empty`)],
    ['a refused download', (client, url) => collect(client.download(`${url}/404`)).catch(() => undefined)],
    ['a connection that fails', (client, url) => client.request(`${url}/reset`).catch(() => undefined)],
  ])('is left by %s', async (_, use) => {
    await using server = await startHttpServer(async (request, response) => {
      if (request.path === '/big')
        response.writeHead(200, { 'content-length': 1_000_000 }).end(Buffer.alloc(1_000_000));
      else if (request.path === '/small') response.end('small');
      else if (request.path === '/chunked')
        response.writeHead(200, { 'transfer-encoding': 'chunked' }).end('small');
      else if (request.path === '/stalled')
        await sendBeginning(response, Buffer.from('x'), { headers: { 'content-length': 2 } });
      else if (request.path === '/204' || request.path === '/404')
        response.writeHead(Number(request.path.slice(1))).end();
      else if (request.path === '/empty') response.writeHead(200, { 'content-length': 0 }).end();
      else if (request.path === '/reset') reset(response);
      else if (request.path === '/broken') {
        await sendBeginning(response, Buffer.alloc(10), { headers: { 'content-length': 20 } });
        reset(response);
      } else {
        await pourUntilClosed(response);
      }
    });
    await using client = createHttpClient({ concurrencyPerHost: 1, retries: 0 });
    await use(client, server.url);
    // With one place at the gate, this waits for ever when the place has not been given back.
    expect(await read(client, `${server.url}/small`)).toBe('small');
    expect(server.peak()).toBe(1);
  });

  it('keeps the connection of short answers that are not wanted', async () => {
    await using server = await startHttpServer((_, response) => void response.end('not wanted'));
    await using client = createHttpClient({ concurrencyPerHost: 1 });
    for (let count = 0; count < 5; count++) await dispose(await client.request(server.url));
    expect(server.connections()).toBe(1);
  });
});

describe('Host', () => {
  it('lets those who stand in line wait for a pause that begins meanwhile', async () => {
    const host = new Host(1);
    const order: string[] = [];
    const place = await host.enter();
    const stop = new AbortController();
    const next = host.enter({ signal: stop.signal }).then(() => order.push('entered'));
    host.pause(600);
    await place[Symbol.asyncDispose]();
    for (let turns = 0; turns < 20; turns += 1) await nextTurn();
    order.push('still waiting');
    stop.abort();
    await expect(next).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(order).toEqual(['still waiting']);
  });

  it('is not made to wait less by a shorter pause', () => {
    const host = new Host(1);
    expect(host.pause(60)).toBe(true);
    expect(host.pause(60)).toBe(false);
    expect(host.pause(1)).toBe(false);
    expect(host.pause(120)).toBe(true);
  });
});

async function read(client: HttpClient, url: string): Promise<string> {
  await using response = await client.request(url);
  return await collect(response.body);
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<string> {
  const bytes = await collectBytes(body, { limit: 1 << 24, onExcess: () => new Error('too much') });
  return Buffer.from(bytes).toString();
}

/** Writes for as long as somebody reads. */
async function pourUntilClosed(response: ServerResponse): Promise<void> {
  await pipeline(Readable.from(endless()), response);
}

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(65_536);
}

async function dispose(response: AsyncDisposable): Promise<void> {
  await response[Symbol.asyncDispose]();
}

async function disposeTwice(client: HttpClient, url: string): Promise<void> {
  const response = await client.request(`${url}/small`);
  await dispose(response);
  await dispose(response);
}

async function leave(client: HttpClient, url: string): Promise<void> {
  const response = await client.request(`${url}/endless`);
  for await (const chunk of response.body) if (chunk.length > 0) break;
}

async function leaveDownload(client: HttpClient, url: string): Promise<void> {
  for await (const chunk of client.download(`${url}/endless`)) if (chunk.length > 0) break;
}
