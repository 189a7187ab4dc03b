import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpClient } from '../../../src/internal/http/client.ts';
import { failureOf } from '../../support/failure.ts';

const STATUS = 'HTTP/1.1 429 Too Many Requests';

/** Starts a server that sends the answers one after the other, a connection each, and the last one for ever. */
async function startRaw(answers: readonly string[]): Promise<{ url: string; count: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const answer = answers[Math.min(count, answers.length - 1)] ?? '';
      count += 1;
      socket.end(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, count: () => count };
}

const GARBLED: readonly (readonly [string, string])[] = [
  ['after the status', `${STATUS}\nRetry-After: 1\r\nContent-Length: 2\r\n\r\nno`],
  ['after a header', `${STATUS}\r\nRetry-After: 1\nContent-Length: 2\r\n\r\nno`],
  ['after every line', `${STATUS}\nRetry-After: 1\nContent-Length: 2\n\nno`],
  ['in a header', `${STATUS}\r\nX-Reason: you have\nreached the limit\r\nContent-Length: 2\r\n\r\nno`],
];

describe('an answer with a bare line feed', () => {
  it.each(GARBLED)('%s is tried again, though the host never answered before', async (_where, garbled) => {
    const server = await startRaw([garbled, 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine']);
    await using client = createHttpClient({ retries: 1, backoff: { base: 0.001, max: 0.01 } });
    await using response = await client.request(server.url);
    expect(response.status).toBe(200);
  });

  it.each(GARBLED)('%s is told as what it is in the end, with no word of TLS', async (_where, garbled) => {
    const server = await startRaw([garbled]);
    await using client = createHttpClient({ retries: 2, backoff: { base: 0.001, max: 0.01 } });
    const error = await failureOf(() => client.request(server.url));
    expect(error).toMatchObject({
      code: 'ERR_NETWORK_FAILED',
      message: expect.stringContaining('is not valid HTTP'),
      hint: expect.stringContaining('limit how much they serve'),
    });
    expect(error.hint).not.toContain('https://');
    expect(server.count()).toBe(3);
  });

  it.each([
    ['in its chunks', `${STATUS}\r\nTransfer-Encoding: chunked\r\n\r\n2\nno\n0\n\n`],
    ['in its text', `${STATUS}\r\nContent-Type: text/plain\r\n\r\nno\nmore\n`],
    ['after its end', `${STATUS}\r\nContent-Length: 2\r\n\r\nno\n\n`],
  ])('%s is a refusal with its status', async (_where, answer) => {
    const server = await startRaw([answer]);
    await using client = createHttpClient({ retries: 1, backoff: { base: 0.001, max: 0.01 } });
    expect(await failureOf(() => client.request(server.url))).toMatchObject({
      code: 'ERR_HTTP_STATUS',
      message: expect.stringContaining('answered 429'),
    });
    expect(server.count()).toBe(2);
  });

  it('is distinguished from a server that speaks something else', async () => {
    const server = await startRaw(['SSH-2.0-OpenSSH_9.2\r\n']);
    await using client = createHttpClient({ retries: 2 });
    expect(await failureOf(() => client.request(server.url))).toMatchObject({
      message: expect.stringContaining('does not answer in HTTP'),
      hint: 'If the server speaks TLS, write https:// in its address.',
    });
    expect(server.count()).toBe(1);
  });
});
