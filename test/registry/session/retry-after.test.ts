import { describe, expect, it, onTestFinished } from 'vitest';
import { streamOf } from '../../../src/internal/bytes.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { Registry, Repository } from '../../../src/oci/roles.ts';
import { openTestClient, readContent } from '../../support/registry/client.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import type { RequestKind } from '../../support/registry/request-log.ts';
import { incompressibleBytes, sampleImage } from '../../support/samples/sample-image.ts';

const USER = { username: 'operator', password: 'S3CR3T' };
const image = sampleImage({ name: 'asked', layerBytes: 1000 });
const [layer = { descriptor: image.root, bytes: new Uint8Array() }] = image.blobs;

function blobOf(size: number): { target: typeof image.root; bytes: Uint8Array } {
  const bytes = incompressibleBytes(`blob of ${size}`, size);
  return { bytes, target: { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size } };
}

async function push(repository: Repository, size: number): Promise<void> {
  const { target, bytes } = blobOf(size);
  await repository.push(target, { fetch: () => streamOf(bytes) });
}

const WORK: readonly (readonly [
  RequestKind,
  (repository: Repository, registry: Registry) => Promise<unknown>,
])[] = [
  ['GET ping', (_, registry) => registry.ping()],
  ['GET token', (repository) => repository.resolve('v1')],
  ['HEAD manifest', (repository) => repository.resolve('v1')],
  ['GET manifest', (repository) => readContent(repository, image.root)],
  ['GET blob', (repository) => readContent(repository, layer.descriptor)],
  ['HEAD blob', (repository) => repository.has(layer.descriptor)],
  ['GET referrers', async (repository) => await repository.attachments?.(image.root.digest)],
  ['POST upload', (repository) => push(repository, 1000)],
  ['PUT upload', (repository) => push(repository, 1000)],
  ['PATCH upload', (repository) => push(repository, 60_000)],
  [
    'PUT manifest',
    async (repository) => {
      await repository.push(image.root, {
        fetch: () => streamOf(image.manifests[0]?.bytes ?? new Uint8Array()),
      });
    },
  ],
  ['DELETE manifest', async (repository) => await repository.remove?.(image.root.digest)],
];

async function setUp(): Promise<{ registry: Awaited<ReturnType<typeof startRegistry>>; opened: Registry }> {
  const registry = await startRegistry({ auth: { scheme: 'bearer', ...USER } });
  await registry.seed('team/app', image, 'v1');
  const credentials = { [registry.host]: { type: 'password', ...USER } as const };
  const client = openTestClient({ credentials, uploadChunk: 50_000 });
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  return { registry, opened: client.open(registry.host) };
}

/** A pause of one second, by the clock of the server. */
function inASecond(): Readonly<Record<string, string>> {
  return { date: 'Fri, 31 Dec 1999 23:59:58 GMT', 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' };
}

describe.each(WORK)('a pause that a registry asks for: %s', (on, work) => {
  it.each([429, 503])('is kept as often as it is asked for, and costs no try, by %i', async (status) => {
    const { registry, opened } = await setUp();
    const times = 6;
    registry.inject({ on, times, action: { type: 'status', status, headers: { 'retry-after': '0.01' } } });
    await work(opened.repository('team/app'), opened);
    expect(registry.log.entries.filter((entry) => entry.status === status)).toHaveLength(times);
    expect(registry.log.count(on)).toBeGreaterThan(times);
  });

  it('may be a date', async () => {
    const { registry, opened } = await setUp();
    registry.inject({ on, action: { type: 'status', status: 429, headers: inASecond() } });
    await work(opened.repository('team/app'), opened);
    expect(registry.log.count(on)).toBeGreaterThan(1);
  });
});

describe('a pause that is too long', () => {
  it.each([429, 503])('ends the work at once, with what was asked for: %i', async (status) => {
    const { registry, opened } = await setUp();
    const headers = { 'retry-after': '7200' };
    registry.inject({ on: 'GET blob', times: 9, action: { type: 'status', status, headers } });
    await expect(readContent(opened.repository('team/app'), layer.descriptor)).rejects.toMatchObject({
      message: expect.stringContaining('asks to wait 2 h'),
    });
    expect(registry.log.count('GET blob')).toBe(1);
  });
});
