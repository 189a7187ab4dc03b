import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder, nearestFolder, requireWritable, syncFolder } from '../../src/disk/folder.ts';
import { place } from '../../src/disk/place.ts';
import { recordDisk } from '../support/disk/recorded-disk.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';
import { modeOf } from '../support/tree.ts';

const isRoot = process.getuid?.() === 0;

describe('folders', () => {
  it('are made with the mode that is asked for, and named outermost first', async () => {
    const folder = scratch();
    const made = await makeFolder(join(folder, 'a', 'b'), { mode: 0o750 });
    expect(made).toEqual([join(folder, 'a'), join(folder, 'a', 'b')]);
    expect(made.map(modeOf)).toEqual(['750', '750']);
    expect(await makeFolder(join(folder, 'a', 'b'))).toEqual([]);
  });

  it('are looked for upwards', async () => {
    const folder = scratch();
    expect(await nearestFolder(join(folder, 'a', 'b', 'c'))).toBe(folder);
    expect(await nearestFolder(folder)).toBe(folder);
  });

  it('can be made below a link to a folder', async () => {
    const folder = scratch();
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    await makeFolder(join(folder, 'link', 'a'));
    expect(readdirSync(join(folder, 'real'))).toEqual(['a']);
  });

  it('cannot be made where a file is in the way', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'a'), '');
    for (const path of [join(folder, 'a'), join(folder, 'a', 'b')]) {
      expect(await thrownBy(requireWritable(path))).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
    }
  });

  it('that may not be written to are refused, and nothing is tried', async (context) => {
    if (isRoot) context.skip('skipped: root may write everywhere');
    const folder = scratch();
    chmodSync(folder, 0o500);
    expect(await thrownBy(requireWritable(join(folder, 'a')))).toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
    });
  });
});

describe('syncFolder', () => {
  it.each([
    ...['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EBADF'].map(
      (code) => ({ at: 'sync', code }) as const,
    ),
    ...['EISDIR', 'EPERM', 'EACCES', 'EINVAL'].map((code) => ({ at: 'open', code }) as const),
  ])('is content where the system has no such call: $code at $at', async (fault) => {
    const folder = scratch();
    using _disk = await recordDisk({ fault });
    await expect(syncFolder(folder)).resolves.toBeUndefined();
  });

  it.each(['EIO', 'ENOSPC', 'EDQUOT', 'EROFS'])(
    'does not hide that the names are not safe: %s',
    async (code) => {
      const folder = scratch();
      using _disk = await recordDisk({ fault: { at: 'sync', code } });
      await expect(syncFolder(folder)).rejects.toMatchObject({ code });
    },
  );
});

describe.skipIf(process.platform === 'win32')('whatever the umask is', () => {
  it.each([0o777, 0o077, 0o000])(
    '%o, a folder and a file have the modes that are asked for',
    async (umask) => {
      const folder = scratch();
      const before = process.umask(umask);
      onTestFinished(() => void process.umask(before));
      await makeFolder(join(folder, 'a', 'b'));
      await makeFolder(join(folder, 'c'), { mode: 0o700 });
      await place(join(folder, 'a', 'b', 'key'), 'secret', { mode: 0o600 });
      expect(['a', 'a/b', 'c', 'a/b/key'].map((name) => modeOf(join(folder, name)))).toEqual([
        '755',
        '755',
        '700',
        '600',
      ]);
    },
  );

  it('what a folder hands down to those in it stays', async () => {
    const folder = scratch();
    chmodSync(folder, 0o2775);
    const inherited = statSync(mkdtempSync(join(folder, 'x'))).mode & 0o2000;
    const [made = ''] = await makeFolder(join(folder, 'a'), { mode: 0o750 });
    expect(statSync(made).mode & 0o7777).toBe(0o750 | inherited);
  });
});

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}
