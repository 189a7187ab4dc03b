import { promises, readdirSync, renameSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { processMark } from '../../../src/disk/sharing/process-mark.ts';
import { deadMark } from '../process/marks.ts';
import { NAME_CHANGES } from './name-changes.ts';

/** A process that dies at a certain change of the disk. Disposing of it brings it back to life. */
export interface DyingProcess extends Disposable {
  /** Counts a change, and throws when the process is dead by then. */
  readonly change: () => void;
}

/**
 * Lets the program make so many changes to names on the disk, and none after that: whatever it does then to tidy up, the disk
 * stays as `kill -9` would have left it.
 */
export function dieAfter(changes: number): DyingProcess {
  let left = changes;
  const restore: (() => void)[] = [];
  const change = (): void => {
    if (left <= 0) throw new Error('this process is dead');
    left -= 1;
  };
  for (const name of NAME_CHANGES) {
    const honest: unknown = promises[name];
    if (typeof honest !== 'function') throw new TypeError(`there is no "${name}"`);
    const dying = async (...args: readonly unknown[]): Promise<unknown> => {
      if (name !== 'open' || /[wx+]/.test(String(args[1]))) change();
      return await Reflect.apply(honest, promises, args);
    };
    Reflect.set(promises, name, dying);
    restore.push(() => Reflect.set(promises, name, honest));
  }
  syncBuiltinESMExports();
  return {
    change,
    [Symbol.dispose]: () => {
      for (const undo of restore) undo();
      syncBuiltinESMExports();
    },
  };
}

/** Makes what this process left under a folder look like that of one that has died. */
export function bury(folder: string): void {
  const [own, dead] = [processMark(), deadMark()];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.name.includes(own)) continue;
    renameSync(join(entry.parentPath, entry.name), join(entry.parentPath, entry.name.replace(own, dead)));
  }
}
