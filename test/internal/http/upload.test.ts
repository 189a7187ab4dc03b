import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { collectBytes, type ByteStream } from '../../../src/internal/bytes.ts';
import { SaddlebagError } from '../../../src/internal/error.ts';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import { reset, startHttpServer } from '../../support/http/http-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const CONTENT = randomBytes(1_500_000);
const backoff = { base: 0.001, max: 0.01 };

describe('an upload', () => {
  it.each<[string, Uint8Array | (() => ByteStream), number | undefined, string | undefined]>([
    ['bytes', CONTENT, undefined, '1500000'],
    ['no bytes', Buffer.alloc(0), undefined, '0'],
    ['a stream of known length', () => chunks(CONTENT, 400_000), CONTENT.length, '1500000'],
    ['a stream of small pieces', () => chunks(CONTENT, 1000), CONTENT.length, '1500000'],
    ['a stream of unknown length', () => chunks(CONTENT, 400_000), undefined, undefined],
    ['an empty stream', () => chunks(CONTENT.subarray(0, 0), 10), 0, '0'],
  ])('sends %s with its length', async (_, body, bodyLength, header) => {
    let received = '';
    await using server = await startHttpServer(async (request, response) => {
      received = sha256(await request.body());
      response.writeHead(201, { location: '/stored' }).end();
    });
    await using client = createHttpClient({ backoff });
    await using response = await client.request(server.url, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream' },
      body,
      ...(bodyLength === undefined ? {} : { bodyLength }),
    });
    expect(response).toMatchObject({ status: 201, headers: { location: '/stored' } });
    expect(server.requests[0]?.headers['content-length']).toBe(header);
    const sent = typeof body === 'function' ? await collect(body()) : Buffer.from(body);
    expect(received).toBe(sha256(sent));
  });

  it('reads the source again for another try', async () => {
    let opened = 0;
    await using server = await startHttpServer(async (request, response) => {
      if (server.requests.length === 1) return reset(response);
      const body = await request.body();
      const status = server.requests.length === 2 ? 503 : 200;
      return void response.writeHead(status).end(sha256(body));
    });
    await using client = createHttpClient({ backoff });
    await using response = await client.request(server.url, {
      method: 'PUT',
      body: () => {
        opened += 1;
        return chunks(CONTENT, 100_000);
      },
      bodyLength: CONTENT.length,
    });
    expect(opened).toBe(3);
    expect((await collect(response.body)).toString()).toBe(sha256(CONTENT));
  });

  it.each([401, 413])(
    'that is refused early with %i is an answer, not a broken connection',
    async (status) => {
      await using server = await startHttpServer((_, response) => {
        // Answered at the first byte, none of the body read.
        response.writeHead(status, { 'content-type': 'text/plain', 'content-length': 7 }).end('no room');
      });
      await using client = createHttpClient({ backoff, retries: 0 });
      let ended = false;
      await using response = await client.request(server.url, {
        method: 'PUT',
        body: async function* () {
          try {
            for (;;) yield Buffer.alloc(65_536);
          } finally {
            ended = true;
          }
        },
        bodyLength: 1e12,
      });
      expect(response.status).toBe(status);
      expect((await collect(response.body)).toString()).toBe('no room');
      await response[Symbol.asyncDispose]();
      await waitUntil(() => ended);
    },
  );

  it('fails with the error of its source, and is not tried again for it', async () => {
    await using server = await startHttpServer(async (request, response) => {
      await request.body();
      response.end();
    });
    await using client = createHttpClient({ backoff });
    const fault = new SaddlebagError('ERR_DIGEST_MISMATCH', 'Cannot verify blob "sha256:ab": it differs');
    const sending = client.request(server.url, {
      method: 'PUT',
      body: async function* () {
        yield Buffer.from('beginning');
        throw fault;
      },
      bodyLength: 1000,
    });
    await expect(sending).rejects.toBe(fault);
    expect(server.requests.length).toBeLessThanOrEqual(1);
  });

  it.each([
    ['shorter', 2000],
    ['longer', 500],
  ])('whose source is %s than announced fails', async (_, bodyLength) => {
    await using server = await startHttpServer(async (request, response) => {
      await request.body();
      response.end();
    });
    await using client = createHttpClient({ backoff, retries: 1 });
    const sending = client.request(server.url, {
      method: 'PUT',
      body: () => chunks(CONTENT.subarray(0, 1000), 100),
      bodyLength,
    });
    await expect(sending).rejects.toMatchObject({
      code: 'ERR_SIZE_MISMATCH',
      message: expect.stringContaining('the content to be sent is longer or shorter than announced'),
    });
  });

  it('that the server does not take fails in time', async () => {
    await using server = await startHttpServer(() => undefined);
    await using client = createHttpClient({ backoff, retries: 0, silenceTimeout: 0.1 });
    const sending = client.request(server.url, {
      method: 'PUT',
      body: async function* () {
        for (;;) yield Buffer.alloc(65_536);
      },
    });
    await expect(sending).rejects.toMatchObject({ code: 'ERR_NETWORK_TIMEOUT' });
  });

  it('does not read its source faster than the server takes it', async () => {
    let produced = 0;
    await using server = await startHttpServer(() => undefined);
    await using client = createHttpClient({ backoff, retries: 0, silenceTimeout: 0.1 });
    const sending = client.request(server.url, {
      method: 'PUT',
      body: async function* () {
        for (;;) {
          produced += 1_000_000;
          yield Buffer.alloc(1_000_000);
        }
      },
    });
    await expect(sending).rejects.toMatchObject({ code: 'ERR_NETWORK_TIMEOUT' });
    // What fits into the buffers of two sockets, and no more.
    expect(produced).toBeLessThan(50_000_000);
  });
});

async function* chunks(content: Uint8Array, size: number): ByteStream {
  for (let start = 0; start < content.length; start += size) yield content.subarray(start, start + size);
}

async function collect(stream: ByteStream): Promise<Buffer> {
  return Buffer.from(await collectBytes(stream, { limit: 1 << 24, onExcess: () => new Error('too much') }));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
