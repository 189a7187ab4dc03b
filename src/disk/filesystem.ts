import { statfs } from 'node:fs/promises';
import { diskError } from './errno.ts';

/** The limits of a filesystem that matter when writing large files to it. */
export interface Filesystem {
  /** For people; `undefined` for a filesystem that needs no special treatment. */
  readonly name?: string | undefined;
  /** Largest size of a file (bytes). */
  readonly fileLimit?: number | undefined;
  /** Most files with 64-character names in one folder. */
  readonly folderLimit?: number | undefined;
  /** Whether writing past the end of a file first fills the gap with zeros: everything would be written twice. */
  readonly fillsGaps: boolean;
}

/** FAT32: sizes have 32 bits; a folder has at most 65 536 entries, and a long name takes 1 + 1 for every 13 characters. */
const FAT: Filesystem = {
  name: 'FAT32',
  fileLimit: 2 ** 32 - 1,
  folderLimit: Math.floor((65_536 - 2) / 6),
  fillsGaps: true,
};

/** By the type that Linux reports (`statfs(2)` and `linux/magic.h`). */
const BY_TYPE: ReadonlyMap<number, Filesystem> = new Map([
  [0x4d44, FAT],
  [0x2011bab0, { name: 'exFAT', fillsGaps: true }],
  [0x5346544e, { name: 'NTFS', fillsGaps: true }],
  // The kernel's ntfs3.
  [0x7366746e, { name: 'NTFS', fillsGaps: true }],
  // A filesystem in user space: exFAT and NTFS on older systems.
  [0x65735546, { name: 'FUSE', fillsGaps: true }],
]);

/** Returns the limits of the filesystem with this type; `platform` is `process.platform`. @visibleForTesting */
export function filesystemOfType(type: number, platform: string): Filesystem {
  // Windows reports no type, and its own filesystems all fill gaps.
  if (platform === 'win32') return { fillsGaps: true };
  // On macOS and elsewhere the same numbers mean other things.
  return (platform === 'linux' ? BY_TYPE.get(type) : undefined) ?? { fillsGaps: false };
}

/** Returns the limits of the filesystem that holds `path`. @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED` */
export async function filesystemOf(path: string): Promise<Filesystem> {
  try {
    return filesystemOfType((await statfs(path)).type, process.platform);
  } catch (cause) {
    throw diskError('look at', path, cause);
  }
}
