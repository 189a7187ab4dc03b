import { execFileSync } from 'node:child_process';

import { temporaryFolder } from '../temporary.ts';

/** Why there can be no small disk here, or `undefined`: making one is a matter of root on Linux. */
export const NO_SMALL_DISK: string | undefined =
  process.platform === 'linux' && process.getuid?.() === 0
    ? undefined
    : 'skipped: mounting a disk needs root on Linux';

/** Mounts a filesystem of `bytes` in memory, at `path`, until it is disposed of. */
export function mountSmallDisk(bytes: number): Disposable & { readonly path: string } {
  const folder = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder.path]);
  return {
    path: folder.path,
    [Symbol.dispose]: () => {
      execFileSync('umount', [folder.path]);
      folder[Symbol.dispose]();
    },
  };
}

/** Makes a mounted small disk read-only, or writable again. */
export function setReadOnly(path: string, isReadOnly: boolean): void {
  execFileSync('mount', ['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, path]);
}
