import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openVolumeReader } from '../../src/archive/volumes/reader.ts';
import type { ByteReader } from '../../src/disk/byte-file.ts';
import { CHUNK, chunkMemory } from '../../src/disk/chunk.ts';
import { openFileReader } from '../../src/disk/reader.ts';
import { streamFile } from '../../src/disk/stream-file.ts';
import type { ByteStream } from '../../src/internal/bytes.ts';
import { Lease } from '../../src/internal/lease.ts';
import { incompressibleBytes } from '../support/samples/sample-image.ts';
import { temporaryFolder } from '../support/temporary.ts';

const BYTES = incompressibleBytes('chunks', 5 * CHUNK + 77);

type Open = (path: string, lease: Lease) => Promise<ByteStream & AsyncDisposable>;

const readings: readonly [string, Open][] = [
  ['a file', async (path, lease) => whole(await openFileReader(path), lease)],
  [
    'a file, by its path',
    async (path, lease) =>
      Object.assign(streamFile(path, { lease }), { [Symbol.asyncDispose]: async () => undefined }),
  ],
  [
    'volumes',
    async (path, lease) => {
      const cuts = [0, CHUNK / 2, 2 * CHUNK + 1, BYTES.length];
      const volumes = cuts.slice(1).map((end, number) => {
        const file = `${path}.${number}`;
        const slice = BYTES.subarray(cuts[number], end);
        writeFileSync(file, slice);
        return { file, size: slice.length };
      });
      return whole(openVolumeReader(volumes), lease);
    },
  ],
];

describe.each(readings)('memory that is lent to read %s', (_, open) => {
  it.each([1, 3])(
    'is used again once %i chunks of it were asked for since, and not before',
    async (chunks) => {
      using folder = temporaryFolder();
      const path = join(folder.path, 'file');
      writeFileSync(path, BYTES);
      const lease = new Lease({ chunks });
      await using stream = await open(path, lease);
      const parts: Buffer[] = [];
      const held: Uint8Array[] = [];
      const runs = new Set<ArrayBufferLike>();
      for await (const chunk of stream) {
        held.push(chunk);
        if (chunk.length > CHUNK / 4) runs.add(chunk.buffer);
        if (held.length === chunks) parts.push(Buffer.from(held.shift() ?? ''));
      }
      expect(Buffer.concat([...parts, ...held]).equals(BYTES)).toBe(true);
      expect(runs.size).toBeLessThanOrEqual(chunks + 1);
      lease.end();
    },
  );
});

it('is used for the next stream after the end of the lease, and not before', () => {
  const first = new Lease({ chunks: 1 });
  const lent = chunkMemory(first)()?.buffer;
  const second = new Lease({ chunks: 1 });
  expect(chunkMemory(second)()?.buffer).not.toBe(lent);
  first.end();
  expect(chunkMemory(second)()?.buffer).toBe(lent);
  second.end();
});

it('is kept for as many streams as there are large transfers at once, and no more', () => {
  const leases = Array.from({ length: 20 }, () => new Lease({ chunks: 1 }));
  const before = leases.map((lease) => chunkMemory(lease)()?.buffer);
  for (const lease of leases) lease.end();
  const after = leases.map((lease) => chunkMemory(lease)()?.buffer);
  expect(after.filter((buffer) => before.includes(buffer))).toHaveLength(8);
  for (const lease of leases) lease.end();
});

it('is none for a stream that is short', () => {
  expect(chunkMemory(new Lease(), { length: 4096 })()).toBeUndefined();
  expect(chunkMemory(undefined)()).toBeUndefined();
});

function whole(reader: ByteReader, lease: Lease): ByteStream & AsyncDisposable {
  const stream = reader.stream(0, reader.size, { lease });
  return {
    [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}
