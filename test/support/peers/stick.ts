import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestContext } from 'vitest';
import { peer, requirePeer } from './peers.ts';
import { NO_SMALL_DISK } from './small-disk.ts';
import { temporaryFolder } from '../temporary.ts';

/** A medium with the filesystem of a stick, on a file. */
export interface Stick extends Disposable {
  readonly path: string;
  /** Returns how much has been written to the medium so far (bytes). */
  written(): number;
  /** Mounts it again so that nothing can be written to it. */
  protect(): void;
}

/** Mounts a fresh medium of `bytes`; where this machine cannot do that, the test ends here as skipped. */
export function mountStick(context: TestContext, kind: 'vfat' | 'exfat', bytes: number): Stick {
  if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
  const format = requirePeer(context, kind === 'vfat' ? 'mkfs.vfat' : 'mkfs.exfat');
  const inKernel = readFileSync('/proc/filesystems', 'utf8').split(/\s+/).includes(kind);
  if (kind === 'vfat' && !inKernel) context.skip('skipped: this kernel knows no vfat');
  const fuse = inKernel ? undefined : requirePeer(context, 'mount.exfat-fuse');
  if (!existsSync('/dev/loop-control')) context.skip('skipped: this machine mounts no files');
  if (fuse !== undefined && !existsSync('/dev/fuse')) context.skip('skipped: this machine has no FUSE');
  const folder = temporaryFolder();
  const [image, path] = [join(folder.path, 'image'), join(folder.path, 'stick')];
  writeFileSync(image, '');
  truncateSync(image, bytes);
  execFileSync(format, kind === 'vfat' ? ['-F', '32', image] : [image], { stdio: 'ignore' });
  execFileSync('mkdir', [path]);
  const losetup = peer('losetup') ?? 'losetup';
  const loop = execFileSync(losetup, ['-f', '--show', image], { encoding: 'utf8' }).trim();
  const mount = (options: readonly string[]): void => {
    const arguments_ = [...options, loop, path];
    if (fuse === undefined) execFileSync('mount', ['-t', kind, ...arguments_]);
    else execFileSync(fuse, arguments_, { stdio: 'ignore' });
  };
  mount([]);
  return {
    path,
    written: () => {
      execFileSync('sync');
      // Sectors of 512 bytes (Documentation/block/stat.rst, "write sectors").
      const stat = readFileSync(`/sys/block/${basename(loop)}/stat`, 'utf8')
        .trim()
        .split(/\s+/);
      return Number(stat[6]) * 512;
    },
    protect: () => {
      execFileSync('umount', [path]);
      mount(['-o', 'ro']);
    },
    [Symbol.dispose]: () => {
      execFileSync('umount', [path]);
      execFileSync(losetup, ['-d', loop]);
      folder[Symbol.dispose]();
    },
  };
}
