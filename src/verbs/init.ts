import { basename } from 'node:path';
import { stringify } from 'yaml';
import { SOURCES } from '../sources/sources.ts';
import { readAsSpec } from '../spec/read-spec.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** What to make a spec of. */
export interface InitWish {
  /** A file of another program, or a spec. */
  readonly from: string;
}

/** A spec to start from. */
export interface SpecText {
  /** The spec, as YAML. */
  readonly text: string;
}

/**
 * Returns a spec that asks for what a file of another program asks for, or for what a spec asks for with all that it includes.
 * Paths in it start at the folder that the program runs in.
 *
 * @throws what `readAsSpec` throws
 */
export async function specFrom(
  { from }: InitWish,
  surroundings: Surroundings,
  { signal, onFinding }: Ears = {},
): Promise<SpecText> {
  // Not among the parameters: the types that ship do not know it.
  const { env, systems: { sources = SOURCES } = {} } = surroundings;
  const options = { env, signal, onFinding };
  const written = await readAsSpec(from, nameOf(from), { parts: sources, options });
  const head = [
    '# yaml-language-server: $schema=./spec.schema.json',
    `# What ${JSON.stringify(from)} asks for. "bundle help spec" has every key.`,
  ];
  return {
    text: `${head.join('\n')}\n${stringify(written, { lineWidth: 0, aliasDuplicateObjects: false })}`,
  };
}

/** A spec is called as the file, as far as its letters allow. */
function nameOf(path: string): string {
  const words = basename(path)
    .toLowerCase()
    .replace(/\.[a-z]+$/, '')
    .split(/[^a-z0-9]+/);
  const name = words.filter((word) => word !== '').join('-');
  return name === '' ? 'lab' : name.slice(0, 128).replace(/-$/, '');
}
