import { describe, expect, it } from 'vitest';
import { streamOf } from '../../../src/internal/bytes.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { Fetcher } from '../../../src/oci/roles.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import { openTestClient } from '../../support/registry/client.ts';
import type { Fault } from '../../support/registry/fault.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';

const MIB = 1024 * 1024;
const bytes = incompressibleBytes('streamed', 34 * MIB);
const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size: bytes.length };
const content: Fetcher = { fetch: () => pieces(bytes) };
const LOST = { type: 'status', status: 404, body: { errors: [{ code: 'BLOB_UPLOAD_UNKNOWN' }] } } as const;

describe('a large blob', () => {
  it('goes as one stream, and is closed by a request without a body', async () => {
    await using registry = await startRegistry();
    await push(registry);
    expect(uploads(registry)).toEqual(['POST 202', 'PATCH 202', 'PUT 201']);
    expect(sent(registry)).toBe(bytes.length);
  });

  it('continues where the connection broke, and says which bytes it sends', async () => {
    await using registry = await startRegistry({
      faults: [{ on: 'PATCH upload', action: { type: 'drop-upload', afterBytes: 4 * MIB } }],
    });
    await push(registry);
    expect(uploads(registry).slice(1)).toEqual(['PATCH 0', 'GET 204', 'PATCH 202', 'PUT 201']);
    const rest = registry.log.entries.filter(({ method }) => method === 'PATCH')[1];
    expect(rest?.headers['content-range']).toBe(`${4 * MIB}-${bytes.length - 1}`);
    expect(sent(registry)).toBe(bytes.length);
  });

  it('gets through a line that breaks more often than a registry is tried in vain', async () => {
    const breaks = Array.from({ length: 7 }, (): Fault => {
      return { on: 'PATCH upload', action: { type: 'drop-upload', afterBytes: MIB / 2 } };
    });
    await using registry = await startRegistry({ faults: breaks });
    await push(registry);
    expect(registry.log.count('POST upload')).toBe(1);
    expect(sent(registry)).toBe(bytes.length);
  });

  it.each<[string, Fault]>([
    ['the registry knows nothing of it', { on: 'GET upload', action: LOST }],
    [
      'the rest does not fit',
      { on: 'PATCH upload', path: /_state=[1-9]/, action: { type: 'status', status: 416 } },
    ],
    ['nobody can say how far it came', { on: 'GET upload', action: { type: 'status', status: 405 } }],
  ])('starts afresh when it broke and %s', async (_what, fault) => {
    await using registry = await startRegistry({
      faults: [{ on: 'PATCH upload', action: { type: 'drop-upload', afterBytes: MIB } }, fault],
    });
    await push(registry);
    expect(await has(registry)).toBe(true);
  });

  it('starts afresh when it broke and the registry claims to have more than there is', async () => {
    const range = `0-${bytes.length}`;
    await using registry = await startRegistry({
      faults: [
        { on: 'PATCH upload', action: { type: 'drop-upload', afterBytes: MIB } },
        { on: 'GET upload', action: { type: 'status', status: 204, headers: { range } } },
      ],
    });
    await push(registry);
    expect(await has(registry)).toBe(true);
    expect(uploads(registry)).toEqual(['POST 202', 'PATCH 0', 'GET 204', 'POST 202', 'PATCH 202', 'PUT 201']);
  });

  it('is sent no second time when only the last answer was lost', async () => {
    await using registry = await startRegistry({
      faults: [{ on: 'PUT upload', action: { type: 'drop-answer' } }],
    });
    await push(registry);
    expect(sent(registry)).toBe(bytes.length);
    expect(registry.log.count('POST upload')).toBe(1);
  });

  it.each([400, 404, 405, 501])('goes in one request where PATCH is answered with %i', async (status) => {
    await using registry = await startRegistry({
      faults: [{ on: 'PATCH upload', times: 99, action: { type: 'status', status } }],
    });
    await using client = openTestClient();
    const repository = client.open(registry.host).repository('team/app');
    await repository.push(blob, content);
    const other = incompressibleBytes('other', 33 * MIB);
    const target = { ...blob, digest: digestOf(other), size: other.length };
    await repository.push(target, { fetch: () => streamOf(other) });
    expect(await repository.has(target)).toBe(true);
    // What was learned of the registry is kept.
    expect(registry.log.count('PATCH upload')).toBe(1);
  });

  it('goes in one request where streams break without a word', async () => {
    await using registry = await startRegistry({
      faults: [{ on: 'PATCH upload', times: 99, action: { type: 'drop-upload', afterBytes: 1 } }],
    });
    await push(registry);
    expect(registry.log.count('PATCH upload')).toBe(2);
    expect(await has(registry)).toBe(true);
  });

  it('gives up on a registry whose disk fills up in the middle, and says so in its words', async () => {
    const body = { errors: [{ code: 'UNKNOWN', message: 'no space left on device' }] };
    await using registry = await startRegistry({
      faults: [
        { on: 'PATCH upload', times: 99, action: { type: 'status', status: 500, body } },
        { on: 'PUT upload', times: 99, action: { type: 'status', status: 500, body } },
      ],
    });
    await expect(push(registry)).rejects.toMatchObject({
      code: 'ERR_REGISTRY_FAILED',
      message: expect.stringContaining('no space left on device'),
    });
  });

  it('gets a new token in the middle of its upload', async () => {
    const user = { username: 'operator', password: 'secret' };
    await using registry = await startRegistry({
      auth: { scheme: 'bearer', ...user },
      faults: [{ on: 'PUT upload', action: { type: 'expire-token' } }],
    });
    await using client = openTestClient({
      credentials: { [registry.host]: { type: 'password', ...user } },
    });
    await client.open(registry.host).repository('team/app').push(blob, content);
    expect(registry.log.count('GET token')).toBe(2);
    expect(sent(registry)).toBe(bytes.length);
  });

  it('is never stored when it is not what its descriptor says', async () => {
    await using registry = await startRegistry();
    await using client = openTestClient();
    const wrong = Buffer.from(bytes);
    wrong.writeUInt8(wrong.readUInt8(5 * MIB) ^ 1, 5 * MIB);
    const repository = client.open(registry.host).repository('team/app');
    await expect(repository.push(blob, { fetch: () => pieces(wrong) })).rejects.toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
    });
    expect(await repository.has(blob)).toBe(false);
  });
});

async function push(registry: InProcessRegistry): Promise<void> {
  await using client = openTestClient();
  await client.open(registry.host).repository('team/app').push(blob, content);
}

async function has(registry: InProcessRegistry): Promise<boolean> {
  await using client = openTestClient();
  return await client.open(registry.host).repository('team/app').has(blob);
}

function uploads({ log }: InProcessRegistry): readonly string[] {
  const entries = log.entries.filter(({ topic }) => topic === 'upload');
  return entries.map(({ method, status }) => `${method} ${status}`);
}

function sent({ log }: InProcessRegistry): number {
  const entries = log.entries.filter(({ topic }) => topic === 'upload');
  return entries.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
}

async function* pieces(whole: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < whole.length; at += MIB / 4) yield whole.subarray(at, at + MIB / 4);
}
