import { setTimeout as pause } from 'node:timers/promises';
import { basedBundle } from '../../../src/bundle/check/based-bundle.ts';
import { bundleBase } from '../../../src/bundle/check/base.ts';
import { checkWithBases } from '../../../src/bundle/check/check.ts';
import { openBundle } from '../../../src/bundle/open.ts';
import { rightContents } from '../../../src/bundle/repair/contents.ts';
import { damageOf } from '../../../src/bundle/repair/damage.ts';
import { repairArchive } from '../../../src/bundle/repair/archive.ts';
import { layoutIn } from '../../../src/bundle/shape.ts';

/** Path of this program. */
export const SLOW_REPAIR: string = import.meta.filename;

// As a program of its own: repairs argv[2] with argv[3] and stalls in the middle of the writing, to be killed there.
if (import.meta.main) await repairHalf(process.argv[2] ?? '', process.argv[3] ?? '');

async function repairHalf(path: string, patch: string): Promise<void> {
  const bundle = await openBundle(path, { damaged: true });
  const base = await openBundle(patch);
  const checked = await checkWithBases(bundle, { bases: [bundleBase(base)] });
  const whole = basedBundle(bundle, checked.supply.sources);
  const right = await rightContents(whole, damageOf(bundle, checked));
  const { reader } = bundle.archive;
  if (reader === undefined) throw new Error('expected a bundle in one piece');
  await repairArchive(whole, layoutIn('tar', bundle.contents), {
    reader,
    onBytes: () => undefined,
    right: {
      ...right,
      async *open(name, options) {
        let count = 0;
        for await (const chunk of right.open(name, options)) {
          yield chunk;
          count += chunk.length;
          if (count < 2_000_000) continue;
          process.stdout.write('half\n');
          await pause(3_600_000);
        }
      },
    },
  });
}
