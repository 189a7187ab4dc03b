import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from './measure.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Builds the shipped program into a folder with the layout of its package and returns its path, because `dist` may be in use. */
export async function buildShipped(folder: string): Promise<string> {
  const dist = join(folder, 'dist');
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  await measure(process.execPath, [join(ROOT, 'scripts', 'build.ts'), dist]);
  return join(dist, 'main.js');
}
