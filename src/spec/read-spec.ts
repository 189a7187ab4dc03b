import { dirname, resolve } from 'node:path';
import type { Digest } from '../oci/digest.ts';
import { isSaddlebagError, type SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { formatCount } from '../internal/format.ts';
import { ProblemsError } from '../internal/problems.ts';
import { readChartFiles } from './parts/chart-file.ts';
import type { Decoded } from './yaml/decode.ts';
import { type Environment, expandCredentials } from './registries/expand-credentials.ts';
import { type ImageDigests, parseImageDigests } from './parts/image-digests.ts';
import { type ListedReference, parseImageList } from './parts/image-list.ts';
import { parseSpec } from './parse-spec.ts';
import { formatPlace } from './yaml/place.ts';
import { readRegistries } from './registries/read.ts';
import { resolveCertificates } from './registries/resolve-certificates.ts';
import type { Registries, Spec } from './schema.ts';
import { readTextFile } from '../disk/read-text.ts';

/** A spec with all that it points to on this machine. */
export interface LoadedSpec {
  readonly spec: Spec;
  /** The references of the image lists, in order, duplicates included. Those under `images` are in the spec itself. */
  readonly listed: readonly ListedReference[];
  /** What its lists of digests say. */
  readonly digests: ImageDigests;
  /** Its packed charts, by path as it is written. */
  readonly charts: ReadonlyMap<string, Uint8Array>;
  /** With credentials filled in: not for any file or message. */
  readonly registries: Registries;
}

/**
 * Reads a spec file, its image lists and its registries. Paths in the spec start at the folder the spec is in.
 *
 * @throws `ERR_SPEC_UNREADABLE`, `ERR_SPEC_INVALID`, `ERR_LIST_INVALID`, `ERR_REGISTRIES_INVALID`,
 * `ERR_CREDENTIALS_INVALID`, with every problem of every file
 */
export async function readSpec(
  path: string,
  options: {
    readonly env: Environment;
    /** A registries file to be used in place of what the spec says. */
    readonly registriesFile?: string | undefined;
    readonly signal?: AbortSignal | undefined;
    /** Told of what K3s would take otherwise in a registries file. */
    readonly onFinding?: ((finding: Finding) => void) | undefined;
  },
): Promise<LoadedSpec> {
  const text = await readTextFile(
    path,
    {
      what: 'spec',
      code: 'ERR_SPEC_UNREADABLE',
      hint: 'Give the path of a spec file, for example: bundle build lab.yaml -o lab.tar',
    },
    options,
  );
  const decoded = parseSpec(text, path);
  const spec = decoded.value;
  const problems: SaddlebagError[] = [];
  const listed: ListedReference[] = [];
  for (const [index, list] of spec.imageLists.entries()) {
    const loading = loadList({ decoded, specPath: path, list, index }, options);
    listed.push(...((await orProblems(loading, problems)) ?? []));
  }
  const digests = new Map<string, Digest>();
  for (const index of spec.imageDigests.keys()) {
    const loading = loadDigests({ decoded, specPath: path, index }, options);
    for (const [name, digest] of (await orProblems(loading, problems)) ?? []) digests.set(name, digest);
  }
  const charts = (await orProblems(readChartFiles(decoded, path, options), problems)) ?? new Map();
  const registries = await orProblems(loadRegistries(decoded, path, options), problems);
  if (problems.length > 0 || registries === undefined) throw together(path, problems);
  return { spec, listed, digests, charts, registries };
}

async function loadList(
  from: {
    readonly decoded: Decoded<Spec>;
    readonly specPath: string;
    readonly list: string;
    readonly index: number;
  },
  options: { readonly signal?: AbortSignal | undefined },
): Promise<readonly ListedReference[]> {
  const path = resolve(dirname(from.specPath), from.list);
  const place = formatPlace(from.decoded.placeOf(['imageLists', from.index]));
  const kind = { what: 'image list', code: 'ERR_LIST_INVALID', hint: `It is named at ${place}.` } as const;
  return parseImageList(await readTextFile(path, kind, options), from.list);
}

async function loadDigests(
  from: { readonly decoded: Decoded<Spec>; readonly specPath: string; readonly index: number },
  options: { readonly signal?: AbortSignal | undefined },
): Promise<ImageDigests> {
  const list = from.decoded.value.imageDigests[from.index] ?? '';
  const place = formatPlace(from.decoded.placeOf(['imageDigests', from.index]));
  const kind = {
    what: 'list of digests',
    code: 'ERR_LIST_INVALID',
    hint: `It is named at ${place}.`,
  } as const;
  return parseImageDigests(await readTextFile(resolve(dirname(from.specPath), list), kind, options), list);
}

async function loadRegistries(
  { value: { registries }, placeOf }: Decoded<Spec>,
  specPath: string,
  options: {
    readonly env: Environment;
    readonly registriesFile?: string | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly onFinding?: ((finding: Finding) => void) | undefined;
  },
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

/** Lets the other files be read too before the whole fails. Anything that is no mistake in a file is thrown on. */
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

function together(path: string, problems: readonly SaddlebagError[]): ProblemsError {
  const [first] = problems;
  const same = problems.every((problem) => problem.code === first?.code);
  return new ProblemsError(
    same && first !== undefined ? first.code : 'ERR_SPEC_INVALID',
    `Cannot read what spec ${JSON.stringify(path)} names: ${formatCount(problems.length, 'problem')}`,
    { problems },
  );
}
