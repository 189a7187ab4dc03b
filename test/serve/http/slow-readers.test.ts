import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plannedImage } from '../../support/planned/items.ts';
import { openRaw, type RawConnection } from '../../support/http/raw-exchange.ts';
import { type Serving, startServing } from '../../support/sites/serving.ts';
import { waitUntil } from '../../support/wait-until.ts';

const CONNECTIONS = 12;
const large = plannedImage('docker.io/rancher/large:v1', { layers: 1, layerBytes: 24 * 1024 * 1024 });
const blob = large.contents.find(({ bytes }) => bytes.length > 20_000_000)?.descriptor;
const PULL = `GET /v2/rancher/large/blobs/${blob?.digest} HTTP/1.1\r\nHost: x\r\n\r\n`;

let serving: Serving;
beforeAll(async () => {
  serving = await startServing({ bundles: [[large]], limits: { connections: CONNECTIONS, stall: 1000 } });
});
afterAll(() => serving[Symbol.asyncDispose]());

/** Asks and does not read. */
async function openIdle(request: string): Promise<RawConnection> {
  const connection = await openRaw(serving.host);
  connection.socket.pause();
  connection.send(request);
  return connection;
}

async function cutSince(before: number, count: number): Promise<void> {
  await waitUntil(() => serving.accesses.slice(before).filter(({ cut }) => cut).length >= count);
}

describe('a client that reads nothing', () => {
  it('is let go after a while, with less than the blob it asked for', async () => {
    const before = serving.accesses.length;
    using connection = await openIdle(PULL);
    await cutSince(before, 1);
    connection.socket.resume();
    const answer = await connection.rest();
    expect(answer.length).toBeGreaterThan(0);
    expect(answer.length).toBeLessThan(blob?.size ?? 0);
    // It is the client's fault, so nothing is wrong here.
    expect(serving.events).toEqual([]);
  });

  it('is let go just so when it asks for many small things, of which few were made', async () => {
    const before = serving.accesses.length;
    using connection = await openIdle('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3000));
    await cutSince(before, 1);
    expect(serving.accesses.length - before).toBeLessThan(3000);
    connection.socket.resume();
    await connection.rest();
  });

  it('shares a bounded number of connections with its like, and others are served again afterwards', async () => {
    const before = serving.accesses.length;
    const idle = await Promise.all(Array.from({ length: CONNECTIONS * 3 }, () => openIdle(PULL)));
    try {
      await cutSince(before, CONNECTIONS);
      for (const { socket } of idle) socket.resume();
      const answers = await Promise.all(idle.map((connection) => connection.rest()));
      expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 200'))).toHaveLength(CONNECTIONS);
    } finally {
      for (const connection of idle) connection[Symbol.dispose]();
    }
    const whole = await serving.get(`/v2/rancher/large/blobs/${blob?.digest}`);
    expect((await whole.arrayBuffer()).byteLength).toBe(blob?.size);
  });
});
