import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { sampleSource } from '../../support/planned/items.ts';
import {
  SHAPE_PLAN,
  SHAPE_SAMPLES,
  SHAPES,
  snapshot,
  writeShape,
} from '../../support/samples/shape-samples.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../../support/peers/small-disk.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { NOBODY } from '../../support/surroundings.ts';

const MIB = 1024 * 1024;

describe.skipIf(NO_SMALL_DISK !== undefined).each(SHAPES)(
  `a disk that is too small (${NO_SMALL_DISK ?? 'tmpfs'}) for %s as %j`,
  (name, shape) => {
    it('is noticed before anything is fetched', async () => {
      using disk = mountSmallDisk(4 * MIB);
      const source = sampleSource(SHAPE_SAMPLES);
      await expect(
        writeBundle(SHAPE_PLAN, source, { path: join(disk.path, name), shape }),
      ).rejects.toMatchObject({
        code: 'ERR_DISK_FULL',
        message: expect.stringMatching(/it needs [67]\.\d MiB more, and 4\.0 MiB are free$/),
      });
      expect(source.opened).toEqual([]);
      expect(readdirSync(disk.path)).toEqual([]);
    });

    it('keeps what it could hold when it fills up in the middle, and continues when there is space', async () => {
      using disk = mountSmallDisk(9 * MIB);
      const [path, other] = [join(disk.path, name), join(disk.path, 'other')];
      const greedy = sampleSource(SHAPE_SAMPLES, {
        instead: () => {
          // Something else takes the space that was there when the build began.
          writeFileSync(other, Buffer.alloc(5 * MIB));
          return undefined;
        },
      });
      await expect(writeBundle(SHAPE_PLAN, greedy, { path, shape })).rejects.toMatchObject({
        code: 'ERR_DISK_FULL',
        hint: expect.stringContaining('continues'),
      });
      expect(readdirSync(disk.path)).toContain(`${name}.partial`);
      rmSync(other);
      const result = await writeBundle(SHAPE_PLAN, sampleSource(SHAPE_SAMPLES), { path, shape });
      expect(result.reusedBytes).toBeGreaterThan(MIB);
      expect(await verifyBundle({ path: result.path }, NOBODY)).toMatchObject({ ok: true });
      using folder = temporaryFolder();
      await writeShape(folder.path, [name, shape]);
      expect(snapshot(disk.path)).toEqual(snapshot(folder.path));
    });
  },
);
