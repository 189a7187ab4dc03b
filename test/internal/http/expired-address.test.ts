import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import type { HttpClient, HttpMethod } from '../../../src/internal/http/http.ts';
import {
  reset,
  type Script,
  type ScriptedServer,
  sendBeginning,
  serveFile,
  startHttpServer,
} from '../../support/http/http-server.ts';

const CONTENT = randomBytes(100_000);
const REFUSALS = [400, 401, 403];

/** A host that gives a new address of a storage to each request; the storage answers by how many it has seen. */
async function setUp(
  storage: Script,
): Promise<{ host: ScriptedServer; storage: ScriptedServer; client: HttpClient }> {
  const other = await startHttpServer(storage);
  let given = 0;
  const host = await startHttpServer((_, response) => {
    given += 1;
    response.writeHead(307, { location: `${other.url}/blob?signature=${given}` }).end();
  });
  const client = createHttpClient({ backoff: { base: 0.001, max: 0.01 }, retries: 2 });
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });
  return { host, storage: other, client };
}

/** Takes the addresses from the `first` one on. */
function takesFrom(first: number, status: number): Script {
  return (request, response) => {
    const number = Number(/signature=(\d+)/.exec(request.path)?.[1]);
    if (number >= first) serveFile(request, response, CONTENT);
    else response.writeHead(status).end('expired');
  };
}

async function read(client: HttpClient, url: string, options: { hasDigest?: boolean } = {}): Promise<Buffer> {
  const onExcess = (): Error => new Error('too much');
  return Buffer.from(await collectBytes(client.download(url, options), { limit: 1 << 20, onExcess }));
}

describe('an address that another host does not take any more', () => {
  it.each(REFUSALS)('is asked for again when the storage answers %i', async (status) => {
    for (const first of [2, 3]) {
      const { host, storage, client } = await setUp(takesFrom(first, status));
      expect((await read(client, `${host.url}/v2/blob`)).equals(CONTENT)).toBe(true);
      expect(storage.requests.map(({ path }) => path)).toEqual(
        Array.from({ length: first }, (_, index) => `/blob?signature=${index + 1}`),
      );
    }
  });

  it.each(REFUSALS)('is given up in the end, with what the storage said: %i', async (status) => {
    const { host, storage, client } = await setUp((_, response) => {
      response.writeHead(status, { 'content-type': 'text/plain' }).end('signature too old');
    });
    await expect(read(client, `${host.url}/v2/blob`)).rejects.toMatchObject({
      status,
      message: expect.stringContaining('signature too old'),
    });
    expect(storage.requests).toHaveLength(3);
  });

  it('is asked for again in the middle of a file', async () => {
    let asked = 0;
    const { host, client } = await setUp(async (request, response) => {
      asked += 1;
      if (asked === 2) return void response.writeHead(403).end();
      if (asked > 2) return serveFile(request, response, CONTENT);
      await sendBeginning(response, CONTENT.subarray(0, 1000), {
        headers: { 'content-length': CONTENT.length },
      });
      return reset(response);
    });
    expect((await read(client, `${host.url}/v2/blob`)).equals(CONTENT)).toBe(true);
  });

  it('is asked for again when it ran out while the storage had asked for a pause', async () => {
    const answers = [429, 403];
    const { host, storage, client } = await setUp((request, response) => {
      const status = answers.shift();
      if (status === undefined) serveFile(request, response, CONTENT);
      else response.writeHead(status, status === 429 ? { 'retry-after': '0.05' } : {}).end();
    });
    expect((await read(client, `${host.url}/v2/blob`)).equals(CONTENT)).toBe(true);
    expect(storage.requests).toHaveLength(3);
  });

  it.each<[HttpMethod, number]>([
    ['HEAD', 2],
    ['PUT', 1],
    ['POST', 1],
    ['DELETE', 1],
  ])('is asked for again only to read: %s', async (method, count) => {
    const { host, storage, client } = await setUp(takesFrom(2, 403));
    await using response = await client.request(host.url, { method });
    expect(response.status).toBe(method === 'HEAD' ? 200 : 403);
    expect(storage.requests).toHaveLength(count);
  });

  it('is something else than a refusal of the host itself', async () => {
    await using server = await startHttpServer((_, response) => void response.writeHead(403).end());
    await using client = createHttpClient();
    await using response = await client.request(server.url);
    expect(response.status).toBe(403);
    expect(server.requests).toHaveLength(1);
  });
});

describe('another copy at a storage', () => {
  const dates = ['Fri, 31 Dec 1999 23:59:59 GMT', 'Sat, 01 Jan 2000 00:00:00 GMT'];

  it.each([
    ['etag', ['"v1"', '"v2"']],
    ['last-modified', dates],
  ])('is read on from when a digest will tell, whatever its %s', async (name, values) => {
    await using server = await startHttpServer(async (request, response) => {
      const headers = { [name]: values[server.requests.length - 1] ?? '' };
      if (server.requests.length > 1) return serveFile(request, response, CONTENT, headers);
      await sendBeginning(response, CONTENT.subarray(0, 1000), {
        headers: { 'content-length': CONTENT.length, ...headers },
      });
      return reset(response);
    });
    await using client = createHttpClient({ backoff: { base: 0.001, max: 0.01 } });
    expect((await read(client, server.url, { hasDigest: true })).equals(CONTENT)).toBe(true);
    const [, again] = server.requests;
    // With If-Range, another copy would send everything again.
    expect(again?.headers).not.toHaveProperty('if-range');
  });
});
