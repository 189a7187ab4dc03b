import { describe, expect, it } from 'vitest';
import type { ArchiveEntry, ArchiveProblem } from '../../../src/archive/archive.ts';
import { memoryReader } from '../../../src/archive/memory.ts';
import type { ByteReader } from '../../../src/disk/byte-file.ts';
import { PlacedEntries } from '../../../src/archive/listing.ts';
import { openTar } from '../../../src/archive/tar/reader.ts';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { SaddlebagError, systemCode } from '../../../src/internal/error.ts';
import { badReader } from '../../support/archives/bad-reader.ts';
import { type RawEntry, rawEntry, rawHeader, rawTar, ZERO_BLOCK } from '../../support/archives/raw-tar.ts';

async function list(tar: Uint8Array): Promise<ArchiveEntry[]> {
  const found: ArchiveEntry[] = [];
  for await (const { path, size } of openTar(memoryReader(tar), { name: 'lab.tar' }).entries())
    found.push({ path, size });
  return found;
}

async function problemsOf(tar: Uint8Array): Promise<{ found: string[]; problems: ArchiveProblem[] }> {
  const found: string[] = [];
  const problems: ArchiveProblem[] = [];
  const options = { onProblem: (problem: ArchiveProblem) => problems.push(problem) };
  for await (const { path } of openTar(memoryReader(tar)).entries(options)) found.push(path);
  return { found, problems };
}

const GOOD: RawEntry = { path: 'good', bytes: 'content' };

describe('a tar with an entry that could reach outside', () => {
  const hostile: readonly [RawEntry, string][] = [
    [{ path: '../evil', bytes: 'x' }, '".."'],
    [{ path: 'a/../../evil' }, '".."'],
    [{ path: './../evil' }, '".."'],
    [{ path: '/etc/passwd' }, 'absolute'],
    [{ path: './/etc/passwd' }, 'absolute'],
    [{ path: '././a' }, '"."'],
    [{ path: 'C:\\evil' }, 'character'],
    [{ path: 'evil', prefix: '..' }, '".."'],
    [{ path: 'evil', prefix: '/etc' }, 'absolute'],
    [{ path: 'a/' }, 'a name is empty'],
    [{ path: '' }, 'empty'],
    [{ path: 'CON' }, 'device'],
    [{ path: 'link', type: '1', link: '/etc/passwd' }, 'hard link'],
    [{ path: 'link', type: '2', link: '/etc/passwd' }, 'symbolic link'],
    [{ path: 'tty', type: '3' }, 'character device'],
    [{ path: 'sda', type: '4' }, 'block device'],
    [{ path: 'pipe', type: '6' }, 'named pipe'],
    [{ path: 'x', type: '7', bytes: 'x' }, 'contiguous'],
    [{ path: 'PaxHeaders/x', type: 'x', bytes: '20 path=../../evil\n' }, 'PAX extended header'],
    [{ path: 'pax_global_header', type: 'g', bytes: '20 path=../../evil\n' }, 'PAX global header'],
    [{ path: '././@LongLink', type: 'L', bytes: '../../evil\0', magic: 'ustar  \0' }, 'GNU long name'],
    [{ path: '././@LongLink', type: 'K', bytes: '/etc\0', magic: 'ustar  \0' }, 'GNU long link'],
    [{ path: 'hole', type: 'S', magic: 'ustar  \0' }, 'sparse'],
    [{ path: 'rest', type: 'M', magic: 'ustar  \0' }, 'tape'],
    [{ path: 'label', type: 'V', magic: 'ustar  \0' }, 'label'],
    [{ path: 'what', type: 'Z' }, 'unknown type'],
    [{ path: 'folder', type: '5', bytes: 'x' }, 'folder with content'],
  ];

  it.each(hostile)('refuses %j: %s', async (entry, fact) => {
    const tar = rawTar([GOOD, entry, { path: 'behind', bytes: 'x' }]);
    await expect(list(tar)).rejects.toThrow(fact);
    await expect(list(tar)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_INVALID' });
  });

  it('names every one of them when asked for all, and lists the rest', async () => {
    const { found, problems } = await problemsOf(
      rawTar([GOOD, ...hostile.map(([entry]) => entry), { path: 'behind' }]),
    );
    expect(found).toEqual(['good', 'behind']);
    expect(problems).toHaveLength(hostile.length);
    for (const [index, [, fact]] of hostile.entries()) expect(problems[index]?.error.message).toContain(fact);
  });

  it('never gives the content of an entry it refuses', async () => {
    const tar = openTar(memoryReader(rawTar([{ path: '../evil', bytes: 'x' }])));
    const stream = tar.stream('../evil');
    await expect(collectBytes(stream, { limit: 9, onExcess: () => new Error('x') })).rejects.toThrow(
      SaddlebagError,
    );
  });
});

describe('a tar with members that contradict each other', () => {
  it.each([
    [['a', 'a'], 'appears twice'],
    [['./a', 'a'], 'appears twice'],
    [['a', 'A'], 'treat the two as one'],
    [['a', 'a/b'], 'a file and a folder'],
  ])('refuses %j', async (paths, fact) => {
    await expect(list(rawTar(paths.map((path) => ({ path, bytes: path }))))).rejects.toThrow(fact);
  });
});

describe('a header', () => {
  const header = (entry: Partial<RawEntry>): Buffer => rawTar([{ ...GOOD, ...entry }]);
  const field = (text: string): Buffer => Buffer.from(text, 'latin1');

  it.each([
    ['a negative size in base-256', { size: Buffer.alloc(12, 0xff) }, 'size is not a whole number'],
    [
      'a size beyond all numbers',
      { size: Buffer.concat([field('\x80'), Buffer.alloc(11, 0xff)]) },
      'not a whole number',
    ],
    ['a size with a sign', { size: field('-0000000007\0') }, 'not a whole number'],
    ['a size in hexadecimal', { size: field('0x000000007\0') }, 'not a whole number'],
    ['a size of digits that are not octal', { size: field('00000000089\0') }, 'not a whole number'],
    ['a size of two numbers', { size: field('0000007 007\0') }, 'not a whole number'],
    ['no size', { size: Buffer.alloc(12) }, 'not a whole number'],
    ['a wrong checksum', { checksum: '0000000\0' }, 'checksum is wrong'],
    ['no checksum', { checksum: '\0\0\0\0\0\0\0\0' }, 'checksum is wrong'],
    ['no magic', { magic: '\0\0\0\0\0\0\0\0' }, 'not of the ustar format'],
    ['another version', { magic: 'ustar\x0001' }, 'not of the ustar format'],
    ['GNU extensions', { magic: 'ustar  \0', prefix: 'x' }, 'GNU extensions'],
    ['text behind the end of its path', { path: 'a\0b' }, 'not clean text'],
    ['a prefix that is not UTF-8', { prefix: Buffer.from([0xff]) }, 'not clean text'],
  ])('with %s is refused', async (_, entry, fact) => {
    await expect(list(header(entry))).rejects.toThrow(fact);
  });

  it('may have its size in base-256, with spaces around, and a prefix [B-TAR-7]', async () => {
    const size = Buffer.alloc(12);
    size[0] = 0x80;
    size[11] = 7;
    expect(await list(header({ size }))).toEqual([{ path: 'good', size: 7 }]);
    expect(await list(header({ size: field('         7 \0') }))).toEqual([{ path: 'good', size: 7 }]);
    expect(await list(header({ prefix: 'folder' }))).toEqual([{ path: 'folder/good', size: 7 }]);
  });

  it('reads a size of more than 8 GiB, and finds that the file ends before', async () => {
    const size = Buffer.alloc(12);
    size[0] = 0x80;
    size[6] = 0x40;
    await expect(list(header({ size }))).rejects.toThrow(
      'Cannot read archive "lab.tar": it is cut short: entry "good" has 70368744177664 bytes, and the last',
    );
  });

  it('that claims less than there is leads nowhere', async () => {
    const liar = Buffer.concat([
      rawHeader({ path: 'liar', size: 1 }),
      Buffer.alloc(1024, 'x'),
      ZERO_BLOCK,
      ZERO_BLOCK,
    ]);
    await expect(list(liar)).rejects.toThrow('the bytes after entry "liar" belong to nothing');
    const blocks = Buffer.concat([
      rawHeader({ path: 'liar', size: 512 }),
      Buffer.alloc(1024, 'x'),
      ZERO_BLOCK,
      ZERO_BLOCK,
    ]);
    await expect(list(blocks)).rejects.toThrow('checksum is wrong');
  });

  it('that claims more than there is hides no entry', async () => {
    const tar = Buffer.concat([rawHeader({ path: 'liar', size: 513 }), Buffer.alloc(512), rawTar([GOOD])]);
    await expect(list(tar)).rejects.toThrow('belong to nothing');
  });
});

describe('a folder in a tar', () => {
  it('is passed over', async () => {
    const tar = rawTar([
      { path: './', type: '5' },
      { path: './a/', type: '5' },
      { path: './a/b', bytes: 'x' },
    ]);
    expect(await list(tar)).toEqual([{ path: 'a/b', size: 1 }]);
  });
});

describe('a tar that was cut', () => {
  const whole = rawTar([GOOD, { path: 'second', bytes: 'x'.repeat(600) }]);

  it('is noticed wherever the cut is', async () => {
    const codes = new Set<unknown>();
    for (let length = 0; length < whole.length; length++) {
      codes.add(await list(whole.subarray(0, length)).then(() => length, systemCode));
    }
    expect([...codes]).toEqual(['ERR_ARCHIVE_INVALID']);
  });

  it.each([
    [0, 'it ends at byte 0, without its end mark'],
    [100, 'it ends at byte 100, without its end mark'],
    [512, 'entry "good" has 7 bytes, and the last 7 of them are missing'],
    [515, 'entry "good" has 7 bytes, and the last 4 of them are missing'],
    [600, 'it ends in the padding of entry "good"'],
    [1024, 'it ends at byte 1024, without its end mark'],
    [1536, 'entry "second" has 600 bytes, and the last 600 of them are missing'],
    [1537, 'entry "second" has 600 bytes, and the last 599 of them are missing'],
    [2560, 'it ends at byte 2560, without its end mark'],
    [3072, '512 of the 1024 bytes of its end mark are missing'],
    [3583, '1 of the 1024 bytes of its end mark are missing'],
  ])('at byte %i says so', async (length, fact) => {
    await expect(list(whole.subarray(0, length))).rejects.toThrow(fact);
  });

  it('still gives the entries before the cut', async () => {
    const { found, problems } = await problemsOf(whole.subarray(0, 2000));
    expect(found).toEqual(['good']);
    expect(problems.map(({ path }) => path)).toEqual(['second']);
  });
});

describe('behind the end of a tar', () => {
  it('there may be the filling of a tape record', async () => {
    expect(await list(Buffer.concat([rawTar([GOOD]), Buffer.alloc(10_240)]))).toHaveLength(1);
  });

  it.each([
    ['text', Buffer.from('garbage')],
    ['another entry', rawEntry({ path: 'hidden', bytes: 'x' })],
    ['another tar', rawTar([{ path: 'hidden' }])],
    ['a byte behind zeros', Buffer.concat([Buffer.alloc(9999), Buffer.from('x')])],
    ['more zeros than any record has', Buffer.alloc(2 * 1024 * 1024)],
  ])('there may not be %s', async (_, garbage) => {
    await expect(list(Buffer.concat([rawTar([GOOD]), garbage]))).rejects.toThrow(
      'something follows its end mark',
    );
  });

  it('the mark must have both of its blocks', async () => {
    await expect(list(rawTar([GOOD], { end: 1 }))).rejects.toThrow(
      '512 of the 1024 bytes of its end mark are missing',
    );
  });
});

describe('an expected layout', () => {
  const entries: readonly RawEntry[] = ['a', 'b', 'c', 'd'].map((path) => ({
    path,
    bytes: path.repeat(700),
  }));
  const files = entries.map(({ path }) => ({ path, size: 700 }));
  const layout = {
    entries: new PlacedEntries(
      files,
      Float64Array.from(files, (_, index) => index * 1536 + 512),
    ),
    size: 4 * 1536 + 1024,
  };

  it('leads past a damaged header', async () => {
    const tar = rawTar(entries);
    tar.writeUInt8(0xff, 1536);
    const archive = openTar(memoryReader(tar));
    archive.expect?.(layout);
    const problems: ArchiveProblem[] = [];
    const found: string[] = [];
    for await (const { path } of archive.entries({ onProblem: (problem) => problems.push(problem) }))
      found.push(path);
    expect(found).toEqual(['a', 'c', 'd']);
    expect(problems.map(({ path }) => path)).toEqual(['b']);
    expect(await text(archive, 'd')).toBe('d'.repeat(700));
  });

  it('is not believed where the archive says otherwise', async () => {
    const archive = openTar(memoryReader(rawTar(entries.toReversed())));
    archive.expect?.(layout);
    expect(await text(archive, 'a')).toBe('a'.repeat(700));
    expect(await text(archive, 'd')).toBe('d'.repeat(700));
  });

  it('is not believed when it points into content', async () => {
    const inner = rawEntry({ path: 'b', bytes: 'evil' });
    const archive = openTar(
      memoryReader(
        rawTar([
          { path: 'a', bytes: inner },
          { path: 'b', bytes: 'good' },
        ]),
      ),
    );
    archive.expect?.({
      entries: new PlacedEntries([{ path: 'b', size: 700 }], Float64Array.of(1024)),
      size: 1,
    });
    expect(await text(archive, 'b')).toBe('good');
  });
});

async function text(archive: ReturnType<typeof openTar>, path: string): Promise<string> {
  const bytes = await collectBytes(archive.stream(path), {
    limit: 9999,
    onExcess: () => new Error('too long'),
  });
  return Buffer.from(bytes).toString();
}

/** Counts how often a tar is read. */
function countedTar(files: readonly RawEntry[]): {
  readonly reader: ByteReader;
  readonly reads: () => number;
} {
  const tar = memoryReader(rawTar(files));
  let reads = 0;
  const reader: ByteReader = {
    size: tar.size,
    stream: (...place) => {
      reads += 1;
      return tar.stream(...place);
    },
    read: async (...place) => {
      reads += 1;
      return await tar.read(...place);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { reader, reads: () => reads };
}

function filesOf(sizes: readonly number[]): readonly RawEntry[] {
  return sizes.map((size, at) => ({ path: `file-${at}`, bytes: String(at % 10).repeat(size) }));
}

describe('the walk over a tar', () => {
  it('reads many small entries together', async () => {
    const { reader, reads } = countedTar(filesOf(Array.from({ length: 300 }, (_, at) => at * 7)));
    expect(await Array.fromAsync(openTar(reader).entries())).toHaveLength(300);
    expect(reads()).toBeLessThan(40);
  });

  it('reads what is between large entries once for each, and none of their content', async () => {
    const { reader, reads } = countedTar(filesOf(Array.from({ length: 10 }, (_, at) => 100_000 + at)));
    expect(await Array.fromAsync(openTar(reader).entries())).toHaveLength(10);
    expect(reads()).toBeLessThan(14);
  });
});

describe('small entries of a tar', () => {
  it('are read together, and each is in memory of its own', async () => {
    const sizes = Array.from({ length: 100 }, (_, at) => 1 + at * 9);
    const { reader, reads } = countedTar(filesOf(sizes));
    const tar = openTar(reader);
    expect(await Array.fromAsync(tar.entries())).toHaveLength(100);
    const before = reads();
    for (const [at, size] of sizes.entries()) {
      const bytes = await tar.readSmall?.(`file-${at}`);
      expect(Buffer.from(bytes ?? []).toString()).toBe(String(at % 10).repeat(size));
      expect(bytes?.buffer.byteLength).toBe(size);
    }
    expect(reads() - before).toBeLessThan(10);
  });

  it('are read by themselves where what follows cannot be read; large ones are not read', async () => {
    const tar = memoryReader(rawTar(filesOf([100, 100_000])));
    const spot = 512 + 512 + 512 + 9000;
    const archive = openTar(badReader(tar, [spot]));
    expect(Buffer.from((await archive.readSmall?.('file-0')) ?? []).toString()).toBe('0'.repeat(100));
    expect(await archive.readSmall?.('file-1')).toBeUndefined();
    await expect(archive.readSmall?.('file-2')).rejects.toMatchObject({ code: 'ERR_CONTENT_NOT_FOUND' });
  });
});
