import { isSaddlebagError, SaddlebagError, systemCode } from '../../internal/error.ts';
import { type Lock, LOCK_LIMIT, type LockSection } from './lock.ts';
import { parseLock } from './parse.ts';
import { readTextFile } from '../../disk/read-text.ts';

/** Returns the default path of a spec's lock: next to it, `lab.yaml` → `lab.lock.json`. */
export function lockPathFor(specPath: string): string {
  return `${specPath.replace(/(?<=[^/\\])\.(?:ya?ml|json)$/i, '')}.lock.json`;
}

/**
 * Returns the lock at `path`, or `undefined` when there is none. `name` is that of the spec it must belong to.
 *
 * @throws `ERR_LOCK_INVALID`
 */
export async function readLock(
  path: string,
  options: {
    readonly name: string;
    readonly sections: readonly LockSection[];
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Lock | undefined> {
  const text = await textOf(path, options);
  if (text === undefined) return undefined;
  const lock = parseLock(text, path, options.sections);
  if (lock.name === options.name) return lock;
  throw new SaddlebagError(
    'ERR_LOCK_INVALID',
    `Cannot use lock ${JSON.stringify(path)}: it is for "${lock.name}", and the spec is for "${options.name}"`,
    { hint: 'Name another file with --lock, or delete this one and run: bundle lock SPEC' },
  );
}

async function textOf(
  path: string,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  try {
    return await readTextFile(path, { what: 'lock', code: 'ERR_LOCK_INVALID', limit: LOCK_LIMIT }, options);
  } catch (error) {
    const isMissing = isSaddlebagError(error, 'ERR_LOCK_INVALID') && systemCode(error.cause) === 'ENOENT';
    if (isMissing) return undefined;
    throw error;
  }
}
