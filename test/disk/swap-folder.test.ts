import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { swapFolder } from '../../src/disk/swap-folder.ts';
import { replaceCall, systemFailure } from '../support/disk/replaced-call.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';
import { filesUnder } from '../support/tree.ts';

const NEW = { 'from/a': 'new' };
const OLD = { 'to/a': 'old', 'to/b': 'old' };
const ASIDE = { 'aside/a': 'older' };

describe('swapFolder', () => {
  it.each([
    ['there is none yet', { ...NEW }, { 'to/a': 'new' }],
    ['there is an old one', { ...NEW, ...OLD }, { 'to/a': 'new' }],
    ['it ended after the old one stepped aside', { ...NEW, ...ASIDE }, { 'to/a': 'new' }],
    ['it ended before the old one was removed', { 'to/a': 'new', ...ASIDE }, { 'to/a': 'new' }],
    ['it was done before', { 'to/a': 'new' }, { 'to/a': 'new' }],
  ])('leaves the new folder alone when %s', async (_, before, after) => {
    const root = scene(before);
    await swap(root);
    expect(filesUnder(root)).toEqual(after);
  });

  it.each([
    ['the old one that it moved', { ...NEW, ...OLD }, { ...NEW, ...OLD }],
    ['the one that an earlier run moved', { ...NEW, ...ASIDE }, { ...NEW, 'to/a': 'older' }],
    ['nothing where there was nothing', { ...NEW }, { ...NEW }],
  ])('puts back %s when the new one cannot have its name', async (_, before, after) => {
    const root = scene(before);
    using _disk = replaceCall('rename', ([from], honest) =>
      from === join(root, 'from') ? Promise.reject(systemFailure('EIO')) : honest(),
    );
    await expect(swap(root)).rejects.toMatchObject({ code: 'EIO' });
    expect(filesUnder(root)).toEqual(after);
  });

  it('refuses to lose what is where the old one would go', async () => {
    const before = { ...NEW, ...OLD, ...ASIDE };
    const root = scene(before);
    expect(await thrownBy(swap(root))).toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining(`the folder "${join(root, 'aside')}" is in the way`),
    });
    expect(filesUnder(root)).toEqual(before);
  });
});

async function swap(root: string): Promise<void> {
  await swapFolder(join(root, 'from'), join(root, 'to'), { aside: join(root, 'aside') });
}

function scene(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  }
  return folder.path;
}
