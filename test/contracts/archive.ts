import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Archive } from '../../src/archive/archive.ts';
import { collectBytes } from '../../src/internal/bytes.ts';
import { incompressibleBytes } from '../support/samples/sample-image.ts';

/** Files that every archive of the suite holds. Larger than a read, exactly a block, one byte, none. */
export const CONTRACT_FILES: ReadonlyMap<string, Uint8Array> = new Map([
  ['a.txt', Buffer.from('a')],
  ['blobs/sha256/large', incompressibleBytes('large', 2_500_001)],
  ['blobs/sha256/one-block', incompressibleBytes('block', 512)],
  ['empty', Buffer.alloc(0)],
  ['ünï/ço de.txt', Buffer.from('text')],
]);

/** What every archive promises, whatever it is made of. */
export function describeArchive(
  name: string,
  make: () => Promise<{ readonly archive: Archive; readonly dispose?: () => void }>,
): void {
  describe(`${name}, as an archive`, () => {
    let made: { readonly archive: Archive; readonly dispose?: () => void };
    beforeAll(async () => {
      made = await make();
    });
    afterAll(async () => {
      await made.archive[Symbol.asyncDispose]();
      made.dispose?.();
    });

    it('lists every file with its size, twice the same', async () => {
      const expected = [...CONTRACT_FILES].map(([path, { length }]) => ({ path, size: length }));
      expect(await listing(made.archive)).toEqual(expected);
      expect(await listing(made.archive)).toEqual(expected);
    });

    it('gives the bytes of every file', async () => {
      for (const [path, bytes] of CONTRACT_FILES) {
        expect({ path, order: Buffer.compare(await read(made.archive, path), bytes) }).toEqual({
          path,
          order: 0,
        });
      }
    });

    it('begins where it is asked to', async () => {
      const path = 'blobs/sha256/large';
      const bytes = CONTRACT_FILES.get(path) ?? Buffer.alloc(0);
      for (const offset of [0, 1, 511, 512, 1_048_576, bytes.length - 1, bytes.length]) {
        const found = await read(made.archive, path, offset);
        expect({ offset, order: Buffer.compare(found, bytes.subarray(offset)) }).toEqual({
          offset,
          order: 0,
        });
      }
    });

    it('gives nothing from behind the end', async () => {
      expect(await read(made.archive, 'a.txt', 1)).toHaveLength(0);
      expect(await read(made.archive, 'a.txt', 99)).toHaveLength(0);
    });

    it('reads several files at once', async () => {
      const paths = [...CONTRACT_FILES.keys(), ...CONTRACT_FILES.keys()];
      const found = await Promise.all(paths.map((path) => read(made.archive, path)));
      for (const [index, path] of paths.entries()) {
        expect(
          Buffer.compare(found[index] ?? Buffer.alloc(0), CONTRACT_FILES.get(path) ?? Buffer.alloc(0)),
        ).toBe(0);
      }
    });

    it.each(['missing', 'blobs', 'blobs/sha256', '../a.txt', '/a.txt', 'A.txt/x', ''])(
      'has no file %j',
      async (path) => {
        await expect(read(made.archive, path)).rejects.toMatchObject({ code: 'ERR_CONTENT_NOT_FOUND' });
      },
    );

    it('tells where a file is on disk, if it is on one', async () => {
      for (const [path, { length }] of CONTRACT_FILES) {
        const extents = await made.archive.extents?.(path);
        expect(extents?.reduce((sum, extent) => sum + extent.length, 0) ?? length).toBe(length);
      }
    });

    it('stops reading and listing when it is interrupted', async () => {
      const signal = AbortSignal.abort();
      await expect(read(made.archive, 'blobs/sha256/large', 0, signal)).rejects.toMatchObject({
        code: 'ERR_INTERRUPTED',
      });
      await expect(listing(made.archive, signal)).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    });

    it('may be left in the middle of a file', async () => {
      for await (const chunk of made.archive.stream('blobs/sha256/large')) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(await read(made.archive, 'a.txt')).toEqual(Buffer.from('a'));
    });
  });
}

async function listing(archive: Archive, signal?: AbortSignal): Promise<{ path: string; size: number }[]> {
  const found: { path: string; size: number }[] = [];
  for await (const { path, size } of archive.entries({ signal })) found.push({ path, size });
  return found;
}

async function read(archive: Archive, path: string, offset?: number, signal?: AbortSignal): Promise<Buffer> {
  const stream = archive.stream(path, { ...(offset === undefined ? {} : { offset }), signal });
  const bytes = await collectBytes(stream, { limit: 10_000_000, onExcess: () => new Error('too long') });
  return Buffer.from(bytes);
}
