import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../src/bundle/shape.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { KILLED_WHILE_NAMING } from '../../support/process/killed-while-naming.ts';
import { sampleSource } from '../../support/planned/items.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { snapshot } from '../../support/samples/shape-samples.ts';
import { SLOW_PLAN, SLOW_SAMPLES } from '../../support/process/slow-build.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const SCRIPT = join(import.meta.dirname, '../../support/process/slow-build.ts');
const large = digestOf(incompressibleBytes('large', 8_000_000));

/** Starts a build in a process of its own and returns once its journal is inside the large blob. */
async function startBuild(
  out: string,
  shape: Shape = { form: 'tar' },
): Promise<{ readonly child: ChildProcess; readonly position: number }> {
  const child = spawn(process.execPath, [SCRIPT, out, JSON.stringify(shape)], { stdio: 'inherit' });
  for (;;) {
    await pause(50);
    if (child.exitCode !== null) throw new Error(`the build ended with ${child.exitCode}`);
    const position = journaled(out);
    if (position > 0) return { child, position };
  }
}

function journaled(out: string): number {
  const journal = `${out}.partial.journal`;
  if (!existsSync(journal)) return 0;
  const lines = readFileSync(journal, 'utf8').split('\n');
  const last = lines.findLast((line) => line.startsWith(`{"digest":"${large}"`) && line.endsWith('}'));
  return last === undefined ? 0 : Number(/"bytes":(\d+)/.exec(last)?.[1]);
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('a build in another process', () => {
  it('that was killed with -9 is continued inside the blob it was in, to the same bytes', async () => {
    using folder = temporaryFolder();
    const [out, undisturbed] = [join(folder.path, 'lab.tar'), join(folder.path, 'undisturbed.tar')];
    const { child, position } = await startBuild(out);
    await kill(child);
    expect(readdirSync(folder.path).toSorted()).toEqual([
      'lab.tar.partial',
      expect.stringMatching(new RegExp(`^lab\\.tar\\.partial\\.claim\\.${child.pid}`)),
      'lab.tar.partial.journal',
    ]);
    const source = sampleSource(SLOW_SAMPLES);
    const result = await writeBundle(SLOW_PLAN, source, { path: out });
    expect(source.opened).toEqual([{ digest: large, offset: position }]);
    expect(result.reusedBytes).toBeGreaterThan(position);
    await writeBundle(SLOW_PLAN, sampleSource(SLOW_SAMPLES), { path: undisturbed });
    expect(readFileSync(out).equals(readFileSync(undisturbed))).toBe(true);
    expect(readdirSync(folder.path).toSorted()).toEqual(['lab.tar', 'undisturbed.tar']);
  });

  it.each<readonly [name: string, shape: Shape]>([
    ['lab.tar', { form: 'tar', volumeSize: 1_500_000 }],
    ['lab.zip', { form: 'zip' }],
    ['lab', { form: 'dir' }],
    ['lab', { form: 'dir', volumeSize: 1_500_000 }],
  ])('that was killed while it wrote %s as %j is continued as well', async (name, shape) => {
    using folder = temporaryFolder();
    const [out, undisturbed] = [join(folder.path, name), join(folder.path, 'undisturbed')];
    mkdirSync(undisturbed);
    const { child, position } = await startBuild(out, shape);
    await kill(child);
    const source = sampleSource(SLOW_SAMPLES);
    await writeBundle(SLOW_PLAN, source, { path: out, shape });
    expect(source.opened.filter(({ digest }) => digest === large)).toEqual([
      { digest: large, offset: position },
    ]);
    await writeBundle(SLOW_PLAN, sampleSource(SLOW_SAMPLES), { path: join(undisturbed, name), shape });
    const expected = snapshot(undisturbed);
    rmSync(undisturbed, { recursive: true });
    expect(snapshot(folder.path)).toEqual(expected);
  });

  it.each<readonly [name: string, shape: Shape, renames: number]>([
    ['lab.tar', { form: 'tar' }, 1],
    ['lab.tar', { form: 'tar', volumeSize: 1_500_000 }, 7],
    ['lab', { form: 'dir' }, 2],
  ])(
    'that was killed at any moment while it gave %s as %j its names ends with them',
    async (name, shape, renames) => {
      for (let survived = 0; survived < renames; survived++) {
        using folder = temporaryFolder();
        const out = join(folder.path, name);
        // An older one is in its place, so that there is something to replace.
        await writeBundle(SLOW_PLAN, sampleSource(SLOW_SAMPLES), { path: out, shape });
        const expected = snapshot(folder.path);
        const child = spawn(
          process.execPath,
          [KILLED_WHILE_NAMING, out, JSON.stringify(shape), String(survived)],
          {
            stdio: 'inherit',
          },
        );
        const [, signal] = await once(child, 'exit');
        expect({ survived, signal }).toEqual({ survived, signal: 'SIGKILL' });
        const source = sampleSource(SLOW_SAMPLES);
        await writeBundle(SLOW_PLAN, source, { path: out, shape });
        expect({ survived, opened: source.opened }).toEqual({ survived, opened: [] });
        expect(snapshot(folder.path)).toEqual(expected);
      }
    },
  );

  it('that is under way keeps others from writing the same bundle', async () => {
    using folder = temporaryFolder();
    const out = join(folder.path, 'lab.tar');
    const { child } = await startBuild(out);
    try {
      const source = sampleSource(SLOW_SAMPLES);
      await expect(writeBundle(SLOW_PLAN, source, { path: out })).rejects.toMatchObject({
        code: 'ERR_OUTPUT_UNWRITABLE',
        message: expect.stringContaining(`process ${child.pid} is writing`),
      });
      expect(source.opened).toEqual([]);
    } finally {
      await kill(child);
    }
  });
});
