import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { layOutput, type OutputLayout } from '../../../src/bundle/output/layout.ts';
import { checkSpace, measureSpace } from '../../../src/bundle/output/space.ts';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import { layoutOf, writeBundle } from '../../../src/bundle/write/write.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { plannedFile, plannedImage, sampleSource } from '../../support/planned/items.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { mountSmallDisk, NO_SMALL_DISK, setReadOnly } from '../../support/peers/small-disk.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const MIB = 1024 * 1024;
const LARGE = incompressibleBytes('large', 12 * MIB);
const SAMPLES = [plannedFile('large.bin', LARGE), plannedImage('docker.io/rancher/rancher:v2.9.2')];
const plan = planBundle(
  'lab',
  SAMPLES.map(({ planned }) => planned),
);

/** The tar that goes to `path`. */
function outputAt(path: string): OutputLayout {
  return layOutput(plan, path, { form: 'tar' });
}

describe.skipIf(NO_SMALL_DISK !== undefined)(`a disk that is too small (${NO_SMALL_DISK ?? 'tmpfs'})`, () => {
  it('is noticed before anything is fetched', async () => {
    using disk = mountSmallDisk(8 * MIB);
    const source = sampleSource(SAMPLES);
    await expect(writeBundle(plan, source, { path: join(disk.path, 'lab.tar') })).rejects.toMatchObject({
      code: 'ERR_DISK_FULL',
      message: expect.stringMatching(/it needs 12\.0 MiB more, and 8\.0 MiB are free$/),
    });
    expect(source.opened).toEqual([]);
    expect(readdirSync(disk.path)).toEqual([]);
  });

  it('keeps what it could hold when it fills up in the middle, and continues when there is space', async () => {
    using disk = mountSmallDisk(16 * MIB);
    const [path, other] = [join(disk.path, 'lab.tar'), join(disk.path, 'other')];
    const greedy = sampleSource(SAMPLES, {
      instead: () => {
        // Something else takes the space that was there when the build began.
        writeFileSync(other, Buffer.alloc(9 * MIB));
        return undefined;
      },
    });
    await expect(writeBundle(plan, greedy, { path })).rejects.toMatchObject({
      code: 'ERR_DISK_FULL',
      message: expect.stringMatching(/ more, and .* are free$/),
      hint: expect.stringContaining('continues'),
    });
    expect(readdirSync(disk.path)).toContain('lab.tar.partial');
    rmSync(other);
    const source = sampleSource(SAMPLES);
    const result = await writeBundle(plan, source, { path });
    expect(source.opened).toMatchObject([{ digest: digestOf(LARGE) }]);
    expect(source.opened[0]?.offset).toBeGreaterThan(3 * MIB);
    expect(result.reusedBytes).toBeGreaterThan(3 * MIB);
    using folder = temporaryFolder();
    const undisturbed = join(folder.path, 'lab.tar');
    await writeBundle(plan, sampleSource(SAMPLES), { path: undisturbed });
    expect(readFileSync(path).equals(readFileSync(undisturbed))).toBe(true);
  });

  it('counts what a partial holds already as space it need not find again', async () => {
    using disk = mountSmallDisk(14 * MIB);
    const path = join(disk.path, 'lab.tar');
    const bytes = layoutOf(plan).size;
    expect(await checkSpace(outputAt(path))).toEqual({ needed: bytes, free: 14 * MIB });
    writeFileSync(`${path}.partial`, Buffer.alloc(10 * MIB));
    const { blocks } = statSync(`${path}.partial`);
    expect(await checkSpace(outputAt(path))).toEqual({ needed: bytes - blocks * 512, free: 4 * MIB });
  });

  it('is distinguished from one that is read-only', async () => {
    using disk = mountSmallDisk(32 * MIB);
    setReadOnly(disk.path, true);
    const source = sampleSource(SAMPLES);
    await expect(writeBundle(plan, source, { path: join(disk.path, 'lab.tar') })).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('read-only'),
    });
    expect(source.opened).toEqual([]);
  });
});

describe('the space of an output', () => {
  it('is what is needed, and what is free', async () => {
    using folder = temporaryFolder();
    const { needed, free } = await measureSpace(outputAt(join(folder.path, 'lab.tar')));
    expect(needed).toBe(layoutOf(plan).size);
    expect(free).toBeGreaterThan(0);
  });

  it('is refused when no disk could have it', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'lab.tar');
    const output = { path, volumes: [{ file: `${path}.partial`, size: 2 ** 60 }] };
    await expect(checkSpace(output)).rejects.toMatchObject({
      code: 'ERR_DISK_FULL',
      message: expect.stringContaining('it needs 1024.0 PiB more'),
    });
  });
});
