import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { assert, asyncProperty, dictionary, stringMatching, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlacedEntry } from '../../../src/archive/archive.ts';
import { memoryReader } from '../../../src/archive/memory.ts';
import { layoutZip } from '../../../src/archive/zip/layout.ts';
import { packZip } from '../../../src/archive/zip/pack.ts';
import { openZip } from '../../../src/archive/zip/reader.ts';
import { type ByteStream, streamOf } from '../../../src/internal/bytes.ts';
import { SaddlebagError } from '../../../src/internal/error.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { packZipOf } from '../../support/samples/sample-zip.ts';

const FILES: ReadonlyMap<string, Uint8Array> = new Map([
  ['oci-layout', Buffer.from('{}')],
  ['blobs/sha256/a', Buffer.alloc(100_000, 'a')],
  ['blobs/sha256/empty', Buffer.alloc(0)],
]);
/** The digest of the zip of {@link FILES}: the same on every machine, in every time zone, with every Node. */
const KNOWN = 'sha256:bdcbac2fe7a81d135ccc70e6eaa23ddf8e7e21ccdbc567727291608a8d14a1e8';

const GIB = 1024 ** 3;

describe('a zip that is laid out', () => {
  it('has every content where the layout says, and is as long as it says', async () => {
    const name = stringMatching(/^f[a-z0-9]{0,19}$/);
    const files = dictionary(name, uint8Array({ maxLength: 3000 }), {
      maxKeys: 12,
      noNullPrototype: true,
    });
    await assert(
      asyncProperty(files, async (contents) => {
        const all = new Map(Object.entries(contents));
        const layout = layoutZip([...all].map(([path, { length }]) => ({ path, size: length })));
        const zip = await packZipOf(all);
        expect(zip).toHaveLength(layout.size);
        for (const { path, size, position } of layout.entries) {
          expect(zip.subarray(position, position + size).equals(all.get(path) ?? Buffer.alloc(0))).toBe(true);
        }
        const found: PlacedEntry[] = [];
        for await (const entry of openZip(memoryReader(zip)).entries()) found.push({ ...entry, position: 0 });
        expect(found.map(({ path, size }) => ({ path, size }))).toEqual(
          layout.entries.map(({ path, size }) => ({ path, size })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('is the same in every time zone, and the one it always was [B-ZIP-1]', async () => {
    expect(digestOf(await packZipOf(FILES))).toBe(KNOWN);
    const module = join(import.meta.dirname, '../../support/samples/sample-zip.ts');
    const program = `
      const { packZipOf } = await import(${JSON.stringify(module)});
      const files = new Map([['oci-layout', Buffer.from('{}')], ['blobs/sha256/a', Buffer.alloc(100_000, 'a')],
        ['blobs/sha256/empty', Buffer.alloc(0)]]);
      process.stdout.write((await packZipOf(files)).toString('base64'));`;
    for (const zone of ['Pacific/Apia', 'America/Los_Angeles', 'Asia/Kolkata']) {
      const base64 = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
        env: { ...process.env, TZ: zone, LC_ALL: 'tr_TR.UTF-8' },
        encoding: 'utf8',
        maxBuffer: 9_000_000,
      });
      expect(digestOf(Buffer.from(base64, 'base64'))).toBe(KNOWN);
    }
  });

  it('begins with its first file, and has neither comments nor extra fields [B-ZIP-1]', async () => {
    const zip = await packZipOf(FILES);
    expect(zip.subarray(30, 42).toString()).toBe('oci-layout{}');
    // Stored, checksum and sizes behind the content, 1980-01-01 00:00:00.
    expect(zip.subarray(4, 14).toString('hex')).toBe('14000800000000002100');
    expect(zip.readUInt16LE(28)).toBe(0);
    expect(zip.readUInt16LE(zip.length - 2)).toBe(0);
    const record = zip.indexOf(Buffer.from('504b0102', 'hex'));
    // Made on Unix by version 4.5 of the format, a plain file that everyone may read.
    expect(zip.readUInt16LE(record + 4)).toBe(0x032d);
    expect((zip.readUInt32LE(record + 38) >>> 16).toString(8)).toBe('100644');
  });

  it('counts a large file in large numbers', () => {
    const layout = layoutZip([
      { path: 'large', size: 5 * GIB },
      { path: 'last', size: 1 },
    ]);
    const behind = 30 + 5 + 5 * GIB + 24;
    expect(layout.entries.at(1)?.position).toBe(behind + 30 + 4);
    const directory = 46 + 5 + 28 + (46 + 4 + 28);
    expect(layout.size).toBe(behind + 30 + 4 + 1 + 16 + directory + 98);
  });

  it.each([
    ['one byte less than 4 GiB, which FAT32 takes', 4 * GIB - 1, 16, 0],
    ['4 GiB', 4 * GIB, 24, 28],
  ])('a file of %s has the room that it needs', (_, size, descriptor, extra) => {
    expect(layoutZip([{ path: 'x', size }]).size).toBe(31 + size + descriptor + 47 + extra + 98);
  });

  it('is a ZIP64 as soon as a short number would mean something else', () => {
    const files = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ path: `${10_000 + index}`, size: 0 }));
    const one = 30 + 5 + 16 + 46 + 5;
    expect(layoutZip(files(65_534)).size).toBe(65_534 * one + 22);
    expect(layoutZip(files(65_535)).size).toBe(65_535 * one + 98);
  });

  it('can be read as a ZIP64, and without any file', async () => {
    const entries = layoutZip([{ path: 'good', size: 7 }]).entries;
    const zip = await collect(
      packZip(entries, { open: () => streamOf(Buffer.from('content')), isZip64: true, size: 205 }),
    );
    const found: string[] = [];
    for await (const { path } of openZip(memoryReader(zip)).entries()) found.push(path);
    expect(found).toEqual(['good']);
    expect(await packZipOf(new Map())).toHaveLength(22);
  });
});

describe('packing a zip', () => {
  it('opens each content when its turn has come', async () => {
    const events: string[] = [];
    const layout = layoutZip([...FILES].map(([path, { length }]) => ({ path, size: length })));
    async function* content({ path }: PlacedEntry): ByteStream {
      events.push(`open ${path}`);
      yield FILES.get(path) ?? Buffer.alloc(0);
      events.push(`end ${path}`);
    }
    await collect(layout.pack(content));
    expect(events).toEqual([...FILES.keys()].flatMap((path) => [`open ${path}`, `end ${path}`]));
  });

  it('holds little in memory, however slow its reader is', async () => {
    const [chunk, count] = [Buffer.alloc(1024 * 1024), 64];
    let pulled = 0;
    async function* content(): ByteStream {
      for (let index = 0; index < count; index++) {
        pulled += 1;
        yield chunk;
      }
    }
    const pack = layoutZip([{ path: 'large', size: count * chunk.length }]).pack(content);
    let taken = 0;
    let furthest = 0;
    for await (const piece of pack) {
      taken += piece.length;
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      furthest = Math.max(furthest, pulled - taken / chunk.length);
    }
    expect(pulled).toBe(count);
    expect(furthest).toBeLessThan(10);
  });

  it('fails with what the content failed with', async () => {
    const failure = new SaddlebagError('ERR_HTTP_STATUS', 'Cannot fetch "x": 500');
    const layout = layoutZip([
      { path: 'a', size: 1 },
      { path: 'b', size: 2 },
    ]);
    async function* content({ path }: PlacedEntry): ByteStream {
      yield Buffer.from('x');
      if (path === 'b') throw failure;
    }
    const thrown: unknown = await collect(layout.pack(content)).catch((error: unknown) => error);
    expect(thrown).toBe(failure);
  });

  it('lets go of the content when it is no longer read', async () => {
    const ended = Promise.withResolvers<void>();
    async function* content(): ByteStream {
      try {
        for (;;) {
          yield Buffer.alloc(1024 * 1024);
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        ended.resolve();
      }
    }
    for await (const chunk of layoutZip([{ path: 'a', size: 1e9 }]).pack(content)) {
      if (chunk.length > 1000) break;
    }
    await expect(ended.promise).resolves.toBeUndefined();
  });

  it('that came to another size than was laid out is a bug of ours', async () => {
    const pack = layoutZip([{ path: 'a', size: 3 }]).pack(() => streamOf(Buffer.from('four')));
    await expect(collect(pack)).rejects.toMatchObject({
      code: 'ERR_INTERNAL_BUG',
      message: 'Cannot pack zip: it has 120 bytes, and 119 were laid out',
    });
  });
});

async function collect(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
