import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { createHttpClient, type HttpClientOptions } from '../../../src/internal/http/client.ts';
import type { HttpClient } from '../../../src/internal/http/http.ts';
import { rangeStart, type Script, startHttpServer } from '../../support/http/http-server.ts';

const SIZE = 100_000;

/** Sends so many bytes at a time, each time at a turn of its own, from where the request wants them. */
function trickle(bytes: number): Script {
  return async (request, response) => {
    const first = rangeStart(request) ?? 0;
    const headers = { 'content-length': SIZE - first, 'content-range': `bytes ${first}-${SIZE - 1}/${SIZE}` };
    response.writeHead(first === 0 ? 200 : 206, headers);
    for (let at = first; at < SIZE && !response.destroyed; at += bytes) {
      response.write(Buffer.alloc(Math.min(bytes, SIZE - at), 'x'));
      await nextTurn();
    }
    response.end();
  };
}

/** A clock by which whatever is waited for takes half a second. */
function halfSeconds(): () => number {
  let time = 0;
  return () => (time += 500);
}

const WAYS: Readonly<Record<string, (client: HttpClient, url: string) => Promise<Uint8Array>>> = {
  'a download': (client, url) => collect(client.download(url)),
  'a document': async (client, url) => {
    await using response = await client.request(url);
    return await collect(response.body);
  },
};

describe.each(Object.entries(WAYS))('%s', (_what, read) => {
  it('that comes byte by byte ends with a clear error, and soon', async () => {
    await using server = await startHttpServer(trickle(1));
    await using client = open({ now: halfSeconds() });
    await expect(read(client, server.url)).rejects.toMatchObject({
      code: 'ERR_NETWORK_TIMEOUT',
      message: `Cannot fetch "${server.url}/": the server sent less than 3840 bytes in 30 seconds`,
      hint: expect.stringContaining('continues from what is already here'),
    });
    expect(server.requests.length).toBeLessThanOrEqual(2);
  });

  it('that comes slowly comes', async () => {
    await using server = await startHttpServer(trickle(2000));
    await using client = open({ now: halfSeconds() });
    expect(await read(client, server.url)).toHaveLength(SIZE);
    expect(server.requests).toHaveLength(1);
  });
});

it('a reader that takes its time is not held against the sender', async () => {
  await using server = await startHttpServer((_, response) => void response.end(Buffer.alloc(SIZE)));
  let time = 0;
  await using client = open({ now: () => time });
  await using response = await client.request(server.url);
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    time += 60_000;
  }
  expect(length).toBe(SIZE);
});

function open(options: HttpClientOptions): HttpClient {
  return createHttpClient({ backoff: { base: 0.01, max: 0.02 }, ...options });
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return await collectBytes(stream, { limit: SIZE, onExcess: () => new Error('too much') });
}
