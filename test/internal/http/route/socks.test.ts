import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectBytes } from '../../../../src/internal/bytes.ts';
import { createHttpClient, type HttpClientOptions } from '../../../../src/internal/http/client.ts';
import { type Authority, createAuthority, type KeyPair } from '../../../support/http/authority.ts';
import { startHttpServer } from '../../../support/http/http-server.ts';
import { type SocksManners, startSocksProxy } from '../../../support/http/socks-proxy.ts';

let authority: Authority;
let pair: KeyPair;

beforeAll(async () => {
  authority = await createAuthority();
  pair = await authority.issue(['DNS:registry.example', 'IP:192.0.2.1', 'IP:2001:db8::1']);
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
});

describe('a SOCKS 5 proxy', () => {
  it.each(['socks5', 'socks5h', 'socks'])('is asked by name, as %s, for http and https', async (scheme) => {
    await using plain = await startHttpServer((_, response) => void response.end('plain'));
    await using secure = await startHttpServer((_, response) => void response.end('secure'), { tls: pair });
    await using proxy = await startSocksProxy();
    const env = { HTTP_PROXY: `${scheme}://${proxy.host}`, HTTPS_PROXY: `${scheme}://${proxy.host}/` };
    expect(await ask(`http://registry.example:${plain.port}/`, { env })).toBe('plain');
    expect(await ask(`https://registry.example:${secure.port}/`, { env })).toBe('secure');
    expect(proxy.seen).toEqual([
      `name registry.example:${plain.port}`,
      `name registry.example:${secure.port}`,
    ]);
  });

  it('is asked by address for an address', async () => {
    await using plain = await startHttpServer((_, response) => void response.end('plain'));
    await using secure = await startHttpServer((_, response) => void response.end('secure'), { tls: pair });
    await using proxy = await startSocksProxy();
    const env = { HTTP_PROXY: `socks5://${proxy.host}`, HTTPS_PROXY: `socks5://${proxy.host}` };
    for (const host of ['192.0.2.1', '[2001:db8::1]']) {
      expect(await ask(`http://${host}:${plain.port}/`, { env })).toBe('plain');
      expect(await ask(`https://${host}:${secure.port}/`, { env })).toBe('secure');
    }
    const ipv6 = '20010db8000000000000000000000001';
    expect(proxy.seen).toEqual([
      `ipv4 192.0.2.1:${plain.port}`,
      `ipv4 192.0.2.1:${secure.port}`,
      `ipv6 ${ipv6}:${plain.port}`,
      `ipv6 ${ipv6}:${secure.port}`,
    ]);
  });

  it.each([
    ['user:pa:ss', 'user:pa%3Ass'],
    ['CORP\\jane:s3/cr3t#?@x', 'CORP\\jane:s3/cr3t#?@x'],
    ['jürgen:päß', 'jürgen:päß'],
    ['user:', 'user'],
  ])('is shown the login %j, written as %j', async (login, written) => {
    await using server = await startHttpServer((_, response) => void response.end('fine'));
    await using proxy = await startSocksProxy({ credentials: login });
    const env = { HTTP_PROXY: `socks5h://${written}@${proxy.host}` };
    expect(await ask(`http://registry.example:${server.port}/`, { env })).toBe('fine');
    expect(proxy.logins).toEqual([login]);
  });

  it.each(['ipv4', 'ipv6', 'name'] as const)('may say in its replies that it is at an %s', async (bound) => {
    await using server = await startHttpServer((_, response) => void response.end('fine'));
    await using proxy = await startSocksProxy({ bound });
    const env = { HTTP_PROXY: `socks5://${proxy.host}` };
    expect(await ask(`http://registry.example:${server.port}/`, { env })).toBe('fine');
  });

  it('carries many transfers at once, and large ones whole', async () => {
    const content = Buffer.alloc(3_000_000, 'content');
    await using server = await startHttpServer((_, response) => void response.end(content), { tls: pair });
    await using proxy = await startSocksProxy();
    const env = { HTTPS_PROXY: `socks5://${proxy.host}` };
    const url = `https://registry.example:${server.port}/`;
    await using client = createHttpClient({
      env,
      tls: () => ({ ca: authority.cert }),
      concurrencyPerHost: 8,
    });
    const read = async (): Promise<Uint8Array> => {
      await using response = await client.request(url);
      return await collectBytes(response.body, { limit: 4_000_000, onExcess: () => new Error('too much') });
    };
    const all = await Promise.all(Array.from({ length: 12 }, read));
    expect(all.every((bytes) => content.equals(bytes))).toBe(true);
    expect(proxy.seen.length).toBeLessThanOrEqual(8);
  });

  it.each<[string, SocksManners, string]>([
    ['wants another login', { credentials: 'a:b' }, 'the proxy does not accept the user name and password'],
    ['knows another way to log in', { method: 1 }, 'the proxy asks for another way to log in'],
    ['takes nobody', { method: 255 }, 'the proxy asks for another way to log in'],
    ['fails', { reply: 1 }, 'the proxy failed'],
    ['has rules', { reply: 2 }, 'the rules of the proxy forbid it'],
    ['reaches no network', { reply: 3 }, 'the proxy cannot reach that network'],
    ['reaches no host', { reply: 4 }, 'the proxy cannot reach that host'],
    ['is refused', { reply: 5 }, 'the host refused the connection from the proxy'],
    ['answers a number of its own', { reply: 99 }, 'the proxy answered 99'],
    ['speaks HTTP', { garbage: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, 'the proxy does not speak SOCKS 5'],
    ['hangs up', { hangsUp: true }, 'the proxy closed the connection'],
  ])('that %s is told as that, without the login', async (_what, manners, fact) => {
    await using proxy = await startSocksProxy(manners);
    const env = { HTTPS_PROXY: `socks5://user:S3cr3T@${proxy.host}` };
    const failure = ask('https://registry.example/', { env });
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_NETWORK_FAILED',
      message: `Cannot fetch "https://registry.example/": ${fact} (through the proxy "socks5://${proxy.host}")`,
      hint: 'Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.',
    });
  });

  it('that says nothing is noticed in time', async () => {
    await using proxy = await startSocksProxy({ isMute: true });
    const env = { HTTPS_PROXY: `socks5://${proxy.host}` };
    await expect(ask('https://registry.example/', { env, silenceTimeout: 0.2 })).rejects.toMatchObject({
      code: 'ERR_NETWORK_TIMEOUT',
    });
  });

  it('that asks for a login when none is written says so', async () => {
    await using proxy = await startSocksProxy({ method: 2 });
    const env = { HTTPS_PROXY: `socks5://${proxy.host}` };
    await expect(ask('https://registry.example/', { env })).rejects.toMatchObject({
      message: expect.stringContaining('the proxy asks for a user name and password'),
    });
  });

  it('leaves nothing on stderr', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    await using server = await startHttpServer((_, response) => void response.end('fine'), { tls: pair });
    await using proxy = await startSocksProxy();
    const env = { HTTPS_PROXY: `socks5://${proxy.host}` };
    expect(await ask(`https://192.0.2.1:${server.port}/`, { env })).toBe('fine');
    // Node hands warnings out on its next turn.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

async function ask(url: string, options: HttpClientOptions): Promise<string> {
  await using client = createHttpClient({ retries: 0, tls: () => ({ ca: authority.cert }), ...options });
  await using response = await client.request(url);
  const bytes = await collectBytes(response.body, { limit: 10_000, onExcess: () => new Error('too much') });
  return Buffer.from(bytes).toString();
}
