import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ByteStream } from '../../../src/internal/bytes.ts';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import type { Lease } from '../../../src/internal/lease.ts';
import { createAuthority } from '../../support/http/authority.ts';
import { reset, type Script, startHttpServer } from '../../support/http/http-server.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { waitUntil } from '../../support/wait-until.ts';

const KIB = 1024;
const CONTENT = incompressibleBytes('lent to a sender', 6 * KIB * KIB + 5);
const DIGEST = sha256(CONTENT);
const backoff = { base: 0.001, max: 0.01 };

/** A source with memory for a single chunk, which it spoils as soon as the next is asked for. */
function lending(size: number): {
  readonly body: (lease: Lease) => ByteStream;
  readonly ended: () => number;
} {
  let ended = 0;
  return {
    ended: () => ended,
    body: async function* (lease) {
      lease.add({ release: () => undefined, end: () => (ended += 1) });
      expect(lease.chunks).toBe(1);
      const memory = Buffer.alloc(size);
      for (let start = 0; start < CONTENT.length; start += size) {
        const slice = CONTENT.subarray(start, start + size);
        memory.set(slice);
        yield memory.subarray(0, slice.length);
        memory.fill(0xee);
      }
      memory.fill(0xee);
    },
  };
}

const answering: Script = async (request, response) => {
  response.writeHead(201).end(sha256(await request.body()));
};

describe('memory that is lent to an upload is used again only once it was written', () => {
  it.each([1000, 64 * KIB, 64 * KIB + 1, 256 * KIB, 1000 * KIB, 8 * KIB * KIB])(
    'by chunks of %i bytes',
    async (size) => {
      await using server = await startHttpServer(answering);
      await using client = createHttpClient({ backoff });
      const source = lending(size);
      expect(await put(client, server.url, source.body)).toBe(DIGEST);
      expect(source.ended()).toBe(1);
    },
  );

  it('where the receiver is slow', async () => {
    await using server = await startHttpServer(async (_, response, raw) => {
      const hash = createHash('sha256');
      for await (const chunk of raw) {
        hash.update(chunk);
        raw.pause();
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.writeHead(201).end(hash.digest('hex'));
    });
    await using client = createHttpClient({ backoff });
    const all = Array.from({ length: 6 }, () => put(client, server.url, lending(1024 * KIB).body));
    expect(await Promise.all(all)).toEqual(all.map(() => DIGEST));
  });

  it('where the length is not known before', async () => {
    await using server = await startHttpServer(answering);
    await using client = createHttpClient({ backoff });
    const { body } = lending(300 * KIB);
    expect(await put(client, server.url, body, { isMeasured: false })).toBe(DIGEST);
  });

  it('over TLS', async () => {
    await using authority = await createAuthority();
    await using server = await startHttpServer(answering, { tls: await authority.issue(['IP:127.0.0.1']) });
    await using client = createHttpClient({ backoff, tls: () => ({ ca: authority.cert }) });
    const all = Array.from({ length: 4 }, () => put(client, server.url, lending(1024 * KIB).body));
    expect(await Promise.all(all)).toEqual(all.map(() => DIGEST));
  });

  it('where the line breaks in the middle and the upload is sent again', async () => {
    await using server = await startHttpServer(async (request, response, raw) => {
      if (server.requests.length > 2) return await answering(request, response, raw);
      await once(raw, 'data');
      reset(response);
    });
    await using client = createHttpClient({ backoff });
    const source = lending(1024 * KIB);
    expect(await put(client, server.url, source.body)).toBe(DIGEST);
    // What was lent to a broken try is not taken for written.
    expect(source.ended()).toBe(1);
  });

  it('where it is redirected', async () => {
    await using end = await startHttpServer(answering);
    await using server = await startHttpServer(async (request, response, raw) => {
      if (request.path === '/whole') await request.body();
      else await once(raw, 'data');
      response.writeHead(307, { location: `${end.url}/stored` }).end();
    });
    await using client = createHttpClient({ backoff });
    for (const path of ['/whole', '/at-once'])
      expect(await put(client, `${server.url}${path}`, lending(1024 * KIB).body)).toBe(DIGEST);
  });

  it('beside an upload that is interrupted', async () => {
    const stop = new AbortController();
    await using server = await startHttpServer(async (request, response, raw) => {
      if (request.path !== '/endless') return await answering(request, response, raw);
      await once(raw, 'data');
      stop.abort(new Error('SIGINT'));
    });
    await using client = createHttpClient({ backoff });
    const source = lending(1024 * KIB);
    const sent = put(client, `${server.url}/endless`, source.body, { signal: stop.signal });
    const others = Array.from({ length: 3 }, () => put(client, server.url, lending(1024 * KIB).body));
    await expect(sent).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(await Promise.all(others)).toEqual(others.map(() => DIGEST));
    expect(source.ended()).toBe(0);
  });
});

it('releases the source of an upload that was answered before it had given all', async () => {
  const rest = Promise.withResolvers<void>();
  let isReleased = false;
  await using server = await startHttpServer(async (_, response, raw) => {
    await once(raw, 'data');
    response.writeHead(401, { connection: 'close' }).end();
  });
  await using client = createHttpClient({ backoff, retries: 0 });
  await using response = await client.request(server.url, {
    method: 'PUT',
    body: async function* () {
      try {
        yield CONTENT.subarray(0, 100 * KIB);
        await rest.promise;
        for (;;) yield CONTENT.subarray(0, 100 * KIB);
      } finally {
        isReleased = true;
      }
    },
  });
  expect(response.status).toBe(401);
  await response[Symbol.asyncDispose]();
  // The connection is long closed when the source goes on.
  await waitUntil(() => server.open() === 0);
  rest.resolve();
  await waitUntil(() => isReleased);
});

async function put(
  client: ReturnType<typeof createHttpClient>,
  url: string,
  body: (lease: Lease) => ByteStream,
  { isMeasured = true, signal }: { readonly isMeasured?: boolean; readonly signal?: AbortSignal } = {},
): Promise<string> {
  const bodyLength = isMeasured ? CONTENT.length : undefined;
  await using response = await client.request(url, { method: 'PUT', body, bodyLength, signal });
  const parts = await Array.fromAsync(response.body);
  return Buffer.concat(parts).toString();
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
