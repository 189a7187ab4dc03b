import { describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import { startHttpServer } from '../../support/http/http-server.ts';

describe('createHttpClient', () => {
  it('hands over status, headers in lower case, and the address', async () => {
    await using server = await startHttpServer((_, response) => {
      response.setHeader('X-Thing', ['one', 'two']);
      response.writeHead(418, { 'Docker-Content-Digest': 'sha256:ab' }).end();
    });
    await using client = createHttpClient();
    await using response = await client.request(`${server.url}/a?b=c#part`);
    expect(response).toMatchObject({
      status: 418,
      headers: { 'x-thing': 'one, two', 'docker-content-digest': 'sha256:ab' },
      url: `${server.url}/a?b=c`,
    });
  });

  it('asks for content as it is, whatever the caller says', async () => {
    await using server = await startHttpServer((_, response) => void response.end());
    await using client = createHttpClient();
    await using response = await client.request(server.url, {
      headers: { 'Accept-Encoding': 'gzip', 'User-Agent': 'mine', Accept: 'text/plain' },
    });
    expect(response.status).toBe(200);
    expect(server.requests[0]?.headers).toMatchObject({
      'accept-encoding': 'identity',
      'user-agent': 'mine',
      accept: 'text/plain',
    });
  });

  it('leaves content alone that a server says is compressed', async () => {
    const bytes = Buffer.from([0x1f, 0x8b, 0, 1, 2, 3]);
    await using server = await startHttpServer(
      (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes),
    );
    await using client = createHttpClient();
    const chunks: Uint8Array[] = [];
    for await (const chunk of client.download(server.url)) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('reads an answer to HEAD as empty', async () => {
    await using server = await startHttpServer(
      (_, response) => void response.writeHead(200, { 'content-length': 1000 }).end(),
    );
    await using client = createHttpClient();
    await using response = await client.request(server.url, { method: 'HEAD' });
    expect(response.headers['content-length']).toBe('1000');
    let length = 0;
    for await (const chunk of response.body) length += chunk.length;
    expect(length).toBe(0);
  });

  it('speaks to an IPv6 address', async () => {
    await using server = await startHttpServer((_, response) => void response.end(), { host: '::1' });
    await using client = createHttpClient();
    await using response = await client.request(server.url);
    expect(response.status).toBe(200);
  });

  it.each(['', 'host.example/path', 'ftp://user:secret@host.example/', 'user:secret@host', 'https://'])(
    'refuses %j, which is no address',
    async (url) => {
      await using client = createHttpClient();
      const failure = client.request(url);
      await expect(failure).rejects.toMatchObject({
        code: 'ERR_USAGE_INVALID',
        message: expect.stringMatching(/it is not an http or https URL$/),
      });
      await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
    },
  );

  it('refuses a header that cannot be sent, at once and without repeating it', async () => {
    await using server = await startHttpServer((_, response) => void response.end());
    await using client = createHttpClient({ backoff: { base: 600, max: 600 } });
    const failure = client.request(server.url, { headers: { authorization: 'Bearer secret\r\nx: y' } });
    await expect(failure).rejects.toMatchObject({
      message: expect.stringContaining('the request cannot be sent'),
    });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
    expect(server.requests).toEqual([]);
  });

  it('passes on large bodies without holding them', async () => {
    const size = 200_000_000;
    const block = Buffer.alloc(1_000_000);
    await using server = await startHttpServer((_, response) => {
      response.writeHead(200, { 'content-length': size });
      let sent = 0;
      const more = (): void => {
        while (sent < size) {
          sent += block.length;
          if (!response.write(block)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    await using client = createHttpClient();
    let length = 0;
    let largest = 0;
    for await (const chunk of client.download(server.url)) {
      length += chunk.length;
      largest = Math.max(largest, chunk.length);
    }
    expect(length).toBe(size);
    expect(largest).toBeLessThan(4_000_000);
  });
});
