import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { AlignedMemory, PAGE } from '../../../../src/disk/write/aligned.ts';
import { BATCH, BATCHES, Batches } from '../../../../src/disk/write/batches.ts';
import { createHttpClient, type HttpClientOptions } from '../../../../src/internal/http/client.ts';
import type { HttpClient } from '../../../../src/internal/http/http.ts';
import { Lease } from '../../../../src/internal/lease.ts';
import { failureOf } from '../../../support/failure.ts';
import { type Authority, createAuthority, type KeyPair } from '../../../support/http/authority.ts';
import { rangeStart, reset, serveFile, startHttpServer } from '../../../support/http/http-server.ts';

const CONTENT = randomBytes(5 * 1024 * 1024 + 77);
const DIGEST = createHash('sha256').update(CONTENT).digest('hex');
/** Where the content goes: at no page. */
const POSITION = 1536;
/** Less than what is surely received in its place: the first batch. */
const LANDED = BATCH - PAGE;

let authority: Authority;
let pair: KeyPair;

beforeAll(async () => {
  authority = await createAuthority();
  pair = await authority.issue(['IP:127.0.0.1']);
});

afterAll(async () => {
  await authority[Symbol.asyncDispose]();
});

describe('content that a reader has a place for', () => {
  it.each([
    ['http', undefined],
    ['https', true],
  ])('is received there over %s', async (_, isSecure) => {
    const tls = isSecure === undefined ? undefined : pair;
    await using server = await startHttpServer((seen, response) => serveFile(seen, response, CONTENT), {
      tls,
    });
    await using client = newClient();
    const found = await receive(client, server.url);
    expect(found.digest).toBe(DIGEST);
    expect(found.landed).toBeGreaterThan(LANDED);
  });

  it.each([
    ['in many pieces', async (response: ServerResponse) => await inPieces(response, 60_001)],
    ['in tiny pieces', async (response: ServerResponse) => await inPieces(response, 1_000, 40)],
  ])('arrives as it is when it is sent %s', async (_, send) => {
    await using server = await startHttpServer((_seen, response) => {
      response.setHeader('content-length', CONTENT.length);
      void send(response);
    });
    await using client = newClient();
    expect(await receive(client, server.url)).toMatchObject({ digest: DIGEST });
  });

  it('arrives as it is at a reader who is slow, and at one who flushes all the time', async () => {
    await using server = await startHttpServer((seen, response) => serveFile(seen, response, CONTENT));
    await using client = newClient();
    const found = await Promise.all([
      receive(client, server.url, { isSlow: true }),
      receive(client, server.url, { isFlushing: true }),
    ]);
    expect(found.map(({ digest }) => digest)).toEqual([DIGEST, DIGEST]);
  });

  it('comes over a connection that is used again', async () => {
    await using server = await startHttpServer((seen, response) => serveFile(seen, response, CONTENT));
    await using client = newClient();
    for (let time = 0; time < 3; time += 1)
      expect(await receive(client, server.url)).toMatchObject({ digest: DIGEST });
    expect(server.connections()).toBe(1);
  });

  it('is asked for over a new connection when the server has closed the one before', async () => {
    let isClosing = true;
    await using server = await startHttpServer((seen, response, raw) => {
      if (server.requests.length === 2 && isClosing) {
        isClosing = false;
        return void raw.socket.destroy();
      }
      serveFile(seen, response, CONTENT);
    });
    await using client = newClient({ retries: 0 });
    for (let time = 0; time < 2; time += 1)
      expect(await receive(client, server.url)).toMatchObject({ digest: DIGEST });
    expect(server.connections()).toBe(2);
  });

  it('is continued where it broke off, and once more when the server then sends all of it', async () => {
    await using server = await startHttpServer((seen, response) => {
      const from = rangeStart(seen);
      if (server.requests.length > 3) return serveFile(seen, response, CONTENT);
      const isIgnored = from !== undefined && server.requests.length === 3;
      const start = isIgnored ? 0 : (from ?? 0);
      response.statusCode = start === 0 ? 200 : 206;
      if (start > 0)
        response.setHeader('content-range', `bytes ${start}-${CONTENT.length - 1}/${CONTENT.length}`);
      response.setHeader('content-length', CONTENT.length - start);
      response.write(CONTENT.subarray(start, start + 2_400_000), () => reset(response));
    });
    await using client = newClient();
    expect(await receive(client, server.url)).toMatchObject({ digest: DIGEST });
    expect(server.requests.length).toBeGreaterThan(3);
  });

  it('is found behind a redirect, at another origin', async () => {
    await using other = await startHttpServer((seen, response) => serveFile(seen, response, CONTENT));
    await using server = await startHttpServer((_, response) => {
      response.writeHead(307, { location: `${other.url}/content`, 'content-length': 4 }).end('gone');
    });
    await using client = newClient();
    const found = await receive(client, server.url);
    expect(found.digest).toBe(DIGEST);
    expect(found.landed).toBeGreaterThan(LANDED);
  });

  it.each([
    ['in chunks', async (response: ServerResponse) => await inPieces(response, 300_000)],
    [
      'up to the end of the connection',
      async (response: ServerResponse) => {
        response.useChunkedEncodingByDefault = false;
        response.shouldKeepAlive = false;
        response.end(CONTENT);
      },
    ],
  ])('is asked for in the usual way once it comes %s', async (_, send) => {
    await using server = await startHttpServer((_seen, response) => void send(response));
    await using client = newClient();
    for (let time = 0; time < 2; time += 1)
      expect(await receive(client, server.url)).toMatchObject({ digest: DIGEST, landed: 0 });
    // The first one was asked for twice.
    expect(server.requests).toHaveLength(3);
  });

  it('is left to one reader at a time', async () => {
    await using server = await startHttpServer((seen, response) => serveFile(seen, response, CONTENT));
    await using client = newClient();
    const memory = new AlignedMemory(BATCH, BATCHES);
    await using batches = new Batches(memory, async () => undefined);
    const lease = new Lease({ landing: batches.landing(() => 0) });
    const read = async (): Promise<readonly boolean[]> => {
      const kept: boolean[] = [];
      for await (const { buffer } of client.download(server.url, { lease })) kept.push(isShared(buffer));
      return kept;
    };
    const [first, second] = await Promise.all([read(), read()]);
    const count = [first, second].filter((chunks) => chunks.includes(true)).length;
    expect(count).toBe(1);
  });
});

describe('a server', () => {
  it.each([
    ['refuses', 404, 'ERR_UPSTREAM_NOT_FOUND'],
    ['fails', 500, 'ERR_HTTP_STATUS'],
  ])('that %s is told of with its status, and nothing of its answer is content', async (_, status, code) => {
    await using server = await startHttpServer((_seen, response) => {
      response.writeHead(status, { 'content-length': 4 }).end('oops');
    });
    await using client = newClient({ retries: 0 });
    expect(await failureOf(() => receive(client, server.url))).toMatchObject({ code });
    expect(server.connections()).toBe(1);
  });

  it.each([
    ['before the head', 'HTTP/1.1 200'],
    ['in the content', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'],
  ])('that falls silent %s is given up', async (_, beginning) => {
    await using server = await startRaw((socket) => void socket.write(beginning));
    await using client = newClient({ retries: 0, silenceTimeout: 0.2 });
    expect(await failureOf(() => receive(client, server.url))).toMatchObject({ code: 'ERR_NETWORK_TIMEOUT' });
  });

  it.each([
    ['before the head', '', false],
    ['in the head', 'HTTP/1.1 200 OK\r\nContent-', false],
    ['in the content', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', true],
    [
      'in the last content of the connection',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhalf',
      true,
    ],
  ])('that closes the connection %s has broken off', async (_, beginning) => {
    await using server = await startRaw((socket) => void socket.end(beginning));
    await using client = newClient({ retries: 0 });
    const error = await failureOf(() => receive(client, server.url));
    expect(error).toMatchObject({
      code: 'ERR_NETWORK_FAILED',
      message: expect.stringContaining('broke off'),
    });
  });

  it.each([
    ['a byte at a time', 1],
    ['in threes', 3],
  ])('that sends its head %s is understood', async (_, size) => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine';
    await using server = await startRaw(async (socket) => {
      socket.setNoDelay(true);
      for (let at = 0; at < text.length; at += size) {
        await new Promise((resolve) => socket.write(text.slice(at, at + size), resolve));
        await new Promise(setImmediate);
      }
    });
    await using client = newClient({ retries: 0 });
    expect(await receive(client, server.url)).toMatchObject({ text: 'fine' });
  });

  it('that sends more than it said is not asked again over that connection', async () => {
    let connections = 0;
    await using server = await startRaw((socket) => {
      connections += 1;
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfineHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
      );
    });
    await using client = newClient({ retries: 0 });
    for (let time = 0; time < 3; time += 1)
      expect(await receive(client, server.url)).toMatchObject({ text: 'fine' });
    expect(connections).toBe(3);
  });

  it('that sends a head without an end is left to the parser, which refuses it', async () => {
    await using server = await startRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`);
    });
    await using client = newClient({ retries: 0 });
    expect(await failureOf(() => receive(client, server.url))).toMatchObject({ code: 'ERR_NETWORK_FAILED' });
  });

  it('with a certificate that nobody trusts is sent nothing', async () => {
    await using server = await startHttpServer((seen, response) => serveFile(seen, response, CONTENT), {
      tls: pair,
    });
    await using client = createHttpClient({ retries: 0 });
    expect(await failureOf(() => receive(client, server.url))).toMatchObject({
      message: expect.stringContaining('is not signed by an authority'),
    });
    expect(server.requests).toEqual([]);
  });

  it('that is not there is told of', async () => {
    const server = await startRaw(() => undefined);
    await server[Symbol.asyncDispose]();
    await using client = newClient({ retries: 0 });
    expect(await failureOf(() => receive(client, server.url))).toMatchObject({
      message: expect.stringContaining('was refused'),
    });
  });
});

it('an interruption ends the connection at once, also in the middle', async () => {
  const ended = Promise.withResolvers<void>();
  await using server = await startRaw((socket) => {
    socket.on('close', () => ended.resolve());
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${CONTENT.length}\r\n\r\n`);
    socket.write(CONTENT.subarray(0, 1_500_000));
  });
  const stop = new AbortController();
  await using client = newClient({ signal: stop.signal });
  const found = receive(client, server.url, { onBytes: () => stop.abort() });
  await expect(found).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  await ended.promise;
});

it('a client that is closed closes its connections, those in use and those at rest', async () => {
  let open = 0;
  const none = Promise.withResolvers<void>();
  await using server = await startRaw((socket) => {
    open += 1;
    socket.on('close', () => {
      open -= 1;
      if (open === 0) none.resolve();
    });
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${open === 1 ? 4 : 9}\r\n\r\nfine`);
  });
  const client = newClient({ retries: 0 });
  await receive(client, server.url);
  const begun = Promise.withResolvers<void>();
  const reading = failureOf(() =>
    Promise.all([receive(client, server.url), receive(client, server.url, { onBytes: begun.resolve })]),
  );
  await begun.promise;
  await client[Symbol.asyncDispose]();
  expect(await reading).toMatchObject({ code: 'ERR_INTERRUPTED' });
  await none.promise;
});

function newClient(options: HttpClientOptions = {}): HttpClient {
  const tls = (): { readonly ca: string } => ({ ca: authority.cert });
  return createHttpClient({ backoff: { base: 0.001, max: 0.01 }, tls, ...options });
}

interface Received {
  readonly digest: string;
  /** The beginning. */
  readonly text: string;
  /** Bytes that did not have to be copied to where they belong. */
  readonly landed: number;
}

/** Reads all content into batches, as a build does. */
async function receive(
  client: HttpClient,
  url: string,
  options: {
    readonly isSlow?: boolean;
    readonly isFlushing?: boolean;
    readonly onBytes?: () => void;
  } = {},
): Promise<Received> {
  const used: Buffer[] = [];
  let [received, landed] = [0, 0];
  await using batches = new Batches(new AlignedMemory(BATCH, BATCHES), async (bytes) => {
    if (options.isSlow === true) await new Promise(setImmediate);
    used.push(Buffer.from(bytes));
  });
  const lease = new Lease({ landing: batches.landing(() => POSITION + received) });
  for await (const chunk of client.download(url, { lease, hasDigest: true })) {
    options.onBytes?.();
    if (isShared(chunk.buffer)) landed += chunk.length;
    await batches.add(chunk, POSITION + received);
    received += chunk.length;
    if (options.isFlushing === true) await batches.flush();
    if (options.isSlow === true) await new Promise(setImmediate);
  }
  await batches.end();
  lease.end();
  const content = Buffer.concat(used);
  const digest = createHash('sha256').update(content).digest('hex');
  return { digest, text: content.toString('latin1', 0, 100), landed };
}

function isShared(buffer: ArrayBufferLike): boolean {
  return buffer instanceof SharedArrayBuffer;
}

async function inPieces(response: ServerResponse, size: number, count = Infinity): Promise<void> {
  for (let at = 0, sent = 0; at < CONTENT.length; sent += 1) {
    const piece = CONTENT.subarray(at, sent < count ? at + size : undefined);
    at += piece.length;
    if (!response.write(piece)) await once(response, 'drain');
    if (sent < count) await new Promise(setImmediate);
  }
  response.end();
}

/** Starts a server that does with each connection what `serve` says once a request came. */
async function startRaw(
  serve: (socket: Socket) => void | Promise<void>,
): Promise<AsyncDisposable & { readonly url: string }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => void serve(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = portOf(server.address());
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

function portOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address;
}
