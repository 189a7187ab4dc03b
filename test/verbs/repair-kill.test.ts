import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repairBundle } from '../../src/verbs/repair.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { buildPatch, damageBlob } from '../support/archives/damage.ts';
import { LARGE, SHAPE_PLAN, SHAPE_SAMPLES, writeShape } from '../support/samples/shape-samples.ts';
import { SLOW_REPAIR } from '../support/process/slow-repair.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { NOBODY } from '../support/surroundings.ts';

/** Starts a repair in a process of its own, and kills it in the middle of a blob that it writes. */
async function repairAndKill(path: string, patch: string): Promise<void> {
  const child = spawn(process.execPath, [SLOW_REPAIR, path, patch], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('a repair that was killed with -9 in the middle of its writing', () => {
  it.each([
    ['of a blob with a changed bit', async (path: string): Promise<void> => await damageBlob(path, LARGE)],
    ['of what was cut off', async (path: string): Promise<void> => truncateSync(path, 100_000)],
  ])('%s is done again, to the same bytes', async (_, damage) => {
    using temporary = temporaryFolder();
    const [folder, aside] = [join(temporary.path, 'stick'), join(temporary.path, 'aside')];
    mkdirSync(folder);
    mkdirSync(aside);
    const { path } = await writeShape(folder, ['lab.tar', { form: 'tar' }]);
    const whole = readFileSync(path);
    await damage(path);
    const patch = await buildPatch(path, SHAPE_PLAN, { samples: SHAPE_SAMPLES, folder: aside });
    await repairAndKill(path, patch);
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: false });
    await repairBundle({ path, patches: [patch] }, NOBODY);
    expect(readFileSync(path).equals(whole)).toBe(true);
    expect(readdirSync(folder)).toEqual(['lab.tar']);
  });

  it('by its user ends with that, and is done again', async () => {
    using temporary = temporaryFolder();
    const [folder, aside] = [join(temporary.path, 'stick'), join(temporary.path, 'aside')];
    mkdirSync(folder);
    mkdirSync(aside);
    const { path } = await writeShape(folder, ['lab.tar', { form: 'tar' }]);
    const whole = readFileSync(path);
    await damageBlob(path, LARGE);
    const patch = await buildPatch(path, SHAPE_PLAN, { samples: SHAPE_SAMPLES, folder: aside });
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const stopped = repairBundle({ path, patches: [patch] }, NOBODY, {
      signal: controller.signal,
      onProgress,
    });
    await expect(stopped).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(readdirSync(folder)).toEqual(['lab.tar']);
    await repairBundle({ path, patches: [patch] }, NOBODY);
    expect(readFileSync(path).equals(whole)).toBe(true);
  });
});
