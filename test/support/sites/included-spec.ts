import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Finding } from '../../../src/internal/finding.ts';
import { isRecord } from '../../../src/internal/json.ts';
import { SOURCES } from '../../../src/sources/sources.ts';
import type { SpecPart } from '../../../src/spec/part.ts';
import { readSpec } from '../../../src/spec/read-spec.ts';
import { failureOf, problemsIn } from '../failure.ts';
import { temporaryFolder } from '../temporary.ts';

/** The keys of every source, none of which reads a file. */
const PARTS: readonly SpecPart<undefined>[] = SOURCES.map(({ keys, content, upstreams, sections }) => ({
  keys,
  content,
  upstreams,
  sections,
  load: async () => undefined,
}));

/** Files by their path; the spec is the one that is called `lab.yaml`. */
export type SpecFiles = Readonly<Record<string, string>>;

/** Returns what a spec says with all that it includes, without what it says of itself and what is left to defaults. */
export async function joinedSpec(
  files: SpecFiles,
  onFinding?: (finding: Finding) => void,
): Promise<Readonly<Record<string, unknown>>> {
  return await inFolder(files, async (path) => {
    const { spec } = await readSpec(path, PARTS, { env: {}, onFinding });
    const { bundle: _bundle, name: _name, upstreams: _upstreams, ...rest } = spec;
    return Object.fromEntries(
      Object.entries(rest).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
    );
  });
}

/** Returns the problems of a spec with all that it includes, without the folder in them. */
export async function problemsOfSpec(files: SpecFiles): Promise<readonly string[]> {
  return await inFolder(files, async (path) => {
    const error = await failureOf(async () => await readSpec(path, PARTS, { env: {} }));
    const found = problemsIn(error);
    return found.map((problem) => problem.replaceAll(`${dirname(path)}/`, ''));
  });
}

/** Returns a mapping without the defaults that a schema fills in. */
export function given(value: unknown, ...keys: readonly string[]): unknown {
  const all = isRecord(value) ? value : {};
  return Object.fromEntries(keys.map((key) => [key, all[key]]));
}

async function inFolder<T>(files: SpecFiles, use: (path: string) => Promise<T>): Promise<T> {
  using folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return await use(join(folder.path, 'lab.yaml'));
}
