import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { memoryReader } from '../../../src/archive/memory.ts';
import { openZip } from '../../../src/archive/zip/reader.ts';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { isSaddlebagError } from '../../../src/internal/error.ts';
import { badReader } from '../../support/archives/bad-reader.ts';
import { countingReader } from '../../support/archives/counting-reader.ts';
import {
  rawDescriptor,
  rawExtra,
  rawZip,
  rawZip64Extra,
  type RawZipEntry,
} from '../../support/archives/raw-zip.ts';
import { listZip, problemsInZip, readZip } from '../../support/archives/read-zip.ts';

const GOOD: RawZipEntry = { path: 'good', bytes: 'content' };
const LAST: RawZipEntry = { path: 'last', bytes: 'end' };

describe('a zip with an entry that could reach outside', () => {
  it.each([
    ['../evil', '".."'],
    ['a/../../evil', '".."'],
    ['/etc/passwd', 'absolute'],
    ['C:\\evil', 'character'],
    ['a\\..\\..\\evil', 'character'],
    ['\\\\host\\share', 'character'],
    ['./evil', '"."'],
    ['a//b', 'a name is empty'],
    ['', 'empty'],
    ['CON', 'device'],
    ['x:stream', 'character'],
    ['a\0b', 'control'],
    ['a\u202Eb', 'invisible'],
    ['x'.repeat(60_000), 'longer than'],
    ['../folder/', '".."'],
    ['/', 'the path is empty'],
  ])('refuses %j', async (path, fact) => {
    const zip = rawZip([{ path, central: { attributes: 0 } }, LAST]);
    await expect(listZip(zip)).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
      message: expect.stringContaining(fact),
    });
    expect((await problemsInZip(zip)).found).toEqual(['last']);
    await expect(readZip(zip, path)).rejects.toSatisfy((error: unknown) => isSaddlebagError(error));
  });

  it.each([
    ['a symbolic link', 0o120777 * 65_536, 'it is a symbolic link'],
    ['a device', 0o060666 * 65_536, 'it is not a regular file'],
    ['a pipe', 0o010666 * 65_536, 'it is not a regular file'],
    ['a folder by its mode alone', 0o040755 * 65_536, 'it is a folder and a file at once'],
    ['a folder by its attribute alone', 0x10, 'it is a folder and a file at once'],
  ])('refuses %s', async (_, attributes, fact) => {
    await expect(listZip(rawZip([{ ...GOOD, central: { attributes } }]))).rejects.toThrow(
      `Cannot accept entry "good": ${fact}`,
    );
  });

  it('refuses a link that ends in a slash', async () => {
    const link = { path: 'good/', central: { attributes: 0o120777 * 65_536 } };
    await expect(listZip(rawZip([link]))).rejects.toThrow(
      'Cannot accept entry "good": it is a symbolic link',
    );
  });
});

describe('a zip with entries that contradict each other', () => {
  it.each([
    [['a', 'a'], 'appears twice'],
    [['a', 'b', 'a'], 'appears twice'],
    [['a', 'A'], 'treat the two as one'],
    [['a', 'a/b'], 'a file and a folder'],
  ])('refuses %j', async (paths, fact) => {
    const zip = rawZip(paths.map((path) => ({ path, bytes: path })));
    await expect(listZip(zip)).rejects.toThrow(fact);
  });

  it('gives none of two files of one name', async () => {
    const zip = rawZip([{ path: 'a', bytes: 'first' }, LAST, { path: 'a', bytes: 'second' }]);
    await expect(readZip(zip, 'a')).rejects.toThrow('Cannot accept entry "a": it appears twice');
    expect(await readZip(zip, 'last')).toBe('end');
  });
});

describe('an entry that is not plain', () => {
  const text = 'content '.repeat(100);
  const deflated = deflateRawSync(text);

  it.each([
    ['compressed', { bytes: deflated, both: { method: 8, size: text.length } }, 'it is compressed'],
    [
      'compressed in a newer way',
      { bytes: deflated, both: { method: 93, size: text.length } },
      'it is compressed',
    ],
    ['encrypted', { bytes: text, both: { flags: 0x801 } }, 'it is encrypted'],
    ['encrypted by AES', { bytes: text, both: { flags: 0x801, method: 99 } }, 'it is encrypted'],
    ['encrypted strongly', { bytes: text, both: { flags: 0x841 } }, 'it is encrypted'],
    ['hidden by an encrypted directory', { bytes: text, both: { flags: 0x2800 } }, 'it is encrypted'],
  ])('but %s is refused, with a way to make it so', async (_, entry, fact) => {
    const zip = rawZip([GOOD, { path: 'other', ...entry }, LAST]);
    await expect(listZip(zip)).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
      message: `Cannot accept entry "other": ${fact}`,
      hint: expect.stringContaining('without compression'),
    });
    await expect(readZip(zip, 'other')).rejects.toThrow(fact);
    expect((await problemsInZip(zip)).found).toEqual(['good', 'last']);
    expect(await readZip(zip, 'last')).toBe('end');
  });

  it('but a patch is refused', async () => {
    await expect(listZip(rawZip([{ ...GOOD, both: { flags: 0x820 } }]))).rejects.toThrow('a patch');
  });
});

describe('a directory that lies', () => {
  it.each<[string, Partial<RawZipEntry>, string]>([
    ['about the size', { central: { stored: 6, size: 6 } }, 'its header has another size than the directory'],
    ['about one of the sizes', { central: { size: 9 } }, 'has 7 bytes here and 9 unpacked'],
    ['about both in both places', { both: { stored: 6, size: 6 } }, 'belong to nothing'],
    ['that there is more', { central: { stored: 8, size: 8 } }, 'it overlaps entry "last"'],
    ['that there is far more', { central: { stored: 4e9, size: 4e9 } }, 'it overlaps entry "last"'],
    ['about the checksum', { central: { crc: 1 } }, 'its header has another checksum than the directory'],
    ['about the name', { central: { name: 'evil' } }, 'its header has another name than the directory'],
    ['about the length of the name', { central: { name: 'goo' } }, 'its header has another name'],
    ['about the method', { local: { method: 8 } }, 'its header says that it is compressed'],
    ['about the encryption', { local: { flags: 0x801 } }, 'its header has other flags'],
    ['about the text of the name', { local: { flags: 0 } }, 'its header has other flags'],
    [
      'about what is in the header',
      { local: { extra: Buffer.from([1, 2, 3, 4, 5]) } },
      'broken extra fields',
    ],
    ...[1, 2, 3, 4, 7, 8, 9, 10, 12, 14, 15].flatMap((bit): [string, Partial<RawZipEntry>, string][] => [
      [
        `about bit ${bit} of the flags`,
        { local: { flags: 0x800 | (1 << bit) } },
        'its header has other flags',
      ],
      [
        `about the lack of bit ${bit}`,
        { central: { flags: 0x800 | (1 << bit) } },
        'its header has other flags',
      ],
    ]),
    ['about the version', { local: { needed: 46 } }, 'a later version of the format'],
    ['that another version is needed', { central: { needed: 46 } }, 'a later version of the format'],
    ['that it is on another disk', { central: { disk: 1 } }, 'in another part of a split zip'],
    ['about a descriptor', { both: { flags: 0x808 } }, 'belong to nothing'],
    ['that nothing follows the content', { behind: Buffer.from('x') }, 'belong to nothing'],
  ])('%s is found out', async (_, lie, fact) => {
    const zip = rawZip([{ ...GOOD, ...lie }, LAST]);
    await expect(listZip(zip)).rejects.toThrow(fact);
    expect((await problemsInZip(zip)).found).toEqual(['last']);
    expect(await readZip(zip, 'last')).toBe('end');
    const [path] = [lie.central?.name ?? 'good'];
    await expect(readZip(zip, String(path))).rejects.toThrow(fact);
  });

  it('in UTF-8 only says so', async () => {
    const name = Buffer.from([0x67, 0xff, 0x6f]);
    await expect(listZip(rawZip([{ ...GOOD, both: { name } }]))).rejects.toThrow('its name is not in UTF-8');
    const unmarked = { ...GOOD, both: { name: 'gööd', flags: 0 } };
    await expect(listZip(rawZip([unmarked]))).rejects.toThrow('or not marked as such');
    expect(await listZip(rawZip([{ ...GOOD, both: { name: 'gööd' } }]))).toEqual([{ path: 'gööd', size: 7 }]);
  });

  it('gives no second name, in neither place', async () => {
    const extra = rawExtra(0x7075, Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), Buffer.from('evil')]));
    for (const lie of [{ central: { extra } }, { local: { extra } }]) {
      await expect(listZip(rawZip([{ ...GOOD, ...lie }]))).rejects.toThrow('it has a second name');
    }
  });

  it.each<[string, readonly RawZipEntry[], string]>([
    ['the same bytes twice', [GOOD, { ...LAST, central: { header: 0 } }], 'it overlaps entry'],
    ['bytes of another', [GOOD, { ...LAST, central: { header: 5 } }], 'overlaps'],
    ['the directory', [GOOD, { ...LAST, both: { stored: 99, size: 99 } }], 'it overlaps the directory'],
    ['what is behind the end', [GOOD, { ...LAST, central: { header: 5000 } }], 'belong to nothing'],
    ['what is far behind the end', [GOOD, { ...LAST, central: { header: 0xfffffff0 } }], 'belong to nothing'],
  ])('and points at %s is refused', async (_, entries, fact) => {
    await expect(listZip(rawZip(entries))).rejects.toThrow(fact);
  });

  it('and makes a bomb of one content and many names is refused name by name', async () => {
    const kernel: RawZipEntry = { path: 'kernel', bytes: 'x'.repeat(1000) };
    const others = Array.from({ length: 500 }, (_, index) => ({
      ...kernel,
      path: `${index}`,
      central: { header: 0 },
    }));
    const { found, problems } = await problemsInZip(rawZip([kernel, ...others]));
    expect(found.length).toBeLessThanOrEqual(1);
    expect(problems.length).toBeGreaterThanOrEqual(500);
  });
});

describe('a descriptor behind the content', () => {
  const later = { flags: 0x808 };
  const zeros = { crc: 0, stored: 0, size: 0 };

  it.each([
    ['signed', {}],
    ['not signed', { signed: false }],
    ['large', { large: true }],
    ['large and not signed', { large: true, signed: false }],
  ])('may be %s', async (_, form) => {
    const entry = { ...GOOD, both: later, local: zeros, behind: rawDescriptor('content', form) };
    const zip = rawZip([entry, LAST]);
    expect(await listZip(zip)).toHaveLength(2);
    expect(await readZip(zip, 'good')).toBe('content');
  });

  it('may repeat what the header says already, also in large fields', async () => {
    const behind = rawDescriptor('content');
    expect(await listZip(rawZip([{ ...GOOD, both: later, behind }]))).toHaveLength(1);
    const local = { stored: 0xffffffff, size: 0xffffffff, extra: rawZip64Extra(0, 0) };
    expect(await listZip(rawZip([{ ...GOOD, both: later, local, behind }]))).toHaveLength(1);
  });

  it.each([
    ['another size', rawDescriptor('content', { size: 8 })],
    ['another large size', rawDescriptor('content', { size: 8, large: true })],
    ['another checksum', rawDescriptor('content', { crc: 1 })],
    ['something behind it', Buffer.concat([rawDescriptor('content'), Buffer.from('x')])],
    ['far too much behind it', Buffer.concat([rawDescriptor('content'), Buffer.alloc(5000)])],
    ['nothing in it', Buffer.alloc(0)],
    ['half of it', rawDescriptor('content').subarray(0, 8)],
  ])('with %s is refused', async (_, behind) => {
    const entry = { ...GOOD, both: later, local: zeros, behind };
    await expect(listZip(rawZip([entry, LAST]))).rejects.toThrow(
      'the bytes after its content belong to nothing',
    );
  });

  it('is the only reason for a header without numbers', async () => {
    await expect(listZip(rawZip([{ ...GOOD, local: zeros }]))).rejects.toThrow('another checksum');
  });
});

describe('a folder in a zip', () => {
  it('is passed over', async () => {
    const folder = { path: 'a/', central: { attributes: 0o040755 * 65_536 + 0x10 } };
    expect(await listZip(rawZip([folder, { path: 'a/b', bytes: 'x' }]))).toEqual([{ path: 'a/b', size: 1 }]);
  });

  it('has no content, and is compared with its header as well', async () => {
    await expect(listZip(rawZip([{ path: 'a/', bytes: 'x', central: { attributes: 0 } }]))).rejects.toThrow(
      'a folder with content',
    );
    await expect(
      listZip(rawZip([{ path: 'a/', local: { name: 'b/' }, central: { attributes: 0 } }])),
    ).rejects.toThrow('another name');
  });
});

describe('a zip on a bad disk', () => {
  const zip = rawZip([GOOD, { path: 'second', bytes: 'x'.repeat(100) }, LAST]);

  it('gives what can be read, and names what cannot', async () => {
    const header = zip.indexOf('second') - 5;
    const archive = openZip(badReader(memoryReader(zip), [header]));
    const problems: string[] = [];
    const found: string[] = [];
    for await (const { path } of archive.entries({ onProblem: ({ path: bad }) => problems.push(bad) }))
      found.push(path);
    expect({ found, problems }).toEqual({ found: ['good', 'last'], problems: ['second'] });
  });

  it('says that its directory cannot be read', async () => {
    const archive = openZip(badReader(memoryReader(zip), [zip.lastIndexOf('second')]));
    await expect(
      collectBytes(archive.stream('good'), { limit: 9, onExcess: () => new Error() }),
    ).rejects.toMatchObject({
      code: 'ERR_DISK_FAILED',
    });
  });
});

describe('the directory of a zip', () => {
  it('is read once, in few pieces, and nothing else is read to find an entry', async () => {
    const many = Array.from({ length: 2000 }, (_, index) => ({
      path: `blobs/${index}`,
      bytes: 'x'.repeat(500),
    }));
    const zip = rawZip(many);
    const directory = zip.length - zip.indexOf(Buffer.from('504b0102', 'hex'));
    const reader = countingReader(memoryReader(zip));
    const archive = openZip(reader);
    for (const path of ['blobs/1999', 'blobs/0']) {
      const bytes = await collectBytes(archive.stream(path), {
        limit: 500,
        onExcess: () => new Error('too long'),
      });
      expect(bytes).toHaveLength(500);
    }
    // The directory, its end twice with the room for a comment, two headers, two contents.
    expect(reader.counted()).toBeLessThan(directory + 3 * 256 * 1024);
  });

  it('may list its entries in another order than they have in the file', async () => {
    const zip = rawZip([
      { path: 'b', bytes: 'B' },
      { path: 'a', bytes: 'A' },
    ]);
    const at = zip.indexOf(Buffer.from('504b0102', 'hex'));
    const swapped = Buffer.concat([
      zip.subarray(0, at),
      zip.subarray(at + 47, at + 94),
      zip.subarray(at, at + 47),
      zip.subarray(at + 94),
    ]);
    expect(await listZip(swapped)).toEqual([
      { path: 'b', size: 1 },
      { path: 'a', size: 1 },
    ]);
    expect(await readZip(swapped, 'a')).toBe('A');
  });
});
