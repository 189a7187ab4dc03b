import { promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Shape } from '../../../src/bundle/shape.ts';
import { sampleSource } from '../planned/items.ts';
import { SLOW_PLAN, SLOW_SAMPLES } from './slow-build.ts';

/**
 * A program that builds its first argument in the shape of its second (JSON) and kills itself with -9 instead of renaming
 * anything but its journal, once as many renames as its third says have been done.
 */
export const KILLED_WHILE_NAMING: string = import.meta.filename;

if (import.meta.main) {
  const [, , path = '', shapeText = '', survived = ''] = process.argv;
  const shape: Shape = JSON.parse(shapeText);
  const honest = promises.rename;
  let left = Number(survived);
  promises.rename = async (from, to) => {
    if (String(to).endsWith('.journal')) return await honest(from, to);
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    left -= 1;
    return await honest(from, to);
  };
  syncBuiltinESMExports();
  const { writeBundle } = await import('../../../src/bundle/write/write.ts');
  await writeBundle(SLOW_PLAN, sampleSource(SLOW_SAMPLES), { path, shape });
}
