import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reserveFile } from '../../src/disk/reserved.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../support/peers/small-disk.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';
import { modeOf } from '../support/tree.ts';

describe('reserveFile', () => {
  it('becomes the file, no longer than its content, and leaves nothing beside it', async () => {
    const folder = scratch();
    const path = join(folder, 'receipt.json');
    {
      await using reserved = await reserveFile(path, 10_000);
      const [name = ''] = readdirSync(folder);
      expect(statSync(join(folder, name)).size).toBe(10_000);
      await reserved.become(Buffer.from('short'), { mode: 0o600 });
    }
    expect(readdirSync(folder)).toEqual(['receipt.json']);
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['short', '600']);
  });

  it('gives the room back when there is nothing to put there', async () => {
    const folder = scratch();
    {
      await using _reserved = await reserveFile(join(folder, 'receipt.json'), 10);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('needs no room any more when the disk is full by then', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(256 * 1024);
    const path = join(disk.path, 'receipt.json');
    await using reserved = await reserveFile(path, 100 * 1024);
    expect(() => writeFileSync(join(disk.path, 'filler'), Buffer.alloc(1024 * 1024))).toThrow(/ENOSPC/);
    const content = Buffer.alloc(100 * 1024, 'x');
    await reserved.become(content, { mode: 0o600 });
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('says at once that there is no room, and takes none', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(64 * 1024);
    const path = join(disk.path, 'receipt.json');
    expect(await thrownBy(reserveFile(path, 1024 * 1024))).toMatchObject({ code: 'ERR_DISK_FULL' });
    expect(readdirSync(disk.path)).toEqual([]);
  });
});

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}
