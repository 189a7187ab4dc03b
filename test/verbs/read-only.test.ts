import { mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeBundle } from '../../src/bundle/write/write.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { convertBundle } from '../../src/verbs/convert.ts';
import { diffBundles } from '../../src/verbs/diff.ts';
import { inspectBundle } from '../../src/verbs/inspect.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { sampleSource } from '../support/planned/items.ts';
import { incompressibleBytes } from '../support/samples/sample-image.ts';
import { SHAPES } from '../support/samples/shape-samples.ts';
import { mountSmallDisk, NO_SMALL_DISK, setReadOnly } from '../support/peers/small-disk.ts';
import { install, installLab, LAB } from '../support/sites/install-lab.ts';
import { plannedFile } from '../support/planned/items.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { filesUnder } from '../support/tree.ts';
import { NOBODY } from '../support/surroundings.ts';

/** Something for every target, and something that lies in several volumes. */
const SAMPLES = [...LAB, plannedFile('large.bin', incompressibleBytes('large', 3_000_000))];
const PLAN = planBundle(
  'lab',
  SAMPLES.map(({ planned }) => planned),
);

const { TMPDIR } = process.env;

describe.skipIf(NO_SMALL_DISK !== undefined)(
  `a medium that is read-only (${NO_SMALL_DISK ?? 'tmpfs'})`,
  () => {
    let disk: ReturnType<typeof mountSmallDisk>;
    beforeEach(() => {
      disk = mountSmallDisk(32 * 1024 * 1024);
    });
    afterEach(() => {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
      disk[Symbol.dispose]();
    });

    it.each(SHAPES)(
      'is enough to verify, inspect and install %s as %j, with no temporary copy',
      async (name, shape) => {
        const lab = await installLab(SAMPLES);
        const { path } = await writeBundle(PLAN, sampleSource(SAMPLES), {
          path: join(disk.path, name),
          shape,
        });
        setReadOnly(disk.path, true);
        // Whoever asks for a temporary folder from here on gets one that is not there.
        process.env['TMPDIR'] = join(disk.path, 'no-such-folder');
        expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: true, root: PLAN.root });
        expect(await inspectBundle({ path }, NOBODY)).toMatchObject({ root: PLAN.root, form: shape.form });
        const [here, there] = [lab.at('here'), lab.at('there')];
        const result = await install({
          ...lab.options,
          path,
          targets: { files: here, registry: ['localhost:5000'] },
        });
        expect(result.findings.map(({ level }) => level)).not.toContain('error');
        mkdirSync(there);
        await install({ ...lab.options, targets: { files: there } });
        expect(Object.keys(filesUnder(here))).toContain('large.bin');
        expect(filesUnder(here)).toEqual(filesUnder(there));
        expect(basename(path)).toMatch(/^lab/);
      },
    );

    it.each(SHAPES)(
      'is enough to convert and compare %s as %j, with no temporary copy',
      async (name, shape) => {
        using folder = temporaryFolder();
        const { path } = await writeBundle(PLAN, sampleSource(SAMPLES), {
          path: join(disk.path, name),
          shape,
        });
        setReadOnly(disk.path, true);
        process.env['TMPDIR'] = join(disk.path, 'no-such-folder');
        const out = join(folder.path, 'out.tar');
        expect(await convertBundle({ path, out }, NOBODY)).toMatchObject({ root: PLAN.root });
        expect(await diffBundles({ old: path, new: out }, NOBODY)).toMatchObject({
          old: { root: PLAN.root },
          added: { blobs: 0 },
          removed: { blobs: 0 },
        });
        expect(readdirSync(folder.path)).toEqual(['out.tar']);
      },
    );
  },
);
