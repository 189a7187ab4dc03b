import { chownSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder } from '../../src/disk/folder.ts';
import { ownerUnder, sudoInvoker } from '../../src/disk/owner.ts';
import { temporaryFolder } from '../support/temporary.ts';

const isRoot = process.getuid?.() === 0;

describe('owners', () => {
  it('are those of the nearest folder, because programs change the modes of their own files', async (context) => {
    if (!isRoot) context.skip('skipped: only root can give files away');
    const folder = scratch();
    chownSync(folder, 4711, 4712);
    const owner = { uid: 4711, gid: 4712 };
    expect(await ownerUnder(join(folder, 'a', 'b'))).toMatchObject(owner);
    await makeFolder(join(folder, 'a', 'b'), { owner });
    expect(lstatSync(join(folder, 'a', 'b'))).toMatchObject(owner);
  });

  it('are whoever called sudo where the nearest folder is of root', async (context) => {
    if (!isRoot) context.skip('skipped: only root can give files away');
    const folder = scratch();
    expect(await ownerUnder(folder)).toBeUndefined();
    expect(await ownerUnder(folder, { uid: 1000, gid: 1000 })).toEqual({ uid: 1000, gid: 1000 });
  });

  it.each([
    [
      { SUDO_UID: '1000', SUDO_GID: '1001' },
      { uid: 1000, gid: 1001 },
    ],
    [{}, undefined],
    [{ SUDO_UID: '1000' }, undefined],
    [{ SUDO_UID: '0', SUDO_GID: '0' }, undefined],
    [{ SUDO_UID: '-5', SUDO_GID: '1' }, undefined],
    [{ SUDO_UID: 'ana', SUDO_GID: '1' }, undefined],
  ])('are read from what sudo says: %o', (env, owner) => {
    expect(sudoInvoker(env)).toEqual(owner);
  });
});

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}
