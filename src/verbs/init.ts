import { basename } from 'node:path';
import { stringify } from 'yaml';
import { SOURCES } from '../sources/sources.ts';
import { readAsSpec } from '../spec/read-spec.ts';
import type { ByteStream } from '../internal/bytes.ts';
import { namedImages, namingSource } from '../steps/check/check.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** What to make a spec of. */
export interface InitWish {
  /** A file of another program, a spec, or a file that names images, such as a list of pods; `-` is `stdin`. */
  readonly from: string;
  readonly stdin?: ByteStream | undefined;
}

/** A spec to start from. */
export interface SpecText {
  /** The spec, as YAML. */
  readonly text: string;
}

/**
 * Returns a spec that asks for what a file of another program asks for, for what a spec asks for with all that it includes, or for the images
 * that a list of pods, manifests or an image list name.
 * Paths in it start at the folder that the program runs in.
 *
 * @throws what `readAsSpec`, `namingSource` and `namedImages` throw
 */
export async function specFrom(
  { from, stdin }: InitWish,
  surroundings: Surroundings,
  { signal, onFinding }: Ears = {},
): Promise<SpecText> {
  // Not among the parameters: the types that ship do not know it.
  const { env, systems: { sources = SOURCES } = {} } = surroundings;
  const options = { env, signal, onFinding };
  const naming = await namingSource(from, { stdin, signal });
  if (naming !== undefined) {
    const content = await namedImages(naming, { signal, onFinding });
    return { text: `${headOf(naming.name)}bundle: 1\nname: ${nameOf(from)}\n\n${content}` };
  }
  const written = await readAsSpec(from, nameOf(from), { parts: sources, options });
  return {
    text: `${headOf(from)}${stringify(written, { lineWidth: 0, aliasDuplicateObjects: false })}`,
  };
}

function headOf(from: string): string {
  return `# yaml-language-server: $schema=./spec.schema.json
# What ${JSON.stringify(from)} asks for. "bundle help spec" has every key.
`;
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
