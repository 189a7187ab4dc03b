import { basename, dirname, resolve } from 'node:path';
import { readTextFile } from '../disk/read-text.ts';
import { isSaddlebagError, type SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { formatCount } from '../internal/format.ts';
import { isRecord } from '../internal/json.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { readIncludes } from './include/read.ts';
import { FORMATS } from './neighbours/formats.ts';
import { type DecodedSpec, decodeSpec, requireContent } from './parse-spec.ts';
import type { PartFiles, SpecPart } from './part.ts';
import { type Environment, expandCredentials } from './registries/expand-credentials.ts';
import { readRegistries } from './registries/read.ts';
import { resolveCertificates } from './registries/resolve-certificates.ts';
import type { Registries } from './registries/schema.ts';
import { type Spec, specSchema } from './schema.ts';
import { formatPlace } from './yaml/place.ts';
import { parseYamlText, parseYamlTexts } from './yaml/text.ts';

/** A spec with all the local files that it names. */
export interface LoadedSpec<Loaded> {
  readonly spec: Spec & Readonly<Record<string, unknown>>;
  /** What each part returned, in the order of the parts. */
  readonly parts: readonly Loaded[];
  /** With credentials filled in, so it must not go into any file or message. */
  readonly registries: Registries;
}

interface ReadOptions extends WaitOptions {
  readonly env: Environment;
  /** A registries file that replaces the spec's own settings. */
  readonly registriesFile?: string | undefined;
  /** Receives what K3s would read differently in a registries file, and what is worth knowing about an included one. */
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/**
 * Reads a spec file that has these parts, the files that it includes and names, and its registries. Paths in the spec are relative to its
 * folder.
 *
 * @throws `ERR_SPEC_UNREADABLE`, `ERR_SPEC_INVALID`, `ERR_LIST_INVALID`, `ERR_REGISTRIES_INVALID`,
 * `ERR_CREDENTIALS_INVALID`, with every problem of every file
 */
export async function readSpec<Loaded>(
  path: string,
  parts: readonly SpecPart<Loaded>[],
  options: ReadOptions,
): Promise<LoadedSpec<Loaded>> {
  const text = await readTextFile(
    path,
    {
      what: 'spec',
      code: 'ERR_SPEC_UNREADABLE',
      hint: 'Give the path of a spec file, for example: bundle build lab.yaml -o lab.tar',
    },
    options,
  );
  const { decoded } = await decodeWhole(text, path, { parts, options });
  const files: PartFiles = {
    signal: options.signal,
    pathOf: (written) => resolve(dirname(path), written),
    placeOf: (at) => formatPlace(decoded.placeOf(at)),
  };
  const problems: SaddlebagError[] = [];
  const loaded: Loaded[] = [];
  for (const part of parts) {
    const found = await orProblems(part.load(decoded.value, files), problems);
    if (found !== undefined) loaded.push(found);
  }
  const registries = await orProblems(loadRegistries(decoded, path, options), problems);
  if (problems.length > 0 || registries === undefined)
    throw together(`Cannot read what spec ${JSON.stringify(path)} names`, problems);
  return { spec: decoded.value, parts: loaded, registries };
}

/** Returns whether a text is a spec, or a file of another program that a spec can include. */
export function isIncludable(text: string, path: string): boolean {
  return parseYamlTexts(text, path).some(
    ({ value }) =>
      isRecord(value) &&
      (Object.hasOwn(value, 'bundle') || FORMATS.some((format) => format.recognizes(value))),
  );
}

/**
 * Returns what a file says in the words of a spec called `name`, as it would be written: a file of another program, or a spec
 * joined with all that it includes. Paths become relative to the folder that the program runs in.
 *
 * @throws `ERR_SPEC_UNREADABLE`, `ERR_SPEC_INVALID`, with every problem
 */
export async function readAsSpec(
  path: string,
  name: string,
  { parts, options }: { readonly parts: readonly SpecPart[]; readonly options: ReadOptions },
): Promise<Readonly<Record<string, unknown>>> {
  const kind = { what: 'file', code: 'ERR_SPEC_UNREADABLE' } as const;
  await readTextFile(
    path,
    { ...kind, hint: 'Give the path of a spec, or of a file of another program.' },
    options,
  );
  const around = JSON.stringify({ bundle: 1, name, include: [path] });
  const { written } = await decodeWhole(around, `made of ${basename(path)}`, { parts, options });
  const { bundle: _bundle, name: _name, ...content } = isRecord(written) ? written : {};
  return { bundle: 1, name, ...content };
}

/** Decodes a spec joined with all that it includes. */
async function decodeWhole(
  text: string,
  path: string,
  { parts, options }: { readonly parts: readonly SpecPart[]; readonly options: ReadOptions },
): Promise<{ readonly decoded: DecodedSpec; readonly written: unknown }> {
  const { signal, onFinding } = options;
  const schema = specSchema(parts);
  const { yaml, problems: included } = await readIncludes(parseYamlText(text, path), {
    file: path,
    schema,
    formats: FORMATS,
    signal,
    onFinding,
  });
  const problems = [...included];
  const decoded = await orProblems((async () => decodeSpec(yaml, path, parts))(), problems);
  if (problems.length > 0 || decoded === undefined)
    throw together(`Cannot read spec ${JSON.stringify(path)}`, problems);
  requireContent(decoded, path, parts);
  return { decoded, written: yaml.value };
}

async function loadRegistries(
  { value: { registries }, placeOf }: DecodedSpec,
  specPath: string,
  options: ReadOptions,
): Promise<Registries> {
  const folder = dirname(specPath);
  if (options.registriesFile !== undefined) return await readRegistries(options.registriesFile, options);
  if (registries === undefined) return {};
  if (typeof registries === 'string') return await readRegistries(resolve(folder, registries), options);
  const expanded = expandCredentials(registries, {
    env: options.env,
    placeOf: (path) => placeOf(['registries', ...path]),
  });
  return resolveCertificates(expanded, folder);
}

/** Lets the other files be read before the whole fails. Rethrows anything that is no mistake in a file. */
async function orProblems<T>(loading: Promise<T>, problems: SaddlebagError[]): Promise<T | undefined> {
  try {
    return await loading;
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    if (error instanceof ProblemsError) problems.push(...error.problems);
    else problems.push(error);
    return undefined;
  }
}

function together(attempt: string, problems: readonly SaddlebagError[]): ProblemsError {
  const [first] = problems;
  const same = problems.every((problem) => problem.code === first?.code);
  return new ProblemsError(
    same && first !== undefined ? first.code : 'ERR_SPEC_INVALID',
    `${attempt}: ${formatCount(problems.length, 'problem')}`,
    { problems },
  );
}
