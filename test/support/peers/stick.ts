import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestContext } from 'vitest';
import { peer, type PeerName, requirePeer } from './peers.ts';
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

/** `fusefat` is FAT32 too, by a program that appends to no file. */
type Kind = 'vfat' | 'fusefat' | 'exfat' | 'ntfs';

/** How a filesystem is made, and who mounts it where the kernel does not know it. */
const KINDS: Readonly<
  Record<Kind, { readonly make: readonly [PeerName, ...string[]]; readonly fuse?: PeerName }>
> = {
  vfat: { make: ['mkfs.vfat', '-F', '32'] },
  fusefat: { make: ['mkfs.vfat', '-F', '32'], fuse: 'fusefat' },
  exfat: { make: ['mkfs.exfat'], fuse: 'mount.exfat-fuse' },
  ntfs: { make: ['mkfs.ntfs', '-F', '-Q', '-q'], fuse: 'ntfs-3g' },
};

/** Mounts a fresh medium of `bytes`; where this machine cannot do that, the test ends here as skipped. */
export function mountStick(context: TestContext, kind: Kind, bytes: number): Stick {
  if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
  const { make, fuse } = KINDS[kind];
  const [format, ...formatOptions] = make;
  const formatter = requirePeer(context, format);
  const inKernel = readFileSync('/proc/filesystems', 'utf8').split(/\s+/).includes(kind);
  if (!inKernel && fuse === undefined) context.skip(`skipped: this kernel knows no ${kind}`);
  const helper = inKernel || fuse === undefined ? undefined : requirePeer(context, fuse);
  if (!existsSync('/dev/loop-control')) context.skip('skipped: this machine mounts no files');
  if (helper !== undefined && !existsSync('/dev/fuse')) context.skip('skipped: this machine has no FUSE');
  const folder = temporaryFolder();
  const [image, path] = [join(folder.path, 'image'), join(folder.path, 'stick')];
  writeFileSync(image, '');
  truncateSync(image, bytes);
  execFileSync(formatter, [...formatOptions, image], { stdio: 'ignore' });
  execFileSync('mkdir', [path]);
  const losetup = peer('losetup') ?? 'losetup';
  const loop = execFileSync(losetup, ['-f', '--show', image], { encoding: 'utf8' }).trim();
  const mount = (mode: 'rw' | 'ro'): void => {
    // fusefat writes only to whoever asks for it twice.
    const option = fuse === 'fusefat' && mode === 'rw' ? 'rw+' : mode;
    if (helper === undefined) execFileSync('mount', ['-t', kind, '-o', mode, loop, path]);
    else execFileSync(helper, [loop, path, '-o', option], { stdio: 'ignore' });
  };
  mount('rw');
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
      mount('ro');
    },
    [Symbol.dispose]: () => {
      execFileSync('umount', [path]);
      execFileSync(losetup, ['-d', loop]);
      folder[Symbol.dispose]();
    },
  };
}
