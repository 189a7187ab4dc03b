import { readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Item } from '../../bundle/format/item.ts';
import { atTarget } from '../../disk/errno.ts';
import { makeFolder, missingFolders } from '../../disk/folder.ts';
import { placeLink } from '../../disk/place.ts';
import { statOf } from '../../disk/stat.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { digestOf } from '../../oci/digest.ts';
import type { FilePlace } from '../placed-files.ts';
import type { PlacedFile } from '../receipts/traces.ts';
import type { Action, ActionResult } from '../target.ts';

/** What an item has beside files: a symbolic link, which has a target, or an empty folder. */
export interface Extra {
  readonly item: Item;
  readonly name: string;
  readonly path: string;
  readonly target?: string | undefined;
}

/**
 * Returns what a link or a folder needs.
 *
 * @throws `ERR_TARGET_REFUSED` when something else is in its place
 */
export async function planExtra({ name, path, target }: Extra, at: FilePlace): Promise<Action> {
  const state = await stateOf(path, target);
  const folder = target === undefined ? path : dirname(path);
  return {
    target: at.target,
    kind: 'file',
    name,
    destination: path,
    state,
    bytes: 0,
    leaves: { files: linksAt(path, target), folders: await missingFolders(folder) },
  };
}

/** Places a link or a folder. @throws `ERR_TARGET_REFUSED` where there can be no links */
export async function applyExtra(extra: Extra, action: Action, at: FilePlace): Promise<ActionResult> {
  const { item, path, target } = extra;
  const digests = [item.descriptor.digest];
  const { state } = action.state === 'present' ? action : await planExtra(extra, at);
  if (state === 'present') return { ...action, outcome: 'present', leaves: undefined, digests };
  const folders = await makeFolder(target === undefined ? path : dirname(path));
  if (target !== undefined) await placeLink(path, target);
  const outcome = state === 'missing' ? 'placed' : 'replaced';
  return { ...action, outcome, leaves: { files: linksAt(path, target), folders }, digests };
}

/** Returns a finding on whether it is there as it should be. */
export async function proveExtra(extra: Extra, at: FilePlace): Promise<Finding> {
  const { state } = await planExtra(extra, at);
  if (state === 'present') return { level: 'ok', message: `${extra.path} is in place` };
  return { level: 'error', message: `${extra.path} is ${state === 'missing' ? 'missing' : 'damaged'}` };
}

async function stateOf(path: string, target: string | undefined): Promise<Action['state']> {
  const found = await statOf(path, { follow: false });
  if (found === undefined) return 'missing';
  if (target === undefined && found.isDirectory()) return 'present';
  if (target === undefined || found.isDirectory()) throw inTheWay(path, target);
  const isLink =
    found.isSymbolicLink() && (await atTarget('read link', path, () => readlink(path))) === target;
  return isLink ? 'present' : 'different';
}

function inTheWay(path: string, target: string | undefined): SaddlebagError {
  const fact = target === undefined ? 'it is not a folder' : 'it is a folder';
  return new SaddlebagError('ERR_TARGET_REFUSED', `Cannot write ${JSON.stringify(path)}: ${fact}`, {
    hint: 'Move it aside and run the command again.',
  });
}

/** A receipt knows a link by where it leads. */
function linksAt(path: string, target: string | undefined): readonly PlacedFile[] {
  if (target === undefined) return [];
  return [{ path, digest: digestOf(target), size: Buffer.byteLength(target), link: target }];
}
