import { readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openVolumeReader } from '../../../src/archive/volumes/reader.ts';
import { faultsOfSizes, findVolumes } from '../../../src/archive/volumes/set.ts';
import { openVolumeWriter } from '../../../src/archive/volumes/writer.ts';
import { cutVolumes, parseVolumeName, VolumeMap, volumeName } from '../../../src/archive/volumes/volumes.ts';
import { type ByteStream, collectBytes } from '../../../src/internal/bytes.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { writeVolumes } from '../../support/samples/volumes.ts';

const BYTES = Buffer.from(incompressibleBytes('volumes', 5000));

/** Writes `bytes` in volumes of `size`, and returns what they are called together. */
function volumesIn(folder: string, bytes: Uint8Array, size: number): string {
  const base = join(folder, 'lab.tar');
  writeVolumes(base, bytes, size);
  return base;
}

async function collect(stream: ByteStream): Promise<Buffer> {
  return Buffer.from(await collectBytes(stream, { limit: 1e7, onExcess: () => new Error('too long') }));
}

const split = fc.record({ total: fc.nat(5000), size: fc.integer({ min: 7, max: 6000 }) });

describe('cutting into volumes', () => {
  it('leaves nothing out, in volumes of one size but for the last', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 1e6 }), (total, size) => {
        fc.pre(total / size < 999);
        const volumes = cutVolumes('x', total, size);
        expect(volumes.reduce((sum, volume) => sum + volume.size, 0)).toBe(total);
        expect(volumes.slice(0, -1).every((volume) => volume.size === size)).toBe(true);
        expect(volumes.map(({ file }) => file)).toEqual(
          volumes.map((_, index) => volumeName('x', index + 1)),
        );
      }),
    );
  });

  it('gives names that every program sorts in order, and that can be read back', () => {
    const names = Array.from({ length: 999 }, (_, index) => volumeName('lab.tar', index + 1));
    expect(names.toSorted()).toEqual(names);
    expect(names.map(parseVolumeName)).toEqual(
      names.map((_, index) => ({ base: 'lab.tar', number: index + 1 })),
    );
  });

  it.each(['lab.tar', 'lab.tar.1', 'lab.tar.0001', 'lab.tar.000', '.001', 'lab.tar.00a', '001'])(
    'takes %j for no volume',
    (name) => expect(parseVolumeName(name)).toBeUndefined(),
  );

  it('finds any range in the volumes, with no gap and no overlap', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { maxLength: 20 }),
        fc.nat(500),
        fc.nat(500),
        (sizes, from, length) => {
          const map = new VolumeMap(sizes.map((size, index) => ({ file: String(index), size })));
          const bytes = sizes.flatMap((size, index) =>
            Array.from({ length: size }, (_, at) => `${index} ${at}`),
          );
          const found = map
            .extents(from, length)
            .flatMap((extent) =>
              Array.from({ length: extent.length }, (_, at) => `${extent.file} ${extent.position + at}`),
            );
          expect(found).toEqual(bytes.slice(from, from + length));
        },
      ),
    );
  });
});

describe('a reader of volumes', () => {
  it('gives any range as the whole would, whatever the size of the volumes', async () => {
    await fc.assert(
      fc.asyncProperty(split, fc.nat(5100), fc.nat(5100), async ({ total, size }, from, length) => {
        using folder = temporaryFolder();
        const bytes = BYTES.subarray(0, total);
        const set = await findVolumes(volumesIn(folder.path, bytes, size));
        await using reader = openVolumeReader(set.volumes);
        expect(reader.size).toBe(total);
        const expected = bytes.subarray(from, from + length);
        expect(Buffer.from(await reader.read(from, length)).equals(expected)).toBe(true);
        expect((await collect(reader.stream(from, length))).equals(expected)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('has more volumes than it keeps open, and reads them from many places at once', async () => {
    using folder = temporaryFolder();
    const { volumes } = await findVolumes(volumesIn(folder.path, BYTES, 20));
    expect(volumes).toHaveLength(250);
    await using reader = openVolumeReader(volumes);
    const whole = await Promise.all(Array.from({ length: 20 }, () => collect(reader.stream(0, 5000))));
    expect(whole.every((bytes) => bytes.equals(BYTES))).toBe(true);
  });

  it('ends early where a volume is shorter than it was', async () => {
    using folder = temporaryFolder();
    const base = volumesIn(folder.path, BYTES, 1000);
    const { volumes } = await findVolumes(base);
    truncateSync(volumeName(base, 3), 10);
    await using reader = openVolumeReader(volumes);
    expect((await collect(reader.stream(500, 4000))).equals(BYTES.subarray(500, 2010))).toBe(true);
    expect((await reader.read(500, 4000)).length).toBe(1510);
  });

  it('says which volume it cannot read, and reads it when it is there again', async () => {
    using folder = temporaryFolder();
    const base = volumesIn(folder.path, BYTES, 1000);
    const { volumes } = await findVolumes(base);
    rmSync(volumeName(base, 2));
    await using reader = openVolumeReader(volumes);
    await expect(reader.read(1500, 1)).rejects.toThrow('lab.tar.002": there is no such file');
    volumesIn(folder.path, BYTES, 1000);
    expect(await reader.read(1500, 1)).toEqual(BYTES.subarray(1500, 1501));
  });

  it('stops when it is interrupted', async () => {
    using folder = temporaryFolder();
    const { volumes } = await findVolumes(volumesIn(folder.path, BYTES, 1000));
    await using reader = openVolumeReader(volumes);
    const reading = collect(reader.stream(0, 5000, { signal: AbortSignal.abort() }));
    await expect(reading).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});

describe('a writer of volumes', () => {
  it('makes the volumes of the whole out of pieces in any order', async () => {
    await fc.assert(
      fc.asyncProperty(
        split,
        fc.array(fc.nat(5000), { maxLength: 8 }),
        fc.boolean(),
        async ({ total, size }, marks, reserve) => {
          using folder = temporaryFolder();
          const bytes = BYTES.subarray(0, total);
          const volumes = cutVolumes(join(folder.path, 'x'), total, size);
          const ends = [0, ...marks.filter((mark) => mark < total).sort((a, b) => a - b), total];
          const pieces = ends.slice(1).map((end, index) => ({ from: ends[index] ?? 0, end }));
          {
            await using writer = await openVolumeWriter(volumes, { reserve });
            for (const { from, end } of pieces.toReversed()) {
              const middle = Math.floor((from + end) / 2);
              await writer.write([bytes.subarray(from, middle), bytes.subarray(middle, end)], from);
            }
            await writer.sync();
          }
          const joined = Buffer.concat(volumes.map(({ file }) => readFileSync(file)));
          expect(joined.equals(bytes)).toBe(true);
          expect(readdirSync(folder.path)).toHaveLength(volumes.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps few of many files open, and what it wrote to the others is there', async () => {
    using folder = temporaryFolder();
    const volumes = cutVolumes(join(folder.path, 'x'), 5000, 10);
    await using writer = await openVolumeWriter(volumes, { reserve: false });
    await Promise.all(
      volumes.map(async (_, index) => {
        await writer.write([BYTES.subarray(index * 10, index * 10 + 10)], index * 10);
      }),
    );
    await writer.sync();
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(200);
    expect(Buffer.concat(volumes.map(({ file }) => readFileSync(file))).equals(BYTES)).toBe(true);
  });

  it('does not follow a link in the place of a volume', async () => {
    using folder = temporaryFolder();
    const [target, link] = [join(folder.path, 'target'), join(folder.path, 'x.001')];
    writeFileSync(target, 'precious');
    symlinkSync(target, link);
    await using writer = await openVolumeWriter([{ file: link, size: 10 }], { reserve: false });
    await expect(writer.write([Buffer.from('x')], 0)).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
    });
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });
});

describe('finding volumes', () => {
  it('names each that is missing, all at once', async () => {
    using folder = temporaryFolder();
    const base = volumesIn(folder.path, BYTES, 1000);
    rmSync(volumeName(base, 2));
    rmSync(volumeName(base, 4));
    await expect(findVolumes(base)).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
      problems: [
        { message: 'Cannot use volume "lab.tar.002": it is missing' },
        { message: 'Cannot use volume "lab.tar.004": it is missing' },
      ],
    });
  });

  it('names a first one that is missing', async () => {
    using folder = temporaryFolder();
    const base = volumesIn(folder.path, BYTES, 1000);
    rmSync(volumeName(base, 1));
    await expect(findVolumes(base)).rejects.toThrow('"lab.tar.001": it is missing');
  });

  it('says that there is none at all', async () => {
    using folder = temporaryFolder();
    for (const base of [join(folder.path, 'lab.tar'), join(folder.path, 'none', 'lab.tar')]) {
      await expect(findVolumes(base)).rejects.toMatchObject({ code: 'ERR_BUNDLE_NOT_FOUND' });
    }
  });

  it('takes no volume of another name for its own', async () => {
    using folder = temporaryFolder();
    const base = volumesIn(folder.path, BYTES, 1000);
    for (const name of ['lab.tar.0006', 'lab.tar.6', 'lab.tar2.006', 'xlab.tar.006', 'lab.tar.sha256']) {
      writeFileSync(join(folder.path, name), 'x');
    }
    expect((await findVolumes(base)).volumes).toHaveLength(5);
  });

  it('knows by the sizes alone which cannot be right', async () => {
    using folder = temporaryFolder();
    const base = volumesIn(folder.path, BYTES, 1200);
    expect(faultsOfSizes(await findVolumes(base))).toEqual([]);
    truncateSync(volumeName(base, 2), 700);
    truncateSync(volumeName(base, 5), 0);
    expect(faultsOfSizes(await findVolumes(base)).map(({ message }) => message)).toEqual([
      'Cannot use volume "lab.tar.002": it has 700 bytes, and the others have 1200',
      'Cannot use volume "lab.tar.005": it has 0 bytes, and the others have 1200',
    ]);
  });
});
