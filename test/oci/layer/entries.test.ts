import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { collectBytes, streamOf } from '../../../src/internal/bytes.ts';
import { type LayerEntry, layerEntries } from '../../../src/oci/layer/entries.ts';
import { type RawEntry, rawEntry, rawTar } from '../../support/archives/raw-tar.ts';
import { thrownBy } from '../../support/thrown.ts';

const LIMITS = { bytes: 1_000_000, entries: 100 };
const LONG = `${'deep/'.repeat(40)}file`;

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size = 1000): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const entry of layerEntries(chunked(bytes, size), LIMITS)) lines.push(await lineOf(entry));
  return lines;
}

async function lineOf({ path, type, target, content }: LayerEntry): Promise<string> {
  const bytes = await collectBytes(content, { limit: 1e6, onExcess: () => new Error('too long') });
  return `${type} ${path}${target === '' ? '' : ` -> ${target}`} ${Buffer.from(bytes).toString()}`.trim();
}

const pax = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`;
  // The length counts itself.
  const length = [1, 2, 3, 4]
    .map((digits) => rest.length + digits)
    .find((total) => String(total).length + rest.length === total);
  return `${length}${rest}`;
};

describe('the entries of a layer', () => {
  const plain: readonly RawEntry[] = [
    { path: 'etc/', type: '5' },
    { path: './etc/one', bytes: 'first' },
    { path: 'etc/none', bytes: '' },
    { path: 'etc/link', type: '2', link: '../one' },
    { path: 'etc/hard', type: '1', link: 'etc/one' },
    { path: 'two', bytes: 'x'.repeat(2000) },
  ];
  const lines = [
    'folder etc',
    'file etc/one first',
    'file etc/none',
    'link etc/link -> ../one',
    'hard-link etc/hard -> etc/one',
    `file two ${'x'.repeat(2000)}`,
  ];

  it.each<readonly [string, (tar: Buffer) => Buffer]>([
    ['gzip', (tar) => gzipSync(tar)],
    ['zstd', (tar) => zstdCompressSync(tar)],
    ['nothing', (tar) => tar],
  ])('are those of its tar, packed with %s, in chunks of any size', async (_, pack) => {
    for (const size of [1, 511, 512, 513, 100_000])
      expect(await read(pack(rawTar(plain)), size)).toEqual(lines);
  });

  it.each<readonly [string, readonly RawEntry[], string]>([
    [
      'PAX',
      [
        { path: 'x', type: 'x', bytes: pax('path', LONG) },
        { path: 'cut', bytes: 'long' },
      ],
      `file ${LONG} long`,
    ],
    [
      'PAX, with a size',
      [
        { path: 'x', type: 'x', bytes: pax('size', '4') },
        { path: 'sized', size: 0, bytes: 'long' },
      ],
      'file sized long',
    ],
    [
      'GNU',
      [
        { path: '././@LongLink', type: 'L', bytes: `${LONG}\0` },
        { path: 'cut', bytes: 'long' },
      ],
      `file ${LONG} long`,
    ],
    ['ustar, in two parts', [{ path: 'file', prefix: 'a/b', bytes: 'long' }], 'file a/b/file long'],
    [
      'a link of GNU',
      [
        { path: '././@LongLink', type: 'K', bytes: `${LONG}\0` },
        { path: 'l', type: '2', link: 'cut' },
      ],
      `link l -> ${LONG}`,
    ],
  ])('have long names: %s', async (_, entries, line) => {
    expect(await read(rawTar(entries))).toEqual([line]);
  });

  it('may be left unread, in whole or in part', async () => {
    const paths: string[] = [];
    for await (const entry of layerEntries(chunked(rawTar(plain), 700), LIMITS)) {
      paths.push(entry.path);
      if (entry.path === 'two') for await (const chunk of entry.content) if (chunk.length > 0) break;
    }
    expect(paths).toEqual(['etc', 'etc/one', 'etc/none', 'etc/link', 'etc/hard', 'two']);
  });

  it.each<readonly [string, Buffer, string]>([
    ['cut in a file', rawTar(plain).subarray(0, 5000), 'it ends in the middle of an entry'],
    ['cut in a header', rawTar(plain).subarray(0, 700), 'it ends in the middle of an entry'],
    ['of a wrong sum', rawEntry({ path: 'a', checksum: '0000000\0' }), 'a header of it has a wrong checksum'],
    ['text', Buffer.from('no layer '.repeat(100)), 'a header of it has a wrong checksum'],
    ['larger than allowed', gzipSync(Buffer.alloc(2_000_000)), 'unpacked it has more than 1000000 bytes'],
    [
      'of more entries than allowed',
      rawTar(Array.from({ length: 101 }, () => ({ path: 'a' }))),
      'it has more than 100 entries',
    ],
    ['cut in its packing', gzipSync(rawTar(plain)).subarray(0, -30), 'it cannot be unpacked'],
    ['damaged in its packing', gzipSync(rawTar(plain)).fill(0xff, 40, 60), 'it cannot be unpacked'],
    [
      'of a broken extension',
      rawTar([{ path: 'x', type: 'x', bytes: '99 path=a\n' }]),
      'an extended header of it is broken',
    ],
  ])('are refused when it is %s', async (_, bytes, fact) => {
    expect(await thrownBy(read(bytes))).toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
      message: `Cannot read layer: ${fact}`,
    });
  });

  it('pass on what the source says of its bytes', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield* streamOf(gzipSync(rawTar(plain)).subarray(0, 40));
      throw new Error('the line is cut');
    };
    await expect(Array.fromAsync(layerEntries(failing(), LIMITS))).rejects.toThrow('the line is cut');
  });
});
