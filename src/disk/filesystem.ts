import { statfs } from 'node:fs/promises';
import { diskError } from './errno.ts';

/** What a filesystem cannot do, as far as it matters to whoever writes large files to it. */
export interface Filesystem {
  /** For people; `undefined` when it is none of those we treat in a special way. */
  readonly name?: string | undefined;
  /** Largest size of a file (bytes). */
  readonly fileLimit?: number | undefined;
  /** Most files with names of 64 characters in one folder. */
  readonly folderLimit?: number | undefined;
  /** Whether writing behind the end of a file writes zeros up to there first: everything would be written twice. */
  readonly fillsGaps: boolean;
}

/** FAT32: a size has 32 bits; a folder ends at 65 536 entries, of which a long name takes one for 13 letters and one more. */
const FAT: Filesystem = {
  name: 'FAT32',
  fileLimit: 2 ** 32 - 1,
  folderLimit: Math.floor((65_536 - 2) / 6),
  fillsGaps: true,
};

/** By the type that Linux gives (`statfs(2)`, and `linux/magic.h`). */
const BY_TYPE: ReadonlyMap<number, Filesystem> = new Map([
  [0x4d44, FAT],
  [0x2011bab0, { name: 'exFAT', fillsGaps: true }],
  [0x5346544e, { name: 'NTFS', fillsGaps: true }],
  // ntfs3 of the kernel.
  [0x7366746e, { name: 'NTFS', fillsGaps: true }],
  // A disk served by a program: exFAT and NTFS on older systems.
  [0x65735546, { name: 'FUSE', fillsGaps: true }],
]);

/** Returns what the filesystem with this type is like; `platform` is that of `process`. */
export function filesystemOfType(type: number, platform: string): Filesystem {
  // Windows tells no type, and fills gaps on every filesystem of its own.
  if (platform === 'win32') return { fillsGaps: true };
  // On a Mac and elsewhere the same numbers mean other things.
  return (platform === 'linux' ? BY_TYPE.get(type) : undefined) ?? { fillsGaps: false };
}

/** Returns what the filesystem that holds `path` is like. @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED` */
export async function filesystemOf(path: string): Promise<Filesystem> {
  try {
    return filesystemOfType((await statfs(path)).type, process.platform);
  } catch (cause) {
    throw diskError('look at', path, cause);
  }
}
