import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diskError } from '../../src/disk/errno.ts';
import { openFileWriter } from '../../src/disk/writer.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe('a file writer', () => {
  it('puts chunks at positions, in any order, and leaves zeros elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        async (writes, order) => {
          using folder = temporaryFolder();
          const path = join(folder.path, 'file');
          const expected = Buffer.alloc(6 * 400);
          const placed = writes.map((chunks, index) => ({
            chunks,
            position: index * 400,
            rank: order[index] ?? 0,
          }));
          await using writer = await openFileWriter(path, { size: expected.length });
          for (const { chunks, position } of placed.toSorted((a, b) => a.rank - b.rank)) {
            await writer.write(chunks, position);
            expected.set(Buffer.concat(chunks), position);
          }
          await writer.sync();
          expect(readFileSync(path)).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('writes more chunks at once than one system call takes', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'file');
    const chunks = Array.from({ length: 5000 }, (_, index) => Buffer.from([index % 256]));
    await using writer = await openFileWriter(path, { size: 5000 });
    await writer.write(chunks, 0);
    expect(readFileSync(path)).toEqual(Buffer.concat(chunks));
  });

  it('starts empty, or keeps what is there when asked to', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'file');
    writeFileSync(path, 'abcdef');
    await (await openFileWriter(path, { size: 4, keep: true }))[Symbol.asyncDispose]();
    expect(readFileSync(path, 'latin1')).toBe('abcd');
    await (await openFileWriter(path, { size: 4 }))[Symbol.asyncDispose]();
    expect(readFileSync(path, 'latin1')).toBe('\0\0\0\0');
  });

  it('takes no space for what was never written', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'file');
    await using _writer = await openFileWriter(path, { size: 2 ** 40 });
    expect(statSync(path)).toMatchObject({ size: 2 ** 40, blocks: 0 });
  });

  it('does not follow a link that someone put in its place', async () => {
    using folder = temporaryFolder();
    const [victim, path] = [join(folder.path, 'victim'), join(folder.path, 'file')];
    writeFileSync(victim, 'precious');
    symlinkSync(victim, path);
    await expect(openFileWriter(path, { size: 4 })).rejects.toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE' });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  it('says that the folder is missing, or that a folder is in the way', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'folder'));
    await expect(openFileWriter(join(folder.path, 'none', 'file'), { size: 1 })).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('there is no such folder'),
    });
    await expect(openFileWriter(join(folder.path, 'folder'), { size: 1 })).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('it is a folder'),
    });
  });
});

describe('an error of the disk', () => {
  it.each([
    ['ENOSPC', 'ERR_DISK_FULL'],
    ['EDQUOT', 'ERR_DISK_FULL'],
    ['EIO', 'ERR_DISK_FAILED'],
    ['EFBIG', 'ERR_DISK_FAILED'],
    ['EROFS', 'ERR_OUTPUT_UNWRITABLE'],
    ['EACCES', 'ERR_OUTPUT_UNWRITABLE'],
    ['ENOENT', 'ERR_OUTPUT_UNWRITABLE'],
    ['EWHATEVER', 'ERR_DISK_FAILED'],
  ])('%s is %s, with the path and a hint', (code, expected) => {
    const error = diskError('write', '/x/y', Object.assign(new Error('boom'), { code }));
    expect(error).toMatchObject({
      code: expected,
      message: expect.stringMatching(/^Cannot write "\/x\/y": ./),
    });
    expect(error.hint).toBeTruthy();
  });
});
