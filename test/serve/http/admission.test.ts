import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRaw, type RawConnection } from '../../support/http/raw-exchange.ts';
import { type Serving, startServing } from '../../support/sites/serving.ts';
import { waitUntil } from '../../support/wait-until.ts';

const CONNECTIONS = 12;
const ASK = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

let serving: Serving;
beforeAll(async () => {
  // Nobody is let go for being silent while this lasts.
  serving = await startServing({ limits: { connections: CONNECTIONS, request: 60_000, idle: 60_000 } });
});
afterAll(() => serving[Symbol.asyncDispose]());

async function openMany(count: number, from: string): Promise<readonly RawConnection[]> {
  return await Promise.all(Array.from({ length: count }, () => openRaw(serving.host, { from })));
}

function close(connections: readonly RawConnection[]): void {
  for (const connection of connections) connection[Symbol.dispose]();
}

async function answerFrom(address: string): Promise<string> {
  using connection = await openRaw(serving.host, { from: address });
  connection.send(ASK);
  return await connection.rest();
}

describe('a client that holds all connections', () => {
  it.each([
    ['says nothing', ''],
    ['never ends its heads', 'GET /v2/ HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['keeps them alive', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('and %s shuts nobody else out', async (_, text) => {
    const held = await openMany(CONNECTIONS, '127.0.0.2');
    for (const connection of held) connection.send(text);
    try {
      for (const address of ['127.0.0.3', '127.0.0.4', '127.0.0.1'])
        expect(await answerFrom(address)).toMatch(/^HTTP\/1\.1 200/);
      expect(held.filter(({ socket }) => !socket.closed).length).toBeGreaterThan(0);
    } finally {
      close(held);
    }
  });

  it('gets no more, and takes none of the others', async () => {
    const others = await openMany(3, '127.0.0.3');
    const held = await openMany(CONNECTIONS * 3, '127.0.0.2');
    try {
      await waitUntil(() => held.filter(({ socket }) => socket.closed).length === CONNECTIONS * 3 - 9);
      for (const connection of others) connection.send(ASK);
      for (const answer of await Promise.all(others.map((connection) => connection.rest())))
        expect(answer).toMatch(/^HTTP\/1\.1 200/);
    } finally {
      close([...held, ...others]);
    }
  });
});
