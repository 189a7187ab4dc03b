import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { attempt } from '../errno.ts';
import { syncFolder } from '../folder.ts';

/** A file that is to have another name. */
export interface Rename {
  readonly from: string;
  readonly to: string;
}

/** Returns the name that a file has between its old one and its new one. */
export function betweenNames(to: string): string {
  return `${to}.moved`;
}

/**
 * Gives files the names of each other. Each gets a name in between first, so that none is written over another that is
 * still to be renamed. What has one of the new names and is not renamed itself is replaced.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`
 */
export async function renameFiles(renames: readonly Rename[]): Promise<void> {
  const step = async (from: string, to: string): Promise<void> => {
    await attempt('rename', from, () => rename(from, to));
  };
  for (const { from, to } of renames) if (from !== betweenNames(to)) await step(from, betweenNames(to));
  for (const { to } of renames) await step(betweenNames(to), to);
  for (const folder of new Set(renames.map(({ to }) => dirname(to)))) {
    await attempt('rename', folder, () => syncFolder(folder));
  }
}
