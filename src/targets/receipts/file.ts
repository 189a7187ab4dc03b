import { readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { equalBytes } from '../../internal/bytes.ts';
import { isSaddlebagError, systemCode } from '../../internal/error.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import { lockDocument } from '../../disk/sharing/lock.ts';
import { type ReservedFile, reserveFile } from '../../disk/reserved.ts';
import { makeFolder } from '../../disk/folder.ts';
import { keepAside } from './keep-aside.ts';
import { ownerUnder, type Owner } from '../../disk/owner.ts';
import { place } from '../../disk/place.ts';
import { decodeReceipt, encodeReceipt, mergeReceipts, type Receipt, RECEIPT_LIMIT } from './receipt.ts';
import { atTarget, systemError } from '../../disk/errno.ts';

/** The folder of receipts in the state folder. */
export const RECEIPTS = 'receipts';
/** What was installed where is nobody else's business. */
const [MODE, FOLDER_MODE] = [0o600, 0o700];

/** Returns where the receipt of a bundle is kept: `receipts/<name>-<first 12 hex digits of the root>.json`. */
export function receiptPath(
  stateFolder: string,
  bundle: { readonly name: string; readonly root: Digest },
): string {
  // The name comes out of the bundle, and must not lead anywhere.
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
  /** Room that was taken for it. */
  readonly reserved?: ReservedFile | undefined;
}

/**
 * Writes a receipt, whole or not at all, together with what earlier installs of the same bundle left; one that says
 * nothing new leaves the file as it is.
 */
export async function writeReceipt(
  path: string,
  receipt: Receipt,
  options: ReceiptWrite = {},
): Promise<void> {
  const merged = (earlier: Receipt | undefined): Receipt =>
    earlier === undefined ? receipt : mergeReceipts(earlier, receipt);
  await updateReceipt(path, receipt.root, { ...options, change: merged });
}

/**
 * Changes the receipt of the bundle with this root, whole or not at all; nobody else changes it meanwhile. Without one,
 * `change` gets none; where it returns none, the file goes.
 */
export async function updateReceipt(
  path: string,
  root: Digest,
  options: ReceiptWrite & { readonly change: (earlier: Receipt | undefined) => Receipt | undefined },
): Promise<void> {
  const { change, invoker } = options;
  const before = await readReceipt(path, root);
  // Whoever changes nothing leaves no trace in the folder either.
  if (isSame(before, change(before))) return;
  const owner = await ownerUnder(path, invoker);
  await makeFolder(dirname(path), { mode: FOLDER_MODE, owner });
  await using _lock = await lockDocument(path);
  const now = await readReceipt(path, root);
  const next = change(now);
  if (isSame(now, next)) return;
  if (next === undefined) return await atTarget('remove', path, async () => await rm(path, { force: true }));
  const bytes = encodeReceipt(next);
  if (options.reserved === undefined) await place(path, bytes, { mode: MODE, owner, kind: 'target' });
  else await options.reserved.become(bytes, { mode: MODE, owner });
}

/** Takes the room (bytes) of a receipt. Throws as `makeFolder` and `reserveFile`. */
export async function reserveReceipt(
  path: string,
  size: number,
  { invoker }: ReceiptWrite,
): Promise<ReservedFile> {
  const owner = await ownerUnder(path, invoker);
  await makeFolder(dirname(path), { mode: FOLDER_MODE, owner });
  return await reserveFile(path, size);
}

function isSame(left: Receipt | undefined, right: Receipt | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return equalBytes(encodeReceipt(left), encodeReceipt(right));
}

/** What is there and is no receipt of this bundle is kept aside, and does not keep an install from being recorded. */
export async function readReceipt(path: string, root: Digest): Promise<Receipt | undefined> {
  const bytes = await atTarget('read', path, async () => await readWhole(path));
  if (bytes === undefined) return undefined;
  try {
    const receipt = decodeReceipt(bytes);
    if (receipt.root === root) return receipt;
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
