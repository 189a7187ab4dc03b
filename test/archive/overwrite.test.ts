import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { memoryArchive } from '../../src/archive/memory.ts';
import { openArchive } from '../../src/archive/open.ts';
import { openOverwrites, overwritesFor } from '../../src/archive/overwrite.ts';
import { collectBytes } from '../../src/internal/bytes.ts';
import { rawZip, type RawZipEntry } from '../support/archives/raw-zip.ts';
import { packTar } from '../support/samples/sample-bundle.ts';
import { packZipOf } from '../support/samples/sample-zip.ts';
import { mountSmallDisk, NO_SMALL_DISK, setReadOnly } from '../support/peers/small-disk.ts';
import { temporaryFolder } from '../support/temporary.ts';

const FILES = new Map<string, Uint8Array>([
  ['a', Buffer.alloc(700, 'a')],
  ['b', Buffer.alloc(128, 'b')],
  ['c', Buffer.alloc(900, 'c')],
]);
const NEW = Buffer.alloc(128, 'B');

async function overwrite(path: string, bytes: Uint8Array = NEW, entry = 'b'): Promise<void> {
  await using archive = await openArchive(path);
  await using files = await openOverwrites(await overwritesFor(archive, entry, bytes));
  await files.write();
}

/** Everything in an archive, read anew. */
async function contentOf(path: string): Promise<Record<string, string>> {
  await using archive = await openArchive(path);
  const found: Record<string, string> = {};
  for await (const entry of archive.entries()) {
    const bytes = await collectBytes(archive.stream(entry.path), {
      limit: 9999,
      onExcess: () => new Error(),
    });
    found[entry.path] = Buffer.from(bytes).toString();
  }
  return found;
}

const EXPECTED = { a: 'a'.repeat(700), b: 'B'.repeat(128), c: 'c'.repeat(900) };

describe('an entry given other bytes', () => {
  it('in a tar is all that changes', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'x.tar');
    const { tar, layout } = packTar(FILES);
    writeFileSync(path, tar);
    await overwrite(path);
    expect(await contentOf(path)).toEqual(EXPECTED);
    const expected = Buffer.from(tar);
    expected.set(NEW, layout.entries.at(1)?.position);
    expect(readFileSync(path).equals(expected)).toBe(true);
  });

  it('in a folder is all that changes', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'x'));
    for (const [name, bytes] of FILES) writeFileSync(join(folder.path, 'x', name), bytes);
    await overwrite(join(folder.path, 'x'));
    expect(await contentOf(join(folder.path, 'x'))).toEqual(EXPECTED);
  });

  it.each([700, 1800, 2050])('in volumes of %d bytes may lie in two of them', async (size) => {
    using folder = temporaryFolder();
    const { tar } = packTar(FILES);
    const parts = Array.from({ length: Math.ceil(tar.length / size) }, (_, index) => {
      const path = join(folder.path, `x.tar.00${index + 1}`);
      writeFileSync(path, tar.subarray(index * size, (index + 1) * size));
      return path;
    });
    await overwrite(parts[0] ?? '');
    expect(await contentOf(parts[0] ?? '')).toEqual(EXPECTED);
  });

  it('must keep its size, and must be there', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'x.tar');
    writeFileSync(path, packTar(FILES).tar);
    await expect(overwrite(path, Buffer.alloc(127))).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
      message: 'Cannot overwrite entry "b": it has 128 bytes, and its replacement has 127',
    });
    await expect(overwrite(path, NEW, 'd')).rejects.toMatchObject({ code: 'ERR_CONTENT_NOT_FOUND' });
    await expect(overwritesFor(memoryArchive(FILES), 'b', NEW)).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
    });
    expect(readFileSync(path).equals(packTar(FILES).tar)).toBe(true);
  });

  it.skipIf(NO_SMALL_DISK !== undefined)(
    'on a medium that is read-only is refused, and says so',
    async () => {
      using disk = mountSmallDisk(1024 * 1024);
      const path = join(disk.path, 'x.tar');
      writeFileSync(path, packTar(FILES).tar);
      setReadOnly(disk.path, true);
      await expect(overwrite(path)).rejects.toMatchObject({
        code: 'ERR_OUTPUT_UNWRITABLE',
        message: `Cannot write to "${path}": the filesystem is read-only`,
        hint: expect.stringContaining('changed in place'),
      });
    },
  );
});

describe('an entry of a zip given other bytes', () => {
  it('has its checksum changed wherever that stands, and nothing else', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'x.zip');
    writeFileSync(path, await packZipOf(FILES));
    await overwrite(path);
    expect(await contentOf(path)).toEqual(EXPECTED);
    // The very zip that would have been packed of these bytes.
    expect(readFileSync(path).equals(await packZipOf(new Map([...FILES, ['b', NEW]])))).toBe(true);
  });

  it.each<[string, Partial<RawZipEntry>]>([
    ['in its header', {}],
    ['behind it', { both: { flags: 0x8 }, local: { crc: 0 }, behind: descriptor(true) }],
    ['behind it with no signature', { both: { flags: 0x8 }, local: { crc: 0 }, behind: descriptor(false) }],
    ['in its header and behind it', { both: { flags: 0x8 }, behind: descriptor(true) }],
  ])('is sound in a zip of another program that has the checksum %s', async (_, form) => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'x.zip');
    const entries = [...FILES].map(([name, bytes]): RawZipEntry => ({ path: name, bytes }));
    writeFileSync(path, rawZip(entries.map((entry) => (entry.path === 'b' ? { ...entry, ...form } : entry))));
    await overwrite(path);
    expect(await contentOf(path)).toEqual(EXPECTED);
    const report = execFileSync('python3', ['-m', 'zipfile', '-t', path], { encoding: 'utf8' });
    expect(report.trim()).toBe('Done testing');
  });

  it.each(['only the first', 'only the last'])(
    'is repaired when of two writes %s was done',
    async (which) => {
      using folder = temporaryFolder();
      const path = join(folder.path, 'x.zip');
      writeFileSync(path, await packZipOf(FILES));
      await using archive = await openArchive(path);
      const writes = await overwritesFor(archive, 'b', Buffer.alloc(128, 'x'));
      expect(writes).toHaveLength(2);
      const done = writes.at(which === 'only the first' ? 0 : -1);
      await using files = await openOverwrites(done === undefined ? [] : [done]);
      await files.write();
      await expect(contentOf(path)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_INVALID' });
      await overwrite(path);
      expect(readFileSync(path).equals(await packZipOf(new Map([...FILES, ['b', NEW]])))).toBe(true);
    },
  );

  it('is left alone when the zip is damaged around it', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'x.zip');
    const zip = await packZipOf(FILES);
    const at = zip.indexOf('PK\u0003\u0004', 100);
    zip.writeUInt8(0xff, at + 30);
    writeFileSync(path, zip);
    await expect(overwrite(path)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_INVALID' });
    expect(readFileSync(path).equals(zip)).toBe(true);
  });
});

/** Checksum and sizes of the second file, as they stand behind content. */
function descriptor(isMarked: boolean): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(0x08074b50, 0);
  bytes.writeUInt32LE(crc32(Buffer.alloc(128, 'b')), 4);
  bytes.writeUInt32LE(128, 8);
  bytes.writeUInt32LE(128, 12);
  return isMarked ? bytes : bytes.subarray(4);
}
