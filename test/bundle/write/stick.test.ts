import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFileWriter } from '../../../src/disk/writer.ts';
import { filesystemOf, filesystemOfType } from '../../../src/disk/filesystem.ts';
import { type BundlePlan, planBundle } from '../../../src/bundle/plan/plan.ts';
import { layOutput } from '../../../src/bundle/output/layout.ts';
import type { Shape } from '../../../src/bundle/shape.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import { encodeArtifact } from '../../../src/oci/artifact.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { sampleSource } from '../../support/planned/items.ts';
import { SHAPE_PLAN, SHAPE_SAMPLES, SHAPES, STICK, writeShape } from '../../support/samples/shape-samples.ts';
import { mountStick } from '../../support/peers/stick.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { NOBODY } from '../../support/surroundings.ts';

const FAT = filesystemOfType(0x4d44, 'linux');
const GIB = 1024 ** 3;

/** A bundle of contents that nobody ever fetches, in these sizes (bytes). */
function planOf(sizes: readonly number[]): BundlePlan {
  const files = sizes.map((size, index) => ({
    name: `${index}.bin`,
    descriptor: { digest: digestOf(String(index)), size },
  }));
  const manifest = encodeArtifact('application/vnd.saddlebag.file.v1', files);
  return planBundle('huge', [
    {
      item: { kind: 'file', name: 'huge', descriptor: manifest.descriptor, audience: ['files'] },
      blobs: [
        ...files.map(({ descriptor }) => ({
          descriptor: { mediaType: 'application/octet-stream', ...descriptor },
          origin: { type: 'url', url: 'https://files.test/' } as const,
        })),
        { descriptor: manifest.descriptor, origin: { type: 'bytes', bytes: manifest.bytes } as const },
      ],
    },
  ]);
}

describe('FAT32', () => {
  it.each<readonly [what: string, sizes: readonly number[], name: string, shape: Shape, fact: string]>([
    [
      'a tar of more than 4 GiB',
      [2 * GIB, 2 * GIB],
      'lab.tar',
      { form: 'tar' },
      '"lab.tar" would have 4.0 GiB',
    ],
    [
      'a zip of more than 4 GiB',
      [2 * GIB, 2 * GIB],
      'lab.zip',
      { form: 'zip' },
      '"lab.zip" would have 4.0 GiB',
    ],
    [
      'a file of 4 GiB in a directory',
      [4 * GIB],
      'lab',
      { form: 'dir' },
      'would have 4.0 GiB (4294967296 bytes)',
    ],
    [
      'volumes of 4 GiB, one byte too many',
      [9 * GIB],
      'lab.tar',
      { form: 'tar', volumeSize: 4 * GIB },
      '"lab.tar.001" would have 4.0 GiB (4294967296 bytes)',
    ],
  ])('refuses %s, with the size that would do', async (_, sizes, name, shape, fact) => {
    using folder = temporaryFolder();
    const source = sampleSource([]);
    await expect(
      writeBundle(planOf(sizes), source, { path: join(folder.path, name), shape, filesystem: FAT }),
    ).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining(fact),
      hint: expect.stringContaining('--volume-size 4095MiB'),
    });
    expect(source.opened).toEqual([]);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('would take what the hint says', () => {
    const volumeSize = 4095 * 1024 ** 2;
    for (const form of ['tar', 'zip', 'dir'] as const) {
      const { volumes } = layOutput(planOf([9 * GIB]), '/media/usb/lab', { form, volumeSize });
      expect(Math.max(...volumes.map(({ size }) => size))).toBeLessThanOrEqual(FAT.fileLimit ?? 0);
    }
  });

  it('refuses a directory with more files than a folder takes, and suggests a tar', async () => {
    using folder = temporaryFolder();
    const plan = planOf(Array.from({ length: 11_000 }, () => 1));
    const path = join(folder.path, 'lab');
    const writing = writeBundle(plan, sampleSource([]), { path, shape: { form: 'dir' }, filesystem: FAT });
    await expect(writing).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('no more than 10922'),
      hint: expect.stringContaining('--format tar'),
    });
  });
});

describe('a filesystem that fills gaps', () => {
  it.each(SHAPES.filter(([, { form }]) => form !== 'dir'))(
    'has %s as %j written from its start to its end',
    async (name, shape) => {
      using folder = temporaryFolder();
      const path = join(folder.path, name);
      const { volumes } = layOutput(SHAPE_PLAN, path, shape);
      let looks = 0;
      const source = sampleSource(SHAPE_SAMPLES, {
        instead: () => {
          looks += 1;
          const sizes = volumes.map(({ file }) => (existsSync(file) ? statSync(file).size : 0));
          const last = sizes.findLastIndex((size) => size > 0);
          // Whatever is before the volume being written is whole, and so nothing was skipped.
          expect(sizes.slice(0, Math.max(0, last))).toEqual(
            volumes.slice(0, Math.max(0, last)).map(({ size }) => size),
          );
          return undefined;
        },
      });
      await writeBundle(SHAPE_PLAN, source, { path, shape, filesystem: STICK });
      expect(looks).toBeGreaterThan(2);
    },
  );

  for (const kind of ['exfat', 'vfat', 'ntfs'] as const) {
    for (const [name, shape] of SHAPES) {
      it(`such as ${kind} takes ${name} as ${JSON.stringify(shape)} without writing anything twice`, async (context) => {
        using stick = mountStick(context, kind, 48 * 1024 ** 2);
        expect(await filesystemOf(stick.path)).toMatchObject({ fillsGaps: true });
        const before = stick.written();
        const result = await writeShape(stick.path, [name, shape], { concurrency: 4 });
        // What the filesystem notes about files and folders comes on top.
        expect(stick.written() - before).toBeLessThan(result.bytes * 1.15 + 1_000_000);
        stick.protect();
        expect(await verifyBundle({ path: join(stick.path, basename(result.path)) }, NOBODY)).toMatchObject({
          ok: true,
        });
      });
    }
  }

  it('does so when a file gets its size before its content, which the tests above would notice', async (context) => {
    using stick = mountStick(context, 'exfat', 48 * 1024 ** 2);
    const before = stick.written();
    await using _writer = await openFileWriter(join(stick.path, 'lab.tar'), { size: 20 * 1024 ** 2 });
    expect(stick.written() - before).toBeGreaterThan(19 * 1024 ** 2);
  });

  it('is no place for a folder that is all of a disk', async (context) => {
    using stick = mountStick(context, 'exfat', 48 * 1024 ** 2);
    const source = sampleSource(SHAPE_SAMPLES);
    await expect(
      writeBundle(SHAPE_PLAN, source, { path: stick.path, shape: { form: 'dir' } }),
    ).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('it is a whole disk'),
      hint: `Give a folder on it: ${join(stick.path, 'lab')}`,
    });
    expect(source.opened).toEqual([]);
  });
});
