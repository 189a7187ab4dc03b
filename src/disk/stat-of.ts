import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { diskError } from './disk-error.ts';
import { systemCode } from '../internal/error.ts';

/** Returns what is at `path`, or `undefined` when nothing is. @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED` */
export async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw diskError('look at', path, cause);
  }
}
