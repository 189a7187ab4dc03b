import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ArchiveProblem } from '../../../src/archive/archive.ts';
import { openDirectory } from '../../../src/archive/folder/reader.ts';
import { openFileReader } from '../../../src/disk/reader.ts';
import { openArchive } from '../../../src/archive/open.ts';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { temporaryFolder } from '../../support/temporary.ts';

async function listing(folder: string): Promise<{ found: string[]; problems: string[] }> {
  const found: string[] = [];
  const problems: ArchiveProblem[] = [];
  const options = { onProblem: (problem: ArchiveProblem) => problems.push(problem) };
  for await (const { path } of openDirectory(folder).entries(options)) found.push(path);
  return { found, problems: problems.map(({ error }) => error.message) };
}

async function read(folder: string, path: string): Promise<string> {
  const stream = openDirectory(folder).stream(path);
  return Buffer.from(
    await collectBytes(stream, { limit: 99, onExcess: () => new Error('too long') }),
  ).toString();
}

describe('a folder as an archive', () => {
  it('refuses links to files and to folders, and whatever is not a file', async () => {
    using outside = temporaryFolder();
    using folder = temporaryFolder();
    writeFileSync(join(outside.path, 'secret'), 'secret');
    mkdirSync(join(folder.path, 'blobs'));
    writeFileSync(join(folder.path, 'good'), 'good');
    symlinkSync(join(outside.path, 'secret'), join(folder.path, 'blobs/link'));
    symlinkSync(outside.path, join(folder.path, 'folder'));
    symlinkSync('nowhere', join(folder.path, 'dangling'));
    execFileSync('mkfifo', [join(folder.path, 'pipe')]);
    expect(await listing(folder.path)).toEqual({
      found: ['good'],
      problems: [
        'Cannot accept entry "blobs/link": it is a symbolic link',
        'Cannot accept entry "dangling": it is a symbolic link',
        'Cannot accept entry "folder": it is a symbolic link',
        'Cannot accept entry "pipe": it is not a regular file',
      ],
    });
    const strict = openDirectory(folder.path).entries()[Symbol.asyncIterator]();
    await expect(strict.next()).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
    });
    for (const path of ['blobs/link', 'folder/secret', 'pipe', 'dangling']) {
      await expect(read(folder.path, path)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_INVALID' });
    }
    expect(await read(folder.path, 'good')).toBe('good');
  });

  it('refuses names that another system could not hold', async () => {
    using folder = temporaryFolder();
    for (const name of ['CON', 'a:b', 'a\\b', 'x.', 'Twin', 'twin'])
      writeFileSync(join(folder.path, name), '');
    const { found, problems } = await listing(folder.path);
    expect(found).toEqual(['Twin']);
    expect(problems).toHaveLength(5);
  });

  it('does not descend without end', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'x/'.repeat(200)), { recursive: true });
    expect((await listing(folder.path)).problems).toEqual([expect.stringContaining('longer than')]);
  });

  it('is sorted, whatever order the disk has', async () => {
    using folder = temporaryFolder();
    for (const name of ['b', 'a', 'C', 'é', '10', '9']) writeFileSync(join(folder.path, name), '');
    expect((await listing(folder.path)).found).toEqual(['10', '9', 'C', 'a', 'b', 'é']);
  });
});

describe('opening an archive', () => {
  it('never waits for a pipe, and refuses devices', async () => {
    using folder = temporaryFolder();
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/null']) {
      await expect(openArchive(path)).rejects.toMatchObject({
        code: 'ERR_ARCHIVE_INVALID',
        message: `Cannot read "${path}": it is not a regular file`,
      });
    }
  });

  it('says that nothing is there, also behind a file', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'file'), 'x');
    for (const name of ['none', 'none/none', 'file/none']) {
      await expect(openArchive(join(folder.path, name))).rejects.toMatchObject({
        code: 'ERR_BUNDLE_NOT_FOUND',
      });
    }
  });

  it('follows a link that the user gives', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'real'));
    writeFileSync(join(folder.path, 'real/a'), 'x');
    symlinkSync('real', join(folder.path, 'link'));
    await using archive = await openArchive(join(folder.path, 'link'));
    expect(archive.shape).toBe('dir');
  });
});

describe('a file that is read anywhere', () => {
  it('ends where it ends, and gives nothing from behind', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'file');
    writeFileSync(path, 'content');
    await using reader = await openFileReader(path);
    expect(Buffer.from(await reader.read(3, 100)).toString()).toBe('tent');
    expect(await reader.read(7, 1)).toHaveLength(0);
    expect(await reader.read(100, 1)).toHaveLength(0);
    const chunks: Uint8Array[] = [];
    for await (const chunk of reader.stream(3, 100)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('tent');
  });

  it('says where a medium failed', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'file');
    writeFileSync(path, 'content');
    const reader = await openFileReader(path);
    await reader[Symbol.asyncDispose]();
    await expect(reader.read(2, 3)).rejects.toMatchObject({
      code: 'ERR_DISK_FAILED',
      message: expect.stringContaining(`Cannot read "${path}" at byte 2: `),
    });
  });
});
