import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, truncateSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { repairBundle } from '../../src/verbs/repair.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { flipBit } from '../support/archives/damage.ts';
import { contentsOf, parityStick } from '../support/archives/parity-stick.ts';
import { KILLED_WHILE_REPAIRING } from '../support/process/killed-while-repairing.ts';
import { NOBODY } from '../support/surroundings.ts';

/** Starts repairing in a process of its own, and kills it in the middle of the shard after `shards` others. */
async function repairAndKill(path: string, shards: number): Promise<void> {
  const child = spawn(process.execPath, [KILLED_WHILE_REPAIRING, path, String(shards)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

// The damage is in the second half of its shard: half of a write does not repair it.
describe('a repair by parity that was killed with -9 in the middle of its writing', () => {
  it.each([
    [
      'of damaged bytes',
      (path: string): void => [105_536, 433_216, 891_968].forEach((at) => flipBit(path, at)),
    ],
    ['of what was cut off', (path: string): void => truncateSync(path, readFileSync(path).length - 250_000)],
  ])('%s is done again, to the same bytes [B-PAR-9]', async (_, damage) => {
    using stick = await parityStick({ percent: 10 });
    damage(stick.path);
    for (const shards of [0, 1, 1]) {
      await repairAndKill(stick.path, shards);
      expect(await verifyBundle({ path: stick.path }, NOBODY).catch(() => ({ ok: false }))).toMatchObject({
        ok: false,
      });
    }
    await repairBundle({ path: stick.path, patches: [] }, NOBODY);
    expect(contentsOf(stick.folder)).toEqual(stick.contents);
  });

  it('of a lost volume is done again, to the same bytes', async () => {
    using stick = await parityStick({ shape: { form: 'tar', volumeSize: 700_001 }, percent: 15 });
    rmSync(stick.files[3] ?? '');
    await repairAndKill(stick.path, 2);
    await repairBundle({ path: stick.path, patches: [] }, NOBODY);
    expect(contentsOf(stick.folder)).toEqual(stick.contents);
  });
});
