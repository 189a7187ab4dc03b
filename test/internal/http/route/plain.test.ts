import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createHttpClient } from '../../../../src/internal/http/client.ts';
import { Lease } from '../../../../src/internal/lease.ts';
import { LentMemory } from '../../../../src/internal/http/route/lent-memory.ts';
import { reset, startHttpServer } from '../../../support/http/http-server.ts';

/** More than all the memory that a connection has. */
const CONTENT = randomBytes(8 * 1024 * 1024);
const DIGEST = digestOf([CONTENT]);

/** How servers send a body. */
const FORMS: Readonly<Record<string, (response: ServerResponse) => Promise<void>>> = {
  'in one, with its length': async (response) => {
    response.setHeader('content-length', CONTENT.length);
    response.end(CONTENT);
  },
  'in one, up to the end of the connection': async (response) => {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.end(CONTENT);
  },
  'in many small pieces (chunked)': async (response) => await inPieces(response, 3000),
  'in large pieces (chunked)': async (response) => await inPieces(response, 300_000),
  'in pieces of all sizes, with its length': async (response) => {
    response.setHeader('content-length', CONTENT.length);
    await inPieces(response, 200_000, 7);
  },
};

describe.each(Object.entries(FORMS))('a body sent %s', (_, send) => {
  it('arrives as it is, and what a reader keeps does not change', async () => {
    await using server = await startHttpServer((_request, response) => void send(response));
    await using client = createHttpClient();
    const kept: Uint8Array[] = [];
    for await (const chunk of client.download(server.url)) kept.push(chunk);
    expect(digestOf(kept)).toBe(DIGEST);
  });

  it('arrives as it is where memory is used again, each chunk until the third one after it is asked for', async () => {
    await using server = await startHttpServer((_request, response) => void send(response));
    await using client = createHttpClient();
    const hash = createHash('sha256');
    const held: Uint8Array[] = [];
    for await (const chunk of client.download(server.url, { lease: new Lease() })) {
      held.push(chunk);
      // Two more have been received since the first of these was handed on.
      if (held.length === 3) hash.update(held.shift() ?? '');
    }
    for (const chunk of held) hash.update(chunk);
    expect(hash.digest('hex')).toBe(DIGEST);
  });

  it('arrives as it is at eight readers at once, over connections that are used again', async () => {
    await using server = await startHttpServer((_request, response) => void send(response));
    await using client = createHttpClient({ concurrencyPerHost: 3 });
    const read = async (lease: Lease | undefined): Promise<string> => {
      const hash = createHash('sha256');
      for await (const chunk of client.download(server.url, { lease })) hash.update(chunk);
      return hash.digest('hex');
    };
    const found = await Promise.all(
      Array.from({ length: 8 }, (_each, at) => read(at % 2 === 0 ? new Lease() : undefined)),
    );
    expect(new Set(found)).toEqual(new Set([DIGEST]));
  });
});

it('a body that breaks off is continued where it stopped, with memory used again', async () => {
  let served = 0;
  await using server = await startHttpServer(async (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers['range'] ?? 'bytes=0-')?.[1]);
    served += 1;
    response.statusCode = from === 0 ? 200 : 206;
    if (from > 0)
      response.setHeader('content-range', `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}`);
    response.setHeader('content-length', CONTENT.length - from);
    if (served > 3) return void response.end(CONTENT.subarray(from));
    response.write(CONTENT.subarray(from, from + 1_500_000), () => reset(response));
  });
  await using client = createHttpClient({ backoff: { base: 0.001, max: 0.01 } });
  const hash = createHash('sha256');
  for await (const chunk of client.download(server.url, { lease: new Lease() })) hash.update(chunk);
  expect(hash.digest('hex')).toBe(DIGEST);
  expect(served).toBeGreaterThan(1);
});

describe('lent memory', () => {
  it('is used again once six other runs of it were handed on, and not before', () => {
    const memory = new LentMemory();
    const takeBack = memory.takingBack(new Lease());
    const first = memory.take();
    takeBack(memory.lend(first, first.length).bytes);
    for (let more = 1; more <= 6; more += 1) {
      const next = memory.take();
      expect(next.buffer).not.toBe(first.buffer);
      takeBack(memory.lend(next, next.length).bytes);
    }
    expect(memory.take().buffer).toBe(first.buffer);
  });

  it('comes back whole at the end of a lease, and not before', () => {
    const memory = new LentMemory();
    const lease = new Lease();
    const takeBack = memory.takingBack(lease);
    const lent = Array.from({ length: 3 }, () => memory.take());
    for (const each of lent) takeBack(memory.lend(each, each.length).bytes);
    const before = memory.take();
    expect(lent.some(({ buffer }) => buffer === before.buffer)).toBe(false);
    lease.end();
    lease.end();
    const after = Array.from({ length: 4 }, () => memory.take().buffer);
    expect(new Set(after).size).toBe(4);
    expect(lent.every(({ buffer }) => after.includes(buffer))).toBe(true);
  });

  it('comes back as soon as the reader releases it, but for the run that more chunks may be in', () => {
    const memory = new LentMemory();
    const lease = new Lease();
    const takeBack = memory.takingBack(lease);
    const [first, second] = [memory.take(), memory.take()];
    lease.release();
    takeBack(memory.lend(first, first.length).bytes.subarray(0, 100));
    lease.release();
    expect(memory.take().buffer).not.toBe(first.buffer);
    takeBack(memory.lend(second, second.length).bytes);
    lease.release();
    expect(memory.take().buffer).toBe(first.buffer);
    expect(memory.take().buffer).not.toBe(second.buffer);
  });

  it('stays with a reader that keeps its chunks', () => {
    const memory = new LentMemory();
    const seen = Array.from({ length: 20 }, () => memory.take());
    for (const each of seen) memory.lend(each, each.length);
    expect(new Set([...seen, memory.take()].map(({ buffer }) => buffer)).size).toBe(21);
  });

  it('is given back once only, however many chunks of it are handed on', () => {
    const memory = new LentMemory();
    const takeBack = memory.takingBack(new Lease());
    const [first, ...others] = Array.from({ length: 12 }, () => memory.take());
    const lent = memory.lend(first ?? Buffer.alloc(0), first?.length ?? 0).bytes;
    for (const part of [lent.subarray(0, 10), lent.subarray(10, 20), lent.subarray(20)]) takeBack(part);
    for (const each of others) takeBack(memory.lend(each, each.length).bytes);
    const again = Array.from({ length: 12 }, () => memory.take().buffer);
    expect(new Set(again).size).toBe(12);
  });

  it('is not lent for a few bytes: they are copied, and it is free at once', () => {
    const memory = new LentMemory();
    const taken = memory.take();
    taken.fill(1);
    const { bytes, isLent } = memory.lend(taken, 1000);
    taken.fill(2);
    expect({ isLent, first: bytes[0], length: bytes.length }).toEqual({
      isLent: false,
      first: 1,
      length: 1000,
    });
  });
});

async function inPieces(response: ServerResponse, size: number, factor = 1): Promise<void> {
  let length = size;
  for (let at = 0; at < CONTENT.length; at += length) {
    length = factor === 1 ? size : (at * factor) % size || size;
    if (!response.write(CONTENT.subarray(at, at + length))) await once(response, 'drain');
  }
  response.end();
}

function digestOf(chunks: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
