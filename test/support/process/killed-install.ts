import { promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { InstallWish } from '../../../src/verbs/install.ts';
import { NAME_CHANGES } from '../disk/name-changes.ts';

/** What a process that is to die is told, as JSON in its first argument. */
export interface KilledInstall {
  readonly wish: InstallWish;
  readonly home: string;
  /** Changes of the disk that are made before it kills itself. */
  readonly survived: number;
}

/**
 * A program that installs and kills itself with -9 instead of the next change to the names on the disk, once as many changes
 * as it was told have been made. It says `done` when it was not killed.
 */
export const KILLED_INSTALL: string = import.meta.filename;

if (import.meta.main) {
  const { wish, home, survived }: KilledInstall = JSON.parse(process.argv[2] ?? '');
  let left = survived;
  const count = (): void => {
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    left -= 1;
  };
  for (const name of NAME_CHANGES) {
    const honest: unknown = promises[name];
    const counted = async (...args: readonly unknown[]): Promise<unknown> => {
      if (name !== 'open' || /[wx+]/.test(String(args[1]))) count();
      if (typeof honest !== 'function') throw new TypeError(name);
      return await Reflect.apply(honest, promises, args);
    };
    Reflect.set(promises, name, counted);
  }
  syncBuiltinESMExports();
  const { installBundle } = await import('../../../src/verbs/install.ts');
  await installBundle(wish, { env: {}, home, host: { platform: 'linux', arch: 'x64' } });
  process.stdout.write('done');
}
