import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultOfPath } from '../../src/internal/path/guard.ts';
import { layoutIn } from '../../src/bundle/shape.ts';
import { filesOf } from '../../src/bundle/output/layout.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { writeBundle } from '../../src/bundle/write/write.ts';
import { hexOf } from '../../src/oci/digest.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { plannedFile, sampleSource } from '../support/planned/items.ts';
import {
  LARGE,
  SHAPE_PLAN,
  SHAPE_SAMPLES,
  SHAPES,
  snapshot,
  STICK,
  VOLUME,
  writeShape,
} from '../support/samples/shape-samples.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { NOBODY } from '../support/surroundings.ts';

const CUT_TAR = ['lab.tar', { form: 'tar', volumeSize: VOLUME }] as const;
const CUT_DIR = ['lab', { form: 'dir', volumeSize: VOLUME }] as const;
const DIR = ['lab', { form: 'dir' }] as const;

describe.each(SHAPES)('%s as %j', (name, shape) => {
  it('is a whole bundle with the same root as any other, and nothing is left beside it', async () => {
    using folder = temporaryFolder();
    const result = await writeShape(folder.path, [name, shape]);
    expect(result).toMatchObject({
      root: SHAPE_PLAN.root,
      bytes: layoutIn(shape.form, filesOf(SHAPE_PLAN)).size,
    });
    expect(await verifyBundle({ path: result.path }, NOBODY)).toMatchObject({
      ok: true,
      root: SHAPE_PLAN.root,
      problems: [],
    });
    expect(readdirSync(folder.path).filter((one) => /partial|claim|journal|replaced/.test(one))).toEqual([]);
  });

  it('is the same on a stick, with one stream or many, and when it replaces an older one', async () => {
    using folder = temporaryFolder();
    await writeShape(folder.path, [name, shape]);
    const expected = snapshot(folder.path);
    for (const options of [
      { filesystem: STICK },
      { concurrency: 1 },
      { concurrency: 30, filesystem: STICK },
    ]) {
      using other = temporaryFolder();
      await writeShape(other.path, [name, shape], options);
      expect(snapshot(other.path)).toEqual(expected);
    }
    await writeShape(folder.path, [name, shape]);
    expect(snapshot(folder.path)).toEqual(expected);
  });

  it('has no name that FAT32, exFAT or NTFS refuses, and no file over the size asked for', async () => {
    using folder = temporaryFolder();
    await writeShape(folder.path, [name, shape]);
    const paths = Object.keys(snapshot(folder.path));
    expect(paths.map((path) => faultOfPath(path))).toEqual(paths.map(() => undefined));
    const largest = Math.max(...paths.map((path) => statSync(join(folder.path, path)).size));
    expect(largest).toBeLessThanOrEqual(shape.volumeSize ?? Number.POSITIVE_INFINITY);
  });
});

describe('volumes of a tar', () => {
  it('are the single tar when they are joined [B-VOL-1]', async () => {
    using folder = temporaryFolder();
    await writeShape(folder.path, CUT_TAR);
    execFileSync('sh', ['-c', 'cat lab.tar.[0-9]* > joined.tar'], { cwd: folder.path });
    await writeShape(folder.path, ['lab.tar', { form: 'tar' }]);
    const [joined, single] = ['joined.tar', 'lab.tar'].map((name) => readFileSync(join(folder.path, name)));
    expect(joined?.equals(single ?? Buffer.alloc(0))).toBe(true);
    expect(await verifyBundle({ path: join(folder.path, 'joined.tar') }, NOBODY)).toMatchObject({ ok: true });
  });

  it('come with sums that sha256sum checks [B-VOL-5]', async () => {
    using folder = temporaryFolder();
    await writeShape(folder.path, CUT_TAR);
    const report = execFileSync('sha256sum', ['-c', '--strict', 'lab.tar.sha256'], {
      cwd: folder.path,
      encoding: 'utf8',
    });
    const volumes = readdirSync(folder.path).filter((name) => /[.]\d+$/.test(name));
    expect(report.trim().split('\n')).toEqual(volumes.map((name) => `${name}: OK`));
  });

  it('are read without their sums', async () => {
    using folder = temporaryFolder();
    const { path } = await writeShape(folder.path, CUT_TAR);
    rmSync(join(folder.path, 'lab.tar.sha256'));
    expect(path).toBe(join(folder.path, 'lab.tar.001'));
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: true });
  });

  it('are a single one when everything fits into it', async () => {
    using folder = temporaryFolder();
    const { path } = await writeShape(folder.path, ['lab.tar', { form: 'tar', volumeSize: 2 ** 30 }]);
    expect(readdirSync(folder.path)).toEqual(['lab.tar.001', 'lab.tar.sha256']);
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: true });
  });

  it('take the surplus of an older and longer set with them', async () => {
    using folder = temporaryFolder();
    await writeShape(folder.path, ['lab.tar', { form: 'tar', volumeSize: 300_000 }]);
    writeFileSync(join(folder.path, 'lab.tar2.900'), 'of someone else');
    await writeShape(folder.path, CUT_TAR);
    using other = temporaryFolder();
    await writeShape(other.path, CUT_TAR);
    rmSync(join(folder.path, 'lab.tar2.900'));
    expect(snapshot(folder.path)).toEqual(snapshot(other.path));
  });

  it('of which there would be more than 999 are refused, with a size that would do', async () => {
    using folder = temporaryFolder();
    const source = sampleSource(SHAPE_SAMPLES);
    const shape = { form: 'tar', volumeSize: 5000 } as const;
    await expect(
      writeBundle(SHAPE_PLAN, source, { path: join(folder.path, 'lab.tar'), shape }),
    ).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('999 are allowed'),
      hint: 'Use --volume-size 1MiB or more.',
    });
    expect(source.opened).toEqual([]);
  });
});

describe('a directory', () => {
  it('has every entry as a file, and SHA256SUMS proves them [B-DIR-1]', async () => {
    using folder = temporaryFolder();
    await writeShape(folder.path, DIR);
    const paths = filesOf(SHAPE_PLAN).map(({ path }) => join('lab', path));
    expect(Object.keys(snapshot(folder.path)).toSorted()).toEqual(paths.toSorted());
    execFileSync('sha256sum', ['-c', '--strict', '--quiet', 'SHA256SUMS'], { cwd: join(folder.path, 'lab') });
  });

  it('has what is larger than a volume in volumes, with sums, and the rest as it is [B-DIR-2]', async () => {
    using folder = temporaryFolder();
    await writeShape(folder.path, CUT_DIR);
    const blobs = join(folder.path, 'lab', 'blobs', 'sha256');
    const hex = hexOf(LARGE);
    const cut = readdirSync(blobs).filter((name) => name.startsWith(hex));
    expect(cut).toHaveLength(Math.ceil(5_000_000 / VOLUME) + 1);
    execFileSync('sh', ['-c', `cat ${hex}.[0-9]* | sha256sum | grep -q ^${hex}`], { cwd: blobs });
    execFileSync('sha256sum', ['-c', '--strict', '--quiet', `${hex}.sha256`], { cwd: blobs });
    expect(readdirSync(blobs).filter((name) => name.length === 64).length).toBe(SHAPE_PLAN.blobs.length - 2);
  });

  it('takes the place of an empty folder', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'lab'));
    const { path } = await writeShape(folder.path, DIR);
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: true });
  });

  it('replaces an older bundle only when it is complete', async () => {
    using folder = temporaryFolder();
    const other = [plannedFile('other.bin')];
    const plan = planBundle(
      'other',
      other.map(({ planned }) => planned),
    );
    const path = join(folder.path, 'lab');
    await writeBundle(plan, sampleSource(other), { path, shape: { form: 'dir' } });
    const before = snapshot(path);
    const during: unknown[] = [];
    const source = sampleSource(SHAPE_SAMPLES, {
      instead: () => {
        during.push(snapshot(path));
        return undefined;
      },
    });
    await writeBundle(SHAPE_PLAN, source, { path, shape: { form: 'dir' } });
    expect(during.length).toBeGreaterThan(2);
    expect(during.every((one) => JSON.stringify(one) === JSON.stringify(before))).toBe(true);
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: true, root: SHAPE_PLAN.root });
    expect(readdirSync(folder.path)).toEqual(['lab']);
  });

  it.each([
    ['is not a bundle', async (path: string) => writeFileSync(join(path, 'thesis.odt'), 'x'), 'not a bundle'],
    [
      'is a bundle with something beside it',
      async (path: string) => {
        await writeShape(join(path, '..'), DIR);
        writeFileSync(join(path, 'thesis.odt'), 'x');
      },
      'it holds "thesis.odt", which is not part of a bundle',
    ],
    [
      'is a bundle with a folder of something',
      async (path: string) => {
        await writeShape(join(path, '..'), DIR);
        mkdirSync(join(path, 'photos'));
        writeFileSync(join(path, 'photos', 'a.jpg'), 'x');
      },
      'it holds "photos/a.jpg"',
    ],
  ])('in the place of a folder that %s is refused, and that is left as it is', async (_, make, fact) => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'lab');
    mkdirSync(path);
    await make(path);
    const before = snapshot(folder.path);
    const source = sampleSource(SHAPE_SAMPLES);
    await expect(writeBundle(SHAPE_PLAN, source, { path, shape: { form: 'dir' } })).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining(fact),
      hint: expect.any(String),
    });
    expect(source.opened).toEqual([]);
    expect(snapshot(folder.path)).toEqual(before);
  });

  it('in the place of a file is refused', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'lab'), 'precious');
    await expect(writeShape(folder.path, DIR)).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('it is a file'),
    });
    expect(readFileSync(join(folder.path, 'lab'), 'utf8')).toBe('precious');
  });

  it('does not take a folder for its own that only looks like its partial', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'lab.partial'));
    writeFileSync(join(folder.path, 'lab.partial', 'thesis.odt'), 'x');
    await expect(writeShape(folder.path, DIR)).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('is in the way'),
    });
    expect(readdirSync(join(folder.path, 'lab.partial'))).toEqual(['thesis.odt']);
  });

  it('whose journal another build has left is started over', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'lab.partial', 'blobs'), { recursive: true });
    writeFileSync(join(folder.path, 'lab.partial.journal'), 'torn');
    const { path } = await writeShape(folder.path, DIR);
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: true });
    expect(readdirSync(folder.path)).toEqual(['lab']);
  });

  it('with the name of a volume is refused, with what was meant', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'lab.tar.001');
    await expect(
      writeBundle(SHAPE_PLAN, sampleSource([]), { path, shape: { form: 'dir' } }),
    ).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      hint: `Name the bundle without it: -o ${join(folder.path, 'lab.tar')} --volume-size SIZE`,
    });
  });
});
