import { readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { equalBytes } from '../../internal/bytes.ts';
import { isSaddlebagError, systemCode } from '../../internal/error.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import { clearLocks, lockDocument } from '../../disk/sharing/lock.ts';
import { type ReservedFile, reserveFile } from '../../disk/reserved.ts';
import { makeFolder } from '../../disk/folder.ts';
import { keepAside } from './keep-aside.ts';
import { ownerUnder, type Owner } from '../../disk/owner.ts';
import { place } from '../../disk/place.ts';
import { decodeReceipt, encodeReceipt, mergeReceipts, type Receipt, RECEIPT_LIMIT } from './receipt.ts';
import { atTarget, systemError } from '../../disk/errno.ts';

/** The folder of receipts in the state folder. */
export const RECEIPTS = 'receipts';
/** What was installed where is private to the user. */
const [MODE, FOLDER_MODE] = [0o600, 0o700];

/** Returns where the receipt of a bundle is kept: `receipts/<name>-<first 12 hex digits of the root>.json`. */
export function receiptPath(
  stateFolder: string,
  bundle: { readonly name: string; readonly root: Digest },
): string {
  // The name comes from the bundle and must not lead out of the folder.
  const name = bundle.name
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^\.+/, '')
    .slice(0, 100);
  return join(
    stateFolder,
    RECEIPTS,
    `${name === '' ? 'bundle' : name}-${hexOf(bundle.root).slice(0, 12)}.json`,
  );
}

export interface ReceiptWrite {
  /** Who called `sudo`. */
  readonly invoker?: Owner | undefined;
  /** Space reserved for it. */
  readonly reserved?: ReservedFile | undefined;
}

/**
 * Writes a receipt atomically, merged with what earlier installs of the same bundle left. The file is not rewritten
 * when nothing is new.
 */
export async function writeReceipt(
  path: string,
  receipt: Receipt,
  { invoker, reserved }: ReceiptWrite = {},
): Promise<void> {
  const merged = (earlier: Receipt | undefined): Receipt =>
    earlier === undefined ? receipt : mergeReceipts(earlier, receipt);
  await updateReceipt(path, receipt.root, { invoker, reserved, change: merged });
}

/**
 * Changes the receipt of the bundle with this root, atomically and under a lock. `change` gets `undefined` when there
 * is no receipt; when it returns `undefined`, the file is deleted.
 */
export async function updateReceipt(
  path: string,
  root: Digest,
  options: ReceiptWrite & { readonly change: (earlier: Receipt | undefined) => Receipt | undefined },
): Promise<void> {
  const { change, invoker } = options;
  const before = await readKept(path, root);
  const planned = changeOf(before, change);
  // A call that changes nothing must leave no trace in the folder either.
  if (planned === undefined) return await clearLocks(path);
  const owner = await ownerUnder(path, invoker);
  await makeFolder(dirname(path), { mode: FOLDER_MODE, owner });
  await using _lock = await lockDocument(path);
  const now = await readKept(path, root);
  const isAsBefore = equalBytes(before?.bytes ?? NOTHING, now?.bytes ?? NOTHING);
  // The receipt of thousands of images is long: it is worked out again only when another install wrote to it.
  const next = isAsBefore ? planned : changeOf(now, change);
  if (next === undefined) return;
  const { bytes } = next;
  if (bytes === undefined) return await atTarget('remove', path, async () => await rm(path, { force: true }));
  if (options.reserved === undefined) await place(path, bytes, { mode: MODE, owner, kind: 'target' });
  else await options.reserved.become(bytes, { mode: MODE, owner });
}

/** Reserves space (bytes) for a receipt. Throws what `makeFolder` and `reserveFile` throw. */
export async function reserveReceipt(
  path: string,
  size: number,
  { invoker }: ReceiptWrite,
): Promise<ReservedFile> {
  const owner = await ownerUnder(path, invoker);
  await makeFolder(dirname(path), { mode: FOLDER_MODE, owner });
  return await reserveFile(path, size);
}

const NOTHING = new Uint8Array();

/** A receipt, and its bytes as they are on the disk. */
interface Kept {
  readonly receipt: Receipt;
  readonly bytes: Uint8Array;
}

/** Returns the bytes that a receipt gets by a change, `undefined` in their place when it is to go; nothing when it stays as it is. */
function changeOf(
  found: Kept | undefined,
  change: (earlier: Receipt | undefined) => Receipt | undefined,
): { readonly bytes: Uint8Array | undefined } | undefined {
  const next = change(found?.receipt);
  if (next === undefined) return found === undefined ? undefined : { bytes: undefined };
  const bytes = encodeReceipt(next);
  if (found === undefined) return { bytes };
  // An earlier version may have written the same in other words.
  const isSame = equalBytes(bytes, found.bytes) || equalBytes(bytes, encodeReceipt(found.receipt));
  return isSame ? undefined : { bytes };
}

/** A file that is not a receipt of this bundle is kept aside, so that it does not prevent recording an install. */
export async function readReceipt(path: string, root: Digest): Promise<Receipt | undefined> {
  return (await readKept(path, root))?.receipt;
}

async function readKept(path: string, root: Digest): Promise<Kept | undefined> {
  const bytes = await atTarget('read', path, async () => await readWhole(path));
  if (bytes === undefined) return undefined;
  try {
    const receipt = decodeReceipt(bytes);
    if (receipt.root === root) return { receipt, bytes };
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_DOCUMENT_INVALID')) throw error;
  }
  await keepAside(path);
  return undefined;
}

async function readWhole(path: string): Promise<Uint8Array | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw systemError('EFTYPE');
    return found.size > RECEIPT_LIMIT ? new Uint8Array() : await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
