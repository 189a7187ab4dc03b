import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import type { HttpClient, HttpMethod } from '../../../src/internal/http/http.ts';
import { type Hop, nextHop } from '../../../src/internal/http/redirect.ts';
import { type ScriptedServer, startHttpServer } from '../../support/http/http-server.ts';

/** Two servers are two origins: the first sends everything on to the second, `/stay` to itself. */
let first: ScriptedServer;
let second: ScriptedServer;
let client: HttpClient;
let status = 302;

beforeEach(async () => {
  status = 302;
  second = await startHttpServer(async (request, response) => {
    response.end(`${request.method} ${(await request.body()).toString()}`);
  });
  first = await startHttpServer(async (request, response) => {
    await request.body();
    if (request.path === '/here') response.end('here');
    else if (request.path === '/stay') response.writeHead(status, { location: 'here' }).end();
    else if (request.path === '/loop') response.writeHead(status, { location: '/loop' }).end();
    else response.writeHead(status, { location: `${second.url}/there?token=secret` }).end('moved');
  });
  client = createHttpClient({ retries: 0 });
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])(
    'with status %i is followed, and the answer names its own address',
    async (code) => {
      status = code;
      await using response = await client.request(`${first.url}/go`);
      expect(response.status).toBe(200);
      expect(response.url).toBe(`${second.url}/there?token=secret`);
      expect(await text(response.body)).toBe('GET ');
    },
  );

  it('never carries credentials to another origin, whatever their name', async () => {
    const headers = {
      Authorization: 'Bearer secret',
      cookie: 'session=secret',
      'proxy-authorization': 'Basic secret',
      'private-token': 'secret',
      'x-registry-auth': 'secret',
      accept: 'text/plain',
      range: 'bytes=5-',
    };
    await using response = await client.request(`${first.url}/go`, { headers });
    expect(response.status).toBe(200);
    expect(first.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'private-token': 'secret',
    });
    expect(JSON.stringify(second.requests[0]?.headers)).not.toContain('secret');
    expect(second.requests[0]?.headers).toMatchObject({ accept: 'text/plain', range: 'bytes=5-' });
  });

  it('keeps credentials within the origin, and resolves a relative address', async () => {
    await using response = await client.request(`${first.url}/stay`, {
      headers: { authorization: 'Bearer mine' },
    });
    expect(await text(response.body)).toBe('here');
    expect(first.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer mine',
      'Bearer mine',
    ]);
  });

  it('does not give credentials back when the way returns to the first origin', async () => {
    await using back = await startHttpServer((_, response) => {
      response.writeHead(302, { location: `${first.url}/here` }).end();
    });
    await using start = await startHttpServer((_, response) => {
      response.writeHead(302, { location: `${back.url}/` }).end();
    });
    await using response = await client.request(`${start.url}/`, {
      headers: { authorization: 'Bearer mine' },
    });
    expect(await text(response.body)).toBe('here');
    expect(first.requests[0]?.headers['authorization']).toBeUndefined();
  });

  it('sends user and password written into an address to its origin only', async () => {
    const address = `${first.url}/go`.replace('//', '//us%40er:pass@');
    await using response = await client.request(address);
    expect(response.status).toBe(200);
    expect(first.requests[0]?.headers['authorization']).toBe(
      `Basic ${Buffer.from('us@er:pass').toString('base64')}`,
    );
    expect(second.requests[0]?.headers['authorization']).toBeUndefined();
  });

  it('takes a lone percent sign in a password for itself', async () => {
    await using response = await client.request(`${first.url}/here`.replace('//', '//user:100%@'));
    expect(response.status).toBe(200);
    const expected = `Basic ${Buffer.from('user:100%').toString('base64')}`;
    expect(first.requests[0]?.headers['authorization']).toBe(expected);
  });

  it('ends after ten hops', async () => {
    await expect(client.request(`${first.url}/loop`)).rejects.toMatchObject({
      code: 'ERR_HTTP_REDIRECT',
      message: `Cannot follow "${first.url}/loop": the server redirects more than 10 times`,
    });
    expect(first.requests.length).toBe(11);
  });

  it('that is refused leaves the connection and the place at the gate to the next request', async () => {
    await using single = createHttpClient({ retries: 0, concurrencyPerHost: 1 });
    await using server = await startHttpServer((request, response) => {
      if (request.path === '/') response.end('fine');
      else response.writeHead(302, { location: 'file:///etc/passwd' }).end('moved');
    });
    await expect(single.request(`${server.url}/moved`)).rejects.toMatchObject({ code: 'ERR_HTTP_REDIRECT' });
    await using response = await single.request(`${server.url}/`);
    expect(await text(response.body)).toBe('fine');
    expect(server.connections()).toBe(1);
  });
});

describe('an upload that is redirected', () => {
  it.each([307, 308])('is sent again by status %i, body and all', async (code) => {
    status = code;
    await using response = await client.request(`${first.url}/go`, {
      method: 'PUT',
      body: Buffer.from('content'),
    });
    expect(await text(response.body)).toBe('PUT content');
  });

  it.each([301, 302, 303])(
    'is not made into a GET by status %i: the caller gets the answer',
    async (code) => {
      status = code;
      await using response = await client.request(`${first.url}/go`, {
        method: 'POST',
        body: Buffer.from('content'),
      });
      expect(response.status).toBe(code);
      expect(second.requests).toEqual([]);
    },
  );
});

describe('nextHop', () => {
  const hop: Hop = { method: 'GET', url: new URL('https://a.example/x?token=secret'), headers: {} };

  it('refuses to give up TLS', () => {
    expect(() =>
      nextHop(hop, { status: 302, headers: { location: 'http://a.example/y?token=secret' } }),
    ).toThrow(
      expect.objectContaining({
        code: 'ERR_HTTP_REDIRECT',
        message:
          'Cannot follow "https://a.example/x": the server redirects from https to plain http at "http://a.example/y"',
      }),
    );
  });

  it.each(['file:///etc/passwd', 'ftp://a.example/', 'data:text/plain,x', 'http://[bad'])(
    'refuses to go to %s',
    (location) => {
      expect(() =>
        nextHop({ ...hop, url: new URL('http://a.example/') }, { status: 302, headers: { location } }),
      ).toThrow(
        /^Cannot follow "http:\/\/a\.example\/": the server redirects to ".*", which is not an http address$/,
      );
    },
  );

  it('says so when there is no address', () => {
    expect(() => nextHop(hop, { status: 301, headers: {} })).toThrow('redirects without saying where to');
  });

  it('ignores user and password in the address: they would be the choice of the server', () => {
    const next = nextHop(hop, { status: 302, headers: { location: 'https://u:p@b.example/z#part' } });
    expect(next?.url.href).toBe('https://b.example/z');
  });

  it.each<[number, HttpMethod]>([
    [200, 'GET'],
    [300, 'GET'],
    [304, 'GET'],
    [201, 'POST'],
    [303, 'DELETE'],
  ])('takes status %i to %s as the answer', (code, method) => {
    expect(nextHop({ ...hop, method }, { status: code, headers: { location: '/y' } })).toBeUndefined();
  });
});

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const bytes = await collectBytes(body, { limit: 1 << 20, onExcess: () => new Error('too much') });
  return Buffer.from(bytes).toString();
}
