import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectBytes } from '../../../../src/internal/bytes.ts';
import { createHttpClient, type HttpClientOptions } from '../../../../src/internal/http/client.ts';
import { type Authority, createAuthority, type KeyPair } from '../../../support/http/authority.ts';
import { startProxy } from '../../../support/http/http-proxy.ts';
import { startHttpServer } from '../../../support/http/http-server.ts';

let authority: Authority;
let pair: KeyPair;

beforeAll(async () => {
  authority = await createAuthority();
  pair = await authority.issue(['DNS:registry.example']);
});

afterAll(async () => {
  await authority[Symbol.asyncDispose]();
});

describe('a proxy', () => {
  it('forwards plain HTTP, and resolves the name', async () => {
    await using server = await startHttpServer(
      (request, response) => void response.end(`${request.headers['host']}`),
    );
    await using proxy = await startProxy();
    const host = `registry.example:${server.port}`;
    expect(await ask(`http://${host}/v2/?a=b`, { env: { http_proxy: proxy.url } })).toBe(host);
    expect(proxy.seen).toEqual([`GET http://${host}/v2/?a=b`]);
  });

  it('tunnels HTTPS, whose certificate is checked against the name', async () => {
    await using server = await startHttpServer((_, response) => void response.end('private'), { tls: pair });
    await using proxy = await startProxy();
    const url = `https://registry.example:${server.port}/v2/`;
    const tls = (): { ca: string } => ({ ca: authority.cert });
    expect(await ask(url, { env: { HTTPS_PROXY: proxy.url }, tls })).toBe('private');
    expect(proxy.seen).toEqual([`CONNECT registry.example:${server.port}`]);
    await expect(ask(url, { env: { HTTPS_PROXY: proxy.url } })).rejects.toMatchObject({
      code: 'ERR_NETWORK_FAILED',
      message: expect.stringContaining(`(through the proxy "${proxy.url}/")`),
      hint: expect.stringContaining('ca_file'),
    });
    const wrong = url.replace('registry', 'other');
    await expect(ask(wrong, { env: { HTTPS_PROXY: proxy.url }, tls })).rejects.toMatchObject({
      message: expect.stringContaining('is not for "other.example"'),
    });
  });

  it('is shown user and password, which no message repeats', async () => {
    await using server = await startHttpServer((_, response) => void response.end('fine'));
    await using secure = await startHttpServer((_, response) => void response.end('private'), { tls: pair });
    await using proxy = await startProxy({ credentials: 'user:pa:ss' });
    const right = proxy.url.replace('//', '//user:pa%3Ass@');
    const env = { HTTP_PROXY: right, HTTPS_PROXY: right };
    expect(await ask(`http://registry.example:${server.port}/`, { env })).toBe('fine');
    const tls = (): { ca: string } => ({ ca: authority.cert });
    expect(await ask(`https://registry.example:${secure.port}/`, { env, tls })).toBe('private');
    expect(server.requests[0]?.headers['proxy-authorization']).toBeUndefined();

    const wrong = proxy.url.replace('//', '//user:secret@');
    for (const url of [
      `http://registry.example:${server.port}/`,
      `https://registry.example:${secure.port}/`,
    ]) {
      const failure = ask(url, { env: { HTTP_PROXY: wrong, HTTPS_PROXY: wrong }, tls });
      await expect(failure).rejects.toMatchObject({
        code: 'ERR_NETWORK_FAILED',
        message: expect.stringContaining(
          `the proxy asks for a user name and password (through the proxy "${proxy.url}/")`,
        ),
      });
      await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
    }
  });

  it('is left out for loopback and for what NO_PROXY names', async () => {
    await using server = await startHttpServer((_, response) => void response.end('direct'));
    await using proxy = await startProxy();
    expect(await ask(server.url, { env: { http_proxy: proxy.url } })).toBe('direct');
    const env = { HTTP_PROXY: proxy.url, NO_PROXY: 'registry.invalid' };
    await expect(ask('http://registry.invalid/', { env })).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_NETWORK_/),
    });
    expect(proxy.seen).toEqual([]);
  });

  it('that does not run is named in the error', async () => {
    const gone = await startProxy();
    await gone[Symbol.asyncDispose]();
    await expect(ask('http://registry.example/', { env: { HTTP_PROXY: gone.url } })).rejects.toMatchObject({
      code: 'ERR_NETWORK_FAILED',
      message: expect.stringContaining(`(through the proxy "${gone.url}/")`),
      hint: 'Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.',
    });
  });

  it('that never answers is noticed in time', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    await expect(ask('https://registry.example/', { env, silenceTimeout: 0.2 })).rejects.toMatchObject({
      code: 'ERR_NETWORK_TIMEOUT',
    });
    silent.close();
  });

  it('is taken from nowhere but the environment handed in', async () => {
    const before = process.env['http_proxy'];
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    try {
      await expect(ask('http://registry.invalid/', { env: {} })).rejects.toMatchObject({
        message: expect.not.stringContaining('proxy'),
      });
    } finally {
      if (before === undefined) delete process.env['http_proxy'];
      else process.env['http_proxy'] = before;
    }
  });
});

async function ask(url: string, options: HttpClientOptions): Promise<string> {
  await using client = createHttpClient({ retries: 0, ...options });
  await using response = await client.request(url);
  const bytes = await collectBytes(response.body, { limit: 10_000, onExcess: () => new Error('too much') });
  return Buffer.from(bytes).toString();
}
