import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shape } from '../../../src/bundle/shape.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import { sampleSource } from '../planned/items.ts';
import { SHAPE_PLAN, SHAPE_SAMPLES } from '../samples/shape-samples.ts';
import { temporaryFolder } from '../temporary.ts';

/** A bundle with its parity file in a folder of their own, and what the files held when they were written. */
export interface ParityStick extends Disposable {
  readonly folder: string;
  /** A folder beside, for what is not on the stick. */
  readonly aside: string;
  /** The path to open the bundle by. */
  readonly path: string;
  readonly parity: string;
  /** The files of the bundle, but not the parity file, in order. */
  readonly files: readonly string[];
  readonly contents: ReadonlyMap<string, Buffer>;
}

/** Writes the samples of the shapes with a parity file. */
export async function parityStick(
  options: { readonly name?: string; readonly shape?: Shape; readonly percent?: number } = {},
): Promise<ParityStick> {
  const { name = 'lab.tar', shape = { form: 'tar' }, percent = 5 } = options;
  const temporary = temporaryFolder();
  const [folder, aside] = [join(temporary.path, 'stick'), join(temporary.path, 'aside')];
  mkdirSync(folder);
  mkdirSync(aside);
  const out = join(folder, name);
  const { path } = await writeBundle(SHAPE_PLAN, sampleSource(SHAPE_SAMPLES), {
    path: out,
    shape,
    parity: percent,
  });
  const names = readdirSync(folder).sort();
  return {
    folder,
    aside,
    path,
    parity: `${out}.par`,
    files: names
      .filter((file) => !file.endsWith('.par') && !file.endsWith('.sha256'))
      .map((file) => join(folder, file)),
    contents: contentsOf(folder),
    [Symbol.dispose]: () => temporary[Symbol.dispose](),
  };
}

/** Returns what the files of a folder hold, by name. */
export function contentsOf(folder: string): ReadonlyMap<string, Buffer> {
  return new Map(
    readdirSync(folder)
      .sort()
      .map((file) => [file, readFileSync(join(folder, file))]),
  );
}
