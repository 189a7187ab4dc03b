import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { namesIn } from '../../../src/disk/names.ts';
import { clearLeftovers, temporaryName } from '../../../src/disk/sharing/temporary.ts';
import { temporaryFolder } from '../../support/temporary.ts';

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

function scratch(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return folder.path;
}
