import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../../src/internal/http/client.ts';
import type { TlsSettings } from '../../../../src/internal/http/http.ts';
import { type Authority, createAuthority, type KeyPair } from '../../../support/http/authority.ts';
import { startHttpServer } from '../../../support/http/http-server.ts';

let authority: Authority;
let pair: KeyPair;

beforeAll(async () => {
  authority = await createAuthority();
  pair = await authority.issue(['IP:127.0.0.1', 'DNS:localhost']);
});

afterAll(async () => {
  await authority[Symbol.asyncDispose]();
});

describe('a server with a certificate of a private authority', () => {
  it('is refused, with the way to trust it', async () => {
    await expect(ask(pair, undefined)).rejects.toMatchObject({
      code: 'ERR_NETWORK_FAILED',
      message: expect.stringMatching(
        /^Cannot fetch "https:\/\/127\.0\.0\.1:\d+\/": the certificate of "127\.0\.0\.1:\d+" is not signed by an authority this machine trusts$/,
      ),
      hint: expect.stringMatching(/ca_file.*NODE_EXTRA_CA_CERTS/),
    });
  });

  it('is trusted with its authority in the settings', async () => {
    expect(await ask(pair, { ca: authority.cert })).toBe(200);
  });

  it('is trusted when nothing is to be checked', async () => {
    expect(await ask(pair, { rejectUnauthorized: false })).toBe(200);
  });

  it('is trusted with its authority in NODE_EXTRA_CA_CERTS', async () => {
    await using server = await startHttpServer((_, response) => void response.end(), { tls: pair });
    const client = join(import.meta.dirname, '../../../../src/internal/http/client.ts');
    const program = `
      const { createHttpClient } = await import(${JSON.stringify(client)});
      await using client = createHttpClient({ retries: 0 });
      await using response = await client.request(${JSON.stringify(server.url)});
      process.stdout.write(String(response.status));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: authority.certFile },
    });
    expect(stdout).toBe('200');
  });

  it('gives its settings to no other origin', async () => {
    await using server = await startHttpServer((_, response) => void response.end(), { tls: pair });
    await using other = await startHttpServer((_, response) => void response.end(), { tls: pair });
    await using client = createHttpClient({
      retries: 0,
      tls: (origin) => (origin === server.url ? { ca: authority.cert } : undefined),
    });
    await using response = await client.request(server.url);
    expect(response.status).toBe(200);
    await expect(client.request(other.url)).rejects.toMatchObject({ code: 'ERR_NETWORK_FAILED' });
  });
});

describe('a certificate', () => {
  it('for another host is refused by name', async () => {
    const wrong = await authority.issue(['DNS:other.example']);
    await expect(ask(wrong, { ca: authority.cert })).rejects.toMatchObject({
      message: expect.stringContaining('the certificate of the server is not for "127.0.0.1"'),
    });
  });

  it('that has expired is refused as such, at once', async () => {
    const old = await authority.issue(['IP:127.0.0.1'], { days: -1 });
    await expect(ask(old, { ca: authority.cert }, 5)).rejects.toMatchObject({
      message: expect.stringContaining('has expired'),
      transient: false,
    });
  });

  it('of the client is shown to a server that asks for it', async () => {
    const mine = await authority.issue(['DNS:client.example']);
    const settings = { ca: authority.cert, cert: mine.cert, key: mine.key };
    expect(await ask({ ...pair, ca: authority.cert }, settings)).toBe(200);
  });

  it('of the client that is missing ends in an error, not in an answer', async () => {
    await expect(ask({ ...pair, ca: authority.cert }, { ca: authority.cert })).rejects.toMatchObject({
      code: 'ERR_NETWORK_FAILED',
    });
  });

  it('that is no PEM is a mistake in the settings', async () => {
    await expect(ask(pair, { cert: 'nonsense', key: 'nonsense' })).rejects.toMatchObject({
      code: 'ERR_REGISTRIES_INVALID',
      message: expect.stringMatching(/^Cannot use the TLS settings of "https:\/\/127\.0\.0\.1:\d+": /),
    });
  });
});

describe('a server that speaks something else', () => {
  it('plain HTTP where TLS is expected: the error says so', async () => {
    await using server = await startHttpServer((_, response) => void response.end());
    await using client = createHttpClient({ retries: 0 });
    await expect(client.request(server.url.replace('http:', 'https:'))).rejects.toMatchObject({
      message: expect.stringContaining('does not speak TLS'),
      hint: expect.stringContaining('http://'),
    });
  });

  it('TLS where plain HTTP is expected: the error says so', async () => {
    await using server = await startHttpServer((_, response) => void response.end(), { tls: pair });
    await using client = createHttpClient({ retries: 0 });
    await expect(client.request(server.url.replace('https:', 'http:'))).rejects.toMatchObject({
      code: 'ERR_NETWORK_FAILED',
    });
  });

  it('neither: the error says so', async () => {
    const server = createServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await using client = createHttpClient({ retries: 0 });
    await expect(client.request(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      message: expect.stringContaining('the server does not answer in HTTP'),
    });
    server.close();
  });
});

async function ask(
  tls: KeyPair & { readonly ca?: string },
  settings: TlsSettings | undefined,
  retries = 0,
): Promise<number> {
  await using server = await startHttpServer((_, response) => void response.end(), { tls });
  await using client = createHttpClient({ retries, backoff: { base: 600, max: 600 }, tls: () => settings });
  await using response = await client.request(server.url);
  return response.status;
}
