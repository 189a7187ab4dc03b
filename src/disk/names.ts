import { readdir } from 'node:fs/promises';
import { compareText } from '../internal/order.ts';
import { attempt, isAbsent } from './errno.ts';

/** Returns the names in a folder, sorted; an empty list when the folder does not exist. @throws `ERR_DISK_FAILED` */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const read = async (): Promise<readonly string[]> => {
    try {
      return (await readdir(folder)).toSorted(compareText);
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  };
  return await attempt('list', folder, read, 'input');
}
