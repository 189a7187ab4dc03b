import { promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Call = (...args: readonly unknown[]) => Promise<unknown>;

/**
 * Has a function of `node:fs/promises` do something else, for the whole program, until it is disposed of. `honest` is what it
 * would have done.
 */
export function replaceCall(
  name:
    | 'access'
    | 'link'
    | 'lstat'
    | 'open'
    | 'readdir'
    | 'rename'
    | 'rm'
    | 'statfs'
    | 'symlink'
    | 'writeFile',
  instead: (args: readonly unknown[], honest: () => Promise<unknown>) => Promise<unknown>,
): Disposable {
  const before: unknown = promises[name];
  if (typeof before !== 'function') throw new TypeError(`there is no "${name}"`);
  const call: Call = (...args) => instead(args, () => Reflect.apply(before, promises, args));
  Reflect.set(promises, name, call);
  syncBuiltinESMExports();
  return {
    [Symbol.dispose]: () => {
      Reflect.set(promises, name, before);
      syncBuiltinESMExports();
    },
  };
}

/** Returns an error as the system gives it. */
export function systemFailure(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code });
}
