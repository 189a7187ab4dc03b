import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { replaceCall } from '../../support/disk/replaced-call.ts';
import { sampleSource } from '../../support/planned/items.ts';
import { SHAPE_PLAN, SHAPE_SAMPLES, SHAPES } from '../../support/samples/shape-samples.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';
import { NOBODY } from '../../support/surroundings.ts';

const REFUSED = {
  code: 'ERR_OUTPUT_UNWRITABLE',
  message: expect.stringContaining('another process has put something else in its place'),
};

/** Somebody deleted the claim of this build, and another build has begun in its place. */
describe('a build whose partial another one has replaced', () => {
  it.each(SHAPES)('is not called done, and gives nothing its name: %s as %j', async (name, shape) => {
    using folder = temporaryFolder();
    const path = join(folder.path, name);
    let isReplaced = false;
    const source = sampleSource(SHAPE_SAMPLES, {
      instead: () => {
        if (!isReplaced) startOver(`${path}.partial`);
        isReplaced = true;
        return undefined;
      },
    });
    expect(await thrownBy(writeBundle(SHAPE_PLAN, source, { path, shape }))).toMatchObject(REFUSED);
    expect(readdirSync(folder.path).filter((one) => !one.includes('partial'))).toEqual([]);
    expect(isReplaced).toBe(true);
    // What is left is of nobody who is still at work, and a new build does not need it.
    rmSync(`${path}.partial`, { recursive: true, force: true });
    const result = await writeBundle(SHAPE_PLAN, sampleSource(SHAPE_SAMPLES), { path, shape });
    expect(await verifyBundle({ path: result.path }, NOBODY)).toMatchObject({
      ok: true,
      root: SHAPE_PLAN.root,
    });
  });

  it.each(SHAPES)(
    'after it was noted as whole is not called done, and gives nothing its name: %s as %j',
    async (name, shape) => {
      using folder = temporaryFolder();
      const path = join(folder.path, name);
      let notes = 0;
      using _other = replaceCall('rename', async ([, to], honest) => {
        await honest();
        if (String(to).endsWith('.journal') && ++notes === 2) startOver(`${path}.partial`);
      });
      const build = writeBundle(SHAPE_PLAN, sampleSource(SHAPE_SAMPLES), { path, shape });
      expect(await thrownBy(build)).toMatchObject(REFUSED);
      expect(readdirSync(folder.path).filter((one) => !one.includes('partial'))).toEqual([]);
    },
  );

  it.each([
    ['lab.tar', { form: 'tar' }],
    ['lab', { form: 'dir' }],
  ] as const)('in the very moment before it gets its name is not called done: %s', async (name, shape) => {
    using folder = temporaryFolder();
    const path = join(folder.path, name);
    using _other = replaceCall('rename', async ([, to], honest) => {
      if (to === path) startOver(`${path}.partial`);
      return await honest();
    });
    const build = writeBundle(SHAPE_PLAN, sampleSource(SHAPE_SAMPLES), { path, shape });
    expect(await thrownBy(build)).toMatchObject(REFUSED);
  });
});

/** Does what a build of something else does: removes what is there, and begins. */
function startOver(partial: string): void {
  const isFolder = statSync(partial).isDirectory();
  rmSync(partial, { recursive: true });
  if (isFolder) mkdirSync(join(partial, 'blobs/sha256'), { recursive: true });
  else writeFileSync(partial, 'of another build');
}
