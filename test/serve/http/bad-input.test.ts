import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { openRaw, rawExchange } from '../../support/http/raw-exchange.ts';
import { type Serving, startServing } from '../../support/sites/serving.ts';
import { plannedImage } from '../../support/planned/items.ts';
import { waitUntil } from '../../support/wait-until.ts';

const large = plannedImage('docker.io/rancher/large:v1', { layers: 1, layerBytes: 24 * 1024 * 1024 });
const NAME = 'rancher/large';

let serving: Serving;
beforeAll(async () => {
  serving = await startServing({
    bundles: [[large]],
    limits: { connections: 40, request: 400, idle: 400 },
  });
});
afterAll(() => serving[Symbol.asyncDispose]());

/** Sends a path as it is: `fetch` would tidy it up first. */
async function ask(target: string, headers = ''): Promise<string> {
  return await rawExchange(
    serving.host,
    `GET ${target} HTTP/1.1\r\nHost: ${serving.host}\r\n${headers}Connection: close\r\n\r\n`,
  );
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

describe('a path that means nothing good', () => {
  it.each([
    ['with ..', '/v2/../../etc/passwd'],
    ['with .. in a name', `/v2/${NAME}/../large/manifests/v1`],
    ['with .. encoded', '/v2/%2e%2e/manifests/v1'],
    ['with .. under files', '/files/../files/x'],
    ['with an encoded slash', '/v2/rancher%2Flarge/manifests/v1'],
    ['with an encoded backslash', '/files/a%5Cb'],
    ['with an encoded control', '/files/a%00b'],
    ['with an encoded line feed', '/files/a%0d%0aSet-Cookie:%20x'],
    ['with nothing between two slashes', `/v2//${NAME}/manifests/v1`],
    ['with a percent sign that encodes nothing', '/files/%zz'],
    ['with bytes that are no text', '/files/%ff%fe'],
    ['with the name of a host', 'http://example.com/v2/'],
    ['with a name in capitals', '/v2/Rancher/large/manifests/v1'],
    ['with a tag that is too long', `/v2/${NAME}/manifests/${'t'.repeat(129)}`],
    ['with a tag that is none', `/v2/${NAME}/manifests/-v1`],
    ['with a digest in capitals', `/v2/${NAME}/blobs/sha256:${'A'.repeat(64)}`],
    ['with a digest that is too short', `/v2/${NAME}/blobs/sha256:abc`],
    ['with a digest of another kind', `/v2/${NAME}/manifests/md5:${'a'.repeat(32)}`],
    ['with a name that is too long', `/v2/${'a/'.repeat(200)}a/manifests/v1`],
  ])('%s is refused', async (_, target) => {
    const answer = await ask(target);
    expect(statusOf(answer)).toBe(400);
    expect(answer).toMatch(/"code":"(UNSUPPORTED|NAME_INVALID|TAG_INVALID|DIGEST_INVALID)"/);
  });

  it('is refused when it is too long for any name', async () => {
    expect(statusOf(await ask(`/files/${'a'.repeat(4000)}`))).toBe(414);
  });

  it('is nowhere when it is a property of every object', async () => {
    for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(statusOf(await ask(`/v2/${NAME}/${word}/x`))).toBe(404);
      expect(statusOf(await ask(`/files/${word}`))).toBe(404);
      expect(statusOf(await ask(`/v1-release/channels/${word}`))).toBe(404);
    }
  });
});

describe('a request that two programs could read in two ways', () => {
  const head = (): string => `POST /v2/ HTTP/1.1\r\nHost: ${serving.host}\r\n`;
  const hidden = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';

  it.each([
    ['a length and chunks', `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['two lengths', `Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`],
    ['a length that is none', `Content-Length: +0\r\n\r\n${hidden}`],
    ['chunks by another name', `Transfer-Encoding: xchunked\r\n\r\n${hidden}`],
    ['chunks with a space before the colon', `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['a folded header', `X-A: b\r\n Content-Length: 3\r\n\r\n${hidden}`],
    ['a header line that ends in LF alone', `X-A: b\nContent-Length: 0\r\n\r\n${hidden}`],
    ['a header with NUL', `X-A: b\0c\r\n\r\n${hidden}`],
  ])('with %s is refused, and what is hidden in it is no request', async (_, rest) => {
    const answer = await rawExchange(serving.host, `${head()}${rest}`);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect([400, 405]).toContain(statusOf(answer));
    expect(answer).not.toContain('ok\n');
  });

  it('without a host is refused', async () => {
    expect(statusOf(await rawExchange(serving.host, 'GET /v2/ HTTP/1.1\r\n\r\n'))).toBe(400);
  });

  it.each(['Host: x\r\nHost: y', 'Host: x\r\nhost: x', 'Host: x\r\nX-A: b\r\nHOST:'])(
    'that names its host twice is refused (%j)',
    async (hosts) => {
      const answer = await rawExchange(serving.host, `GET /v2/ HTTP/1.1\r\n${hosts}\r\n\r\n`);
      expect(statusOf(answer)).toBe(400);
    },
  );

  it('that is no HTTP at all is refused', async () => {
    expect(statusOf(await rawExchange(serving.host, '\x16\x03\x01\x02\x00\r\n\r\n'))).toBe(400);
  });

  it('that wants to send a body first is told no', async () => {
    const expecting = 'Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n';
    const answer = await rawExchange(serving.host, `${head()}${expecting}`);
    expect(statusOf(answer)).toBe(405);
  });

  it('with an invalid host gets links without one', async () => {
    const answer = await rawExchange(
      serving.host,
      'GET /v1-release/channels HTTP/1.1\r\nHost: a"b<c>\r\nConnection: close\r\n\r\n',
    );
    expect(statusOf(answer)).toBe(200);
    expect(answer).toContain('"links":{"self":"/v1-release/channels"}');
  });
});

describe('a flood', () => {
  it('of header bytes ends with 431', async () => {
    expect(statusOf(await ask('/v2/', `X-Flood: ${'a'.repeat(20_000)}\r\n`))).toBe(431);
  });

  it('of header lines ends with 431', async () => {
    expect(statusOf(await ask('/v2/', 'A: b\r\n'.repeat(5000)))).toBe(431);
  });

  it('of connections that say nothing is turned away, and gone after a while', async () => {
    const connections = await Promise.all(Array.from({ length: 60 }, () => openRaw(serving.host)));
    try {
      await Promise.all(connections.map((connection) => connection.rest()));
    } finally {
      for (const connection of connections) connection[Symbol.dispose]();
    }
    expect((await serving.get('/healthz')).status).toBe(200);
  });

  it('of heads that never end is gone after a while', async () => {
    const connections = await Promise.all(Array.from({ length: 30 }, () => openRaw(serving.host)));
    for (const connection of connections) connection.send('GET /v2/ HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const answers = await Promise.all(connections.map((connection) => connection.rest()));
    expect(new Set(answers.map(statusOf))).toEqual(new Set([408]));
  });
});

describe('a client that goes away in the middle', () => {
  it('leaves nothing behind', async () => {
    const blob = large.contents.find(({ bytes }) => bytes.length > 20_000_000)?.descriptor.digest ?? '';
    const before = serving.accesses.length;
    using connection = await openRaw(serving.host);
    connection.socket.pause();
    connection.send(`GET /v2/${NAME}/blobs/${blob} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await waitUntil(() => connection.socket.bytesWritten > 0);
    connection.socket.destroy();
    // What an earlier test asked for may end meanwhile.
    const own = (): typeof serving.accesses =>
      serving.accesses.slice(before).filter(({ target }) => target.includes(blob));
    await waitUntil(() => own().length > 0);
    expect(own()).toMatchObject([{ cut: true, status: 200 }]);
    const whole = await serving.get(`/v2/${NAME}/blobs/${blob}`);
    expect(digestOf(new Uint8Array(await whole.arrayBuffer()))).toBe(blob);
    expect(serving.events).toEqual([]);
  });
});
