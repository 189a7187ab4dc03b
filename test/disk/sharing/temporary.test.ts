import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { namesIn } from '../../../src/disk/names.ts';
import { place } from '../../../src/disk/place.ts';
import { clearLeftovers, Sweep, temporaryName } from '../../../src/disk/sharing/temporary.ts';
import { replaceCall, systemFailure } from '../../support/disk/replaced-call.ts';
import { deadMark } from '../../support/process/marks.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

describe('temporary names', () => {
  it('are passed over by Rancher Desktop and kuberlr', () => {
    expect(temporaryName('v1.30.6+k3s1')).not.toMatch(/^v\d+\.\d+\.\d+\+k3s\d+$/);
    expect(temporaryName('kubectl1.30.6')).not.toMatch(/^kubectl/);
    expect(temporaryName('a')).not.toBe(temporaryName('a'));
  });

  it('are of no folder that is not there', async () => {
    const folder = join(scratch(), 'gone');
    await clearLeftovers(folder, 'a');
    expect(await namesIn(folder)).toEqual([]);
  });
});

describe('a sweep', () => {
  it('clears a folder of what any crashed run left there, and lists it once', async () => {
    const folder = scratch();
    for (const subject of ['a', 'b'])
      writeFileSync(join(folder, `.saddlebag-${subject}.${deadMark()}-0123abcd`), '');
    const listed: unknown[] = [];
    using _counted = replaceCall('readdir', async ([path], honest) => {
      listed.push(path);
      return await honest();
    });
    const sweep = new Sweep();
    for (const name of ['a', 'b', 'c']) await place(join(folder, name), name, { sweep });
    expect(listed).toEqual([folder]);
    expect(await namesIn(folder)).toEqual(['a', 'b', 'c']);
  });

  it('is of no folder for ever that could not be listed', async () => {
    const sweep = new Sweep();
    const folder = scratch();
    {
      using _broken = replaceCall('readdir', () => Promise.reject(systemFailure('EIO')));
      expect(await thrownBy(sweep.clear(folder))).toMatchObject({ code: 'ERR_DISK_FAILED' });
    }
    await sweep.clear(folder);
  });
});

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}
