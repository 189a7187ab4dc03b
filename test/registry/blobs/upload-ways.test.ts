import { describe, expect, it, onTestFinished } from 'vitest';
import type { ByteStream } from '../../../src/internal/bytes.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { Fetcher, FetchOptions, Repository } from '../../../src/oci/roles.ts';
import { openTestClient } from '../../support/registry/client.ts';
import type { Exchange } from '../../support/registry/exchange.ts';
import type { Fault, FaultAction } from '../../support/registry/fault.ts';
import {
  type InProcessRegistry,
  type InProcessRegistryOptions,
  startRegistry,
} from '../../support/registry/registry.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { thrownBy } from '../../support/thrown.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const small = blobOf('small', 300 * KIB);
const large = blobOf('large', 3 * MIB + 5);

const refuses = (status: number, codes: readonly string[] = []): FaultAction => ({
  type: 'status',
  status,
  body: { errors: codes.map((code) => ({ code })) },
});
const always = (on: Fault['on'], action: FaultAction, path?: RegExp): Fault => ({
  on,
  ...(path === undefined ? {} : { path }),
  times: 999,
  action,
});

describe('a registry that does not take a blob in one request', () => {
  it.each<[number, readonly string[]]>([
    [400, []],
    [404, ['BLOB_UNKNOWN']],
    [404, []],
    [405, ['UNSUPPORTED']],
    [411, []],
    [415, []],
    [501, []],
  ])('gets it by PATCH, and the next one at once: %i %j', async (status, codes) => {
    const { registry, repository } = await setUp({
      // A `PUT` that closes a stream has no body.
      intercept: refusing((exchange) => isPut(exchange) && lengthOf(exchange) > 0, status, codes),
    });
    await repository.push(small.target, small);
    expect(uploads(registry)).toEqual(['POST 202', `PUT ${status}`, 'POST 202', 'PATCH 202', 'PUT 201']);
    registry.log.clear();
    const next = blobOf('next', 1000);
    await repository.push(next.target, next);
    expect(uploads(registry)).toEqual(['POST 202', 'PATCH 202', 'PUT 201']);
    expect(await repository.has(small.target)).toBe(true);
  });

  it.each([400, 404, 405, 411, 415, 501])(
    'nor in any other is told in its first words: %i',
    async (status) => {
      const { registry, repository } = await setUp({
        faults: [
          always('PUT upload', refuses(status, ['FIRST'])),
          always('PATCH upload', refuses(status, ['SECOND'])),
        ],
      });
      expect(await thrownBy(repository.push(small.target, small))).toMatchObject({
        status,
        message: expect.stringContaining('FIRST'),
      });
      expect(registry.log.count('PUT upload')).toBe(1);
      expect(registry.log.count('PATCH upload')).toBe(1);
      // Another blob is another question.
      await thrownBy(repository.push(large.target, large));
      expect(registry.log.count('PUT upload')).toBe(2);
    },
  );
});

describe('a request that is too large for what stands before a registry', () => {
  it.each<[string, (exchange: Exchange) => void]>([
    ['and reads it to its end', (exchange) => void exchange.response.writeHead(413).end()],
    [
      'with a web page',
      (exchange) =>
        void exchange.response.writeHead(413, { 'content-type': 'text/html' }).end('<html>413</html>'),
    ],
    ['and hangs up at once', ({ request }) => hangUp(request)],
    ['to whoever does not go on sending', onlyToTheSilent],
  ])('is sent in chunks when it answers 413 %s', async (_how, refuse) => {
    const { registry, repository } = await setUp({ intercept: limited(MIB, refuse) });
    await repository.push(large.target, large);
    expect(await repository.has(large.target)).toBe(true);
    const accepted = entries(registry).filter(({ method, status }) => method === 'PATCH' && status === 202);
    expect(accepted.map(({ headers }) => headers['content-range'])).toEqual([
      `0-${MIB - 1}`,
      `${MIB}-${2 * MIB - 1}`,
      `${2 * MIB}-${3 * MIB - 1}`,
      `${3 * MIB}-${3 * MIB + 4}`,
    ]);
    // What was found out counts for the next one.
    registry.log.clear();
    const next = blobOf('next large', 2 * MIB);
    await repository.push(next.target, next);
    expect(uploads(registry)).toEqual(['POST 202', 'PATCH 202', 'PATCH 202', 'PUT 201']);
  });

  it.each<[string, (exchange: Exchange) => void]>([
    ['politely', (exchange) => void exchange.response.writeHead(413).end()],
    ['hanging up', ({ request }) => hangUp(request)],
    ['to whoever does not go on sending', onlyToTheSilent],
  ])(
    'is named with its remedy, and not sent again and again, where nothing helps: %s',
    async (_how, refuse) => {
      const { registry, repository } = await setUp({ intercept: limited(KIB, refuse) });
      for (const { target, ...content } of [small, large]) {
        registry.log.clear();
        expect(await thrownBy(repository.push(target, content))).toMatchObject({
          code: 'ERR_REGISTRY_FAILED',
          status: 413,
          message: expect.stringContaining('too large'),
          hint: expect.stringMatching(/client_max_body_size.*proxy-body-size.*--upload-chunk/),
        });
        expect(entries(registry).filter(({ method }) => method !== 'POST').length).toBeLessThanOrEqual(8);
      }
    },
  );

  it.each<[string, (exchange: Exchange) => void]>([
    ['politely', (exchange) => void exchange.response.writeHead(413).end()],
    [
      'with a web page',
      (exchange) =>
        void exchange.response.writeHead(413, { 'content-type': 'text/html' }).end('<html>413</html>'),
    ],
    ['hanging up', ({ request }) => hangUp(request)],
    ['to whoever does not go on sending', onlyToTheSilent],
  ])('is told as such when it is a manifest, which cannot be cut: %s', async (_how, refuse) => {
    const refused = limited(0, refuse);
    const { registry, repository } = await setUp({
      intercept: async (exchange) => exchange.entry.topic === 'manifest' && (await refused(exchange)),
    });
    expect(await thrownBy(repository.push(manifest.target, manifest))).toMatchObject({
      code: 'ERR_REGISTRY_FAILED',
      status: 413,
      message: expect.stringMatching(/push manifest .*too large/),
      hint: expect.stringContaining('client_max_body_size'),
    });
    expect(registry.log.count('PUT manifest')).toBeLessThanOrEqual(3);
  });

  it('is reported as such when the registry behind it takes no chunks', async () => {
    const { repository } = await setUp({
      intercept: limited(MIB, (exchange) => void exchange.response.writeHead(413).end()),
      faults: [always('PATCH upload', refuses(405))],
    });
    expect(await thrownBy(repository.push(large.target, large))).toMatchObject({ status: 413 });
  });
});

describe('chunks of a chosen size', () => {
  it.each<[string, InProcessRegistryOptions, number, readonly number[]]>([
    ['of that size', {}, MIB, [MIB, MIB, MIB, 5]],
    ['that need not divide it', {}, 2_000_000, [2_000_000, 3 * MIB + 5 - 2_000_000]],
    ['in one request when it is no larger', {}, 4 * MIB, []],
    ['not smaller than the registry wants', { leastChunk: 2 * MIB }, 100 * KIB, [2 * MIB, MIB + 5]],
    ['to absolute locations', { locations: 'absolute' }, 2 * MIB, [2 * MIB, MIB + 5]],
  ])('carry a blob %s', async (_how, options, uploadChunk, sizes) => {
    const { registry, repository } = await setUp(options, uploadChunk);
    await repository.push(large.target, large);
    expect(await repository.has(large.target)).toBe(true);
    const patches = entries(registry).filter(({ method }) => method === 'PATCH');
    expect(patches.map(({ bytesReceived }) => bytesReceived)).toEqual(sizes);
    const starts = sizes.map((_size, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
    expect(patches.map(({ headers }) => headers['content-range'])).toEqual(
      starts.map((start, index) => `${start}-${start + (sizes[index] ?? 0) - 1}`),
    );
    expect(uploads(registry).at(-1)).toBe('PUT 201');
  });

  it.each<[string, Fault]>([
    [
      'the connection breaks',
      { on: 'PATCH upload', skip: 1, action: { type: 'drop-upload', afterBytes: 1000 } },
    ],
    ['the answer is lost', { on: 'PATCH upload', skip: 1, action: { type: 'drop-answer' } }],
    ['the registry is in trouble', { on: 'PATCH upload', skip: 1, action: { type: 'status', status: 503 } }],
    ['a range does not fit', { on: 'PATCH upload', skip: 1, action: refuses(416, ['RANGE_INVALID']) }],
    ['the last answer is lost', { on: 'PUT upload', action: { type: 'drop-answer' } }],
  ])('go on where they were when %s', async (_what, fault) => {
    const { registry, repository } = await setUp({ faults: [fault] }, MIB);
    await repository.push(large.target, large);
    expect(await repository.has(large.target)).toBe(true);
    expect(registry.log.count('POST upload')).toBe(1);
    const received = entries(registry).reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
    expect(received).toBeLessThanOrEqual(large.target.size + 1000);
  });

  it('go on from what the registry says that it kept', async () => {
    const { registry, repository } = await setUp({}, MIB);
    // Claims of more than was sent are no better than none.
    registry.inject({
      on: 'GET upload',
      times: 9,
      action: { type: 'status', status: 204, headers: { range: `0-${99 * MIB}` } },
    });
    registry.inject({ on: 'PATCH upload', skip: 1, action: { type: 'drop-upload', afterBytes: 1000 } });
    await repository.push(large.target, large);
    expect(await repository.has(large.target)).toBe(true);
    expect(registry.log.count('POST upload')).toBe(2);
  });

  it('are never stored when they are not what the descriptor says', async () => {
    const { repository } = await setUp({}, MIB);
    const wrong: Fetcher = { fetch: (_target, options) => large.fetch({ ...large.target }, options, true) };
    expect(await thrownBy(repository.push(large.target, wrong))).toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
    });
    expect(await repository.has(large.target)).toBe(false);
  });

  it('are named as the reason where a registry takes none', async () => {
    const { repository } = await setUp({ faults: [always('PATCH upload', refuses(405))] }, MIB);
    expect(await thrownBy(repository.push(large.target, large))).toMatchObject({
      status: 405,
      hint: expect.stringContaining('--upload-chunk'),
    });
  });
});

describe('a host that names a time', () => {
  it.each<Fault['on']>(['POST upload', 'PUT upload', 'PATCH upload', 'PUT manifest'])(
    'is waited for as often as it asks, and no try is lost: %s',
    async (on) => {
      const action: FaultAction = { type: 'status', status: 429, headers: { 'retry-after': '0.01' } };
      const { registry, repository } = await setUp({ faults: [{ on, times: 9, action }] }, MIB);
      await repository.push(small.target, small);
      await repository.push(large.target, large);
      await repository.push(manifest.target, manifest);
      expect(await repository.has(manifest.target)).toBe(true);
      expect(entries(registry, on.split(' ')[1]).filter(({ status }) => status === 429)).toHaveLength(9);
    },
  );
});

interface Sample extends Fetcher {
  readonly target: {
    readonly mediaType: string;
    readonly digest: ReturnType<typeof digestOf>;
    readonly size: number;
  };
  fetch(target: unknown, options?: FetchOptions, isWrong?: boolean): ByteStream;
}

const manifest = sampleOf(
  Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: small.target,
      layers: [large.target],
    }),
  ),
  MEDIA_TYPE.ociManifest,
);

function blobOf(seed: string, size: number): Sample {
  return sampleOf(incompressibleBytes(seed, size), MEDIA_TYPE.octetStream);
}

function sampleOf(bytes: Uint8Array, mediaType: string): Sample {
  return {
    target: { mediaType, digest: digestOf(bytes), size: bytes.length },
    async *fetch(_target, { offset = 0 } = {}, isWrong = false) {
      const content = isWrong ? Buffer.concat([bytes.subarray(0, -1), Buffer.from([1])]) : bytes;
      for (let at = offset; at < content.length; at += 64 * KIB) yield content.subarray(at, at + 64 * KIB);
    },
  };
}

async function setUp(
  options: InProcessRegistryOptions,
  uploadChunk?: number,
): Promise<{ readonly registry: InProcessRegistry; readonly repository: Repository }> {
  const registry = await startRegistry(options);
  const client = openTestClient(uploadChunk === undefined ? {} : { uploadChunk });
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  return { registry, repository: client.open(registry.host).repository('team/app') };
}

function entries({ log }: InProcessRegistry, topic = 'upload'): InProcessRegistry['log']['entries'] {
  return log.entries.filter((entry) => entry.topic === topic);
}

function uploads(registry: InProcessRegistry): readonly string[] {
  return entries(registry).map(({ method, status }) => `${method} ${status}`);
}

function isPut({ request, entry }: Exchange): boolean {
  return request.method === 'PUT' && entry.topic === 'upload';
}

function lengthOf({ request }: Exchange): number {
  return Number(request.headers['content-length'] ?? 0);
}

function refusing(
  isRefused: (exchange: Exchange) => boolean,
  status: number,
  codes: readonly string[],
): (exchange: Exchange) => Promise<boolean> {
  return async (exchange) => {
    if (!isRefused(exchange)) return false;
    exchange.entry.status = status;
    exchange.request.resume();
    const body = JSON.stringify({ errors: codes.map((code) => ({ code })) });
    exchange.response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    return true;
  };
}

/** Stands before a registry as a proxy does that takes no larger requests, which it knows by their heads. */
function limited(
  limit: number,
  refuse: (exchange: Exchange) => void,
): (exchange: Exchange) => Promise<boolean> {
  return async (exchange) => {
    if (lengthOf(exchange) <= limit) return false;
    exchange.entry.status = 413;
    refuse(exchange);
    return true;
  };
}

/** Says 413 and is gone, with what is still being sent unread: the client's next bytes are answered with a reset. */
function hangUp({ socket }: Exchange['request']): void {
  socket.pause();
  socket.write(
    'HTTP/1.1 413 Request Entity Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
    () => {
      socket.resetAndDestroy();
    },
  );
}

/** The answer is lost to a client that is still sending when it comes, as it is to most programs. */
function onlyToTheSilent({ request, response }: Exchange): void {
  request.once('data', (chunk: Uint8Array) => {
    if (chunk.length > 1) request.socket.destroy();
    else response.writeHead(413, { connection: 'close' }).end();
  });
}
