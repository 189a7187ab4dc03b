import { factOf, isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { REQUESTS_AT_ONCE } from '../../internal/http/host.ts';
import { compareText } from '../../internal/order.ts';
import { collectProblems } from '../../internal/problems.ts';
import type { Registry, WaitOptions } from '../roles.ts';

/**
 * Makes sure that pushes to these repositories would be accepted, leaving nothing behind. A registry has one reason for many
 * repositories more often than not: it is said once.
 *
 * @throws in the registry's own words; `ERR_TARGET_REFUSED` with a problem per answer
 */
export async function probeAll(
  registry: Registry,
  repositories: readonly string[],
  options: WaitOptions,
): Promise<void> {
  const refused = new Map<string, { readonly error: SaddlebagError; readonly names: string[] }>();
  await mapConcurrently(repositories, REQUESTS_AT_ONCE, async (name) => {
    const error = await refusalOf(registry, name, options);
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

async function refusalOf(
  registry: Registry,
  name: string,
  { signal }: WaitOptions,
): Promise<SaddlebagError | undefined> {
  try {
    await registry.repository(name).probe?.({ signal });
    return undefined;
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return error;
  }
}
