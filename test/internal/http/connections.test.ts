import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import type { HttpClient, HttpMethod } from '../../../src/internal/http/http.ts';
import { startHttpServer } from '../../support/http/http-server.ts';

const WAYS: readonly (readonly [name: string, method: HttpMethod, status: number])[] = [
  ['a HEAD', 'HEAD', 200],
  ['a HEAD of what is not there', 'HEAD', 404],
  ['a GET', 'GET', 200],
  ['an answer without a body', 'DELETE', 204],
  ['an upload', 'PUT', 201],
];

describe('a connection', () => {
  it.each(WAYS)('serves again after %s', async (_, method, status) => {
    await using server = await startHttpServer((request, response) => {
      const body = status === 204 ? undefined : 'content';
      response.writeHead(status, body === undefined ? {} : { 'content-length': body.length });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
    await using client = createHttpClient();
    for (let time = 0; time < 5; time++) {
      const body = method === 'PUT' ? Buffer.from('content') : undefined;
      await using response = await client.request(server.url, { method, body });
      expect(response.status).toBe(status);
    }
    expect(server.connections()).toBe(1);
  });

  it('serves again after a short answer that was not read', async () => {
    await using server = await startHttpServer((_, response) => void response.end('not wanted'));
    await using client = createHttpClient();
    for (let time = 0; time < 5; time++) await (await client.request(server.url))[Symbol.asyncDispose]();
    expect(server.connections()).toBe(1);
  });

  it('is cut off by a reader who stops', async () => {
    await using server = await startHttpServer((_, response) => {
      response.writeHead(200, { 'content-length': 100_000_000 });
      response.write(Buffer.alloc(1_000_000));
    });
    await using client = createHttpClient({ concurrencyPerHost: 1 });
    for (let time = 0; time < 3; time++) for await (const _ of (await client.request(server.url)).body) break;
    expect(server.connections()).toBe(3);
  });

  it.each([
    ['from the first request on', 0],
    ['all of a sudden', 3],
  ])('to a server that sends a body after a HEAD, %s, is not used again', async (_, first) => {
    const url = await garbledServer(first);
    await using client = createHttpClient({ concurrencyPerHost: 2, backoff: { base: 0.001, max: 0.001 } });
    for (let time = 0; time < 12; time++) {
      await using head = await client.request(url, { method: 'HEAD' });
      expect(head.headers['content-length']).toBe('5');
      expect(await textOf(client, url)).toBe('right');
    }
  });
});

/** Returns the address of a server that answers HEAD with a body, after so many HEADs that it answers well. */
async function garbledServer(well: number): Promise<string> {
  let heads = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const isHead = text.startsWith('HEAD');
        text = text.slice(end + 4);
        const body = isHead && heads++ < well ? '' : isHead ? 'wrong' : 'right';
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n${body}`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address: string | AddressInfo | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return `http://127.0.0.1:${address.port}/`;
}

async function textOf(client: HttpClient, url: string): Promise<string> {
  await using response = await client.request(url);
  const bytes = await collectBytes(response.body, { limit: 1000, onExcess: () => new Error('too long') });
  return Buffer.from(bytes).toString();
}
