import { factOf, isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { REQUESTS_AT_ONCE } from '../../internal/http/host.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { compareText } from '../../internal/order.ts';
import { collectProblems } from '../../internal/problems.ts';
import type { Registry, Spaces, WaitOptions } from '../../oci/roles.ts';

export interface PrepareOptions extends WaitOptions {
  /** Does not create projects. */
  readonly keepSpaces?: boolean | undefined;
}

/**
 * Makes sure, before the first byte is sent, that a registry accepts these repositories: projects it requires are
 * created; on any other registry, an upload is started in each repository.
 *
 * @throws `ERR_TARGET_REFUSED` naming everything that is missing; the errors of the requests, one problem per answer
 */
export async function prepareRegistry(
  registry: Registry,
  repositories: readonly string[],
  options: PrepareOptions = {},
): Promise<void> {
  if (repositories.length === 0) return;
  const distinct = [...new Set(repositories)].sort(compareText);
  const spaces = await registry.spaces?.({ signal: options.signal });
  if (spaces === undefined) await probeAll(registry, distinct, options);
  else await provide(registry, { spaces, repositories: distinct }, options);
}

/** What the user must create by hand, and why it could not be created. */
interface Lacking {
  readonly name: string;
  readonly cause?: SaddlebagError | undefined;
}

async function provide(
  registry: Registry,
  { spaces, repositories }: { readonly spaces: Spaces; readonly repositories: readonly string[] },
  options: PrepareOptions,
): Promise<void> {
  const examples = new Map(repositories.map((repository) => [spaces.nameOf(repository), repository]));
  const states = await mapConcurrently(examples, REQUESTS_AT_ONCE, async ([name, example]) => ({
    name,
    example,
    isThere: await spaces.has(name, options),
  }));
  // A project may be there and take nothing: one that is a proxy cache, or where this user may only pull.
  const there = states.filter(({ isThere }) => isThere === true).map(({ example }) => example);
  await probeAll(registry, there, options);
  const others = states.filter(({ isThere }) => isThere !== true);
  const lacking = await mapConcurrently(others, REQUESTS_AT_ONCE, async ({ name, example, isThere }) => {
    const failure = options.keepSpaces === true ? undefined : await attempt(() => spaces.make(name, options));
    if (options.keepSpaces !== true && failure === undefined) return undefined;
    // Who may not ask for a project may be allowed to push to it: its robots are.
    const probe = async (): Promise<void> => await registry.repository(example).probe?.(options);
    if (isThere === undefined && (await attempt(probe)) === undefined) return undefined;
    return failure === undefined ? { name } : { name, cause: failure };
  });
  const missing = lacking.filter((each) => each !== undefined);
  if (missing.length > 0) throw missingSpaces(registry, spaces, missing);
}

async function attempt(task: () => Promise<void>): Promise<SaddlebagError | undefined> {
  try {
    await task();
    return undefined;
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return error;
  }
}

function missingSpaces({ host }: Registry, { term }: Spaces, missing: readonly Lacking[]): SaddlebagError {
  const names = missing.map(({ name }) => `"${name}"`).join(', ');
  const [cause] = missing.flatMap((each) => each.cause ?? []);
  const reason = cause === undefined ? '' : `, and they cannot be created: ${lowerFirst(cause.message)}`;
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot push to "${host}": ${formatCount(missing.length, term)} missing there (${names})${reason}`,
    {
      hint:
        cause === undefined
          ? `Create them there, or leave --create-projects=no out.`
          : `Have an administrator create them, or log in as a user who may.${cause.hint === undefined ? '' : ` ${cause.hint}`}`,
      cause,
    },
  );
}

/** A registry has one reason for many repositories more often than not: it is said once. */
async function probeAll(
  registry: Registry,
  repositories: readonly string[],
  options: PrepareOptions,
): Promise<void> {
  const refused = new Map<string, { readonly error: SaddlebagError; readonly names: string[] }>();
  await mapConcurrently(repositories, REQUESTS_AT_ONCE, async (name) => {
    const error = await attempt(async () => await registry.repository(name).probe?.(options));
    if (error === undefined) return;
    const key = factOf(error).replaceAll(name, '…');
    const known = refused.get(key) ?? { error, names: [] };
    known.names.push(name);
    refused.set(key, known);
  });
  const problems = [...refused.values()].map(({ error, names }) => {
    if (names.length === 1) return error;
    const others = `the same holds for ${names.slice(1).sort(compareText).join(', ')}`;
    return new SaddlebagError(error.code, `${error.message}; ${others}`, {
      hint: error.hint,
      cause: error,
    });
  });
  const [first] = problems;
  if (first !== undefined && problems.length === 1) throw first;
  await collectProblems(
    problems.map((problem) => Promise.reject<void>(problem)),
    {
      code: 'ERR_TARGET_REFUSED',
      message: () => `Cannot push to "${registry.host}": it refuses some of the images`,
    },
  );
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
