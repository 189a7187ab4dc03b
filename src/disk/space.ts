import { statfs } from 'node:fs/promises';
import { systemCode } from '../internal/error.ts';
import { attempt } from './errno.ts';

/** Free space on a filesystem. */
export interface FreeSpace {
  /** What a user without privileges may still use (bytes); `Infinity` if the filesystem does not say. */
  readonly free: number;
  /** What even the smallest file takes (bytes). */
  readonly unit: number;
}

/** Returns free space as a result states it, where `Infinity` has no place: JSON would make it null. */
export function statedSpace(free: number): number | undefined {
  return Number.isFinite(free) ? free : undefined;
}

/**
 * Returns the free space on the filesystem that holds a folder. If it cannot say, writing fails later, when it is full.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`
 */
export async function freeSpace(folder: string): Promise<FreeSpace> {
  return await attempt('measure folder', folder, async () => {
    try {
      const { bavail, bsize, blocks } = await statfs(folder);
      return { free: blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize, unit: Math.max(bsize, 1) };
    } catch (error) {
      if (!['ENOSYS', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
      return { free: Number.POSITIVE_INFINITY, unit: 1 };
    }
  });
}
