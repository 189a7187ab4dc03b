import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { requireSpace, spacesFor } from '../../src/targets/disk-space.ts';
import type { Action } from '../../src/targets/target.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../support/peers/small-disk.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe('spacesFor', () => {
  it('adds up what goes to one filesystem, folders that are still to be made too', async () => {
    const folder = scratch();
    mkdirSync(join(folder, 'a'));
    const spaces = await spacesFor([
      { place: join(folder, 'a'), actions: [actionOf(1000), actionOf(500)] },
      { place: join(folder, 'b', 'c'), actions: [actionOf(7)] },
    ]);
    expect(spaces).toEqual([{ place: join(folder, 'a'), needed: 1507, free: expect.any(Number) }]);
    expect(spaces[0]?.free).toBeGreaterThan(0);
  });

  it('tells filesystems apart, and how much is free on each', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(1024 * 1024);
    const spaces = await spacesFor([
      { place: scratch(), actions: [actionOf(1)] },
      { place: join(disk.path, 'deep', 'down'), actions: [actionOf(2)] },
    ]);
    expect(spaces.map(({ needed }) => needed)).toEqual([1, 2]);
    expect(spaces[1]?.free).toBe(1024 * 1024);
  });
});

describe('requireSpace', () => {
  it('is content with room to spare', () => {
    expect(() => requireSpace([{ place: '/a', needed: 10, free: 10 }])).not.toThrow();
  });

  it('names every filesystem that is too small, with what it needs and has', () => {
    const spaces = [
      { place: '/a', needed: 3 * 1024 ** 3, free: 1024 ** 3 },
      { place: '/b', needed: 1, free: 2 },
      { place: '/c', needed: 2048, free: 0 },
    ];
    expect(() => requireSpace(spaces)).toThrow(
      expect.objectContaining({
        code: 'ERR_DISK_FULL',
        message:
          'Cannot install: "/a" needs 3.0 GiB, and 1.0 GiB are free; "/c" needs 2.0 KiB, and 0 B are free',
      }),
    );
  });
});

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}

function actionOf(bytes: number): Action {
  return { target: 'files', kind: 'file', name: 'x', destination: '/x', bytes, state: 'missing' };
}
