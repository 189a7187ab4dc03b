import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SaddlebagError, systemCode } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { keepAside } from '../receipts/keep-aside.ts';
import type { Owner } from '../../disk/owner.ts';
import { place } from '../../disk/place.ts';
import { atTarget, systemError } from '../../disk/errno.ts';
import {
  decodeVersionList,
  encodeVersionList,
  VERSION_LIST,
  type VersionList,
} from '../../products/rancher-desktop/version-list.ts';

/** The real list has some ten kilobytes; a larger file (bytes) is something else. */
export const VERSION_LIST_LIMIT: number = 4 * 1024 * 1024;

/** What is at the path of the list. */
export type VersionListFile =
  | { readonly type: 'absent' }
  | { readonly type: 'list'; readonly list: VersionList }
  /** Something that today's Rancher Desktop cannot read. */
  | { readonly type: 'foreign' };

/** Returns the path where Rancher Desktop looks for its list: in the root of the cache, not under `k3s/`. */
export function versionListPath(cache: string): string {
  return join(cache, VERSION_LIST);
}

/** Returns what is at the path of the list. @throws `ERR_TARGET_REFUSED` when it is not a file */
export async function readVersionListFile(path: string): Promise<VersionListFile> {
  return await atTarget('read', path, async () => {
    try {
      const found = await stat(path);
      if (!found.isFile()) throw systemError('EFTYPE');
      if (found.size > VERSION_LIST_LIMIT) return { type: 'foreign' };
      const list = decodeVersionList(await readFile(path, 'utf8'));
      return list === undefined ? { type: 'foreign' } : { type: 'list', list };
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return { type: 'absent' };
      throw error;
    }
  });
}

/**
 * Writes the list atomically; an unreadable file in its place is backed up first. Returns the paths written.
 */
export async function writeVersionListFile(
  path: string,
  list: VersionList,
  options: WaitOptions & { readonly owner?: Owner | undefined } = {},
): Promise<readonly string[]> {
  const bytes = encodeVersionList(list);
  const { type } = await readVersionListFile(path);
  const kept = type === 'foreign' ? [await keepAside(path)] : [];
  const { owner, signal } = options;
  await place(path, bytes, { mode: 0o644, owner, kind: 'target', signal });
  return [path, ...kept];
}

/**
 * Returns the list in a bundle.
 *
 * @throws `ERR_DOCUMENT_INVALID` when Rancher Desktop could not read it
 */
export function decodeCarriedList(bytes: Uint8Array, name: string): VersionList {
  const list = decodeVersionList(new TextDecoder().decode(bytes));
  if (list !== undefined) return list;
  throw new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot read version list "${name}": it is not what Rancher Desktop 1.2 and later read`,
    { hint: 'Build the bundle again: it was not made by this program, or by another version of it.' },
  );
}
