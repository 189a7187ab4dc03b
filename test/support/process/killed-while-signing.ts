import { promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { NOBODY } from '../surroundings.ts';

/**
 * A program that signs its first argument with the key of its second, and kills itself with -9 in place of one call that
 * changes the disk, once as many as its third says have been done.
 */
export const KILLED_WHILE_SIGNING: string = import.meta.filename;

if (import.meta.main) {
  const [, , path = '', key = '', survived = ''] = process.argv;
  let left = Number(survived);
  const orDie = (): void => {
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    left -= 1;
  };
  await using sample = await promises.open(key, 'r');
  const prototype: Record<string, unknown> = Object.getPrototypeOf(sample);
  for (const name of ['writev', 'datasync', 'sync']) wrap(prototype, name, orDie);
  wrap(promises, 'rename', orDie);
  wrap(promises, 'rm', orDie);
  syncBuiltinESMExports();
  const { signBundle } = await import('../../../src/verbs/signing/sign.ts');
  await signBundle({ path, key }, NOBODY);
}

function wrap(holder: object, name: string, before: () => void): void {
  const honest: unknown = Reflect.get(holder, name);
  if (typeof honest !== 'function') throw new TypeError(`there is no ${name}`);
  Reflect.set(holder, name, function call(this: unknown, ...args: readonly unknown[]): unknown {
    before();
    return Reflect.apply(honest, this, args);
  });
}
