import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Surroundings } from '../../../src/steps/surroundings.ts';
import { sampleBundle } from '../samples/sample-bundle.ts';
import { temporaryFolder } from '../temporary.ts';

/** A stick with a bundle, a program that was built, and a user. */
export interface KitScene {
  readonly stick: string;
  readonly home: string;
  readonly surroundings: Surroundings;
}

/** Returns a scene whose program is a few files that nobody runs. */
export function kitScene(): KitScene {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const [stick, home, program] = ['stick', 'home', 'dist'].map((name) => join(folder.path, name));
  if (stick === undefined || home === undefined || program === undefined) throw new Error('no folders');
  for (const path of [stick, home, join(program, 'parts')]) mkdirSync(path, { recursive: true });
  for (const name of [
    'main.js',
    'program.mjs',
    'start.mjs',
    'parts/verify.mjs',
    'LICENSE',
    'licences.txt',
    'index.mjs',
  ])
    writeFileSync(join(program, name), `// ${name}\n`);
  writeFileSync(join(stick, 'lab.tar'), sampleBundle().tar);
  return {
    stick,
    home,
    surroundings: { env: { HOME: home }, home, host: { platform: 'linux', arch: 'x64' }, program },
  };
}

/** Returns the paths of all files below a folder, sorted. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}
