import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder, nearestFolder, requireWritable } from '../../src/disk/folder.ts';
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

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}
