import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { equalBytes } from '../../internal/bytes.ts';
import { isSaddlebagError, systemCode } from '../../internal/error.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { makeFolder } from '../../disk/folder.ts';
import { keepAside } from './keep-aside.ts';
import { ownerUnder, type Owner } from '../../disk/owner.ts';
import { place } from '../../disk/place.ts';
import { decodeReceipt, encodeReceipt, mergeReceipts, type Receipt, RECEIPT_LIMIT } from './receipt.ts';
import { atTarget, systemError } from '../../disk/errno.ts';

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
    'receipts',
    `${name === '' ? 'bundle' : name}-${hexOf(bundle.root).slice(0, 12)}.json`,
  );
}

/**
 * Writes a receipt, whole or not at all, together with what earlier installs of the same bundle left; one that says
 * nothing new leaves the file as it is. Returns whether it wrote.
 */
export async function writeReceipt(
  path: string,
  receipt: Receipt,
  options: WaitOptions & { readonly invoker?: Owner | undefined } = {},
): Promise<boolean> {
  const earlier = await readReceipt(path, receipt.root);
  const bytes = encodeReceipt(earlier === undefined ? receipt : mergeReceipts(earlier, receipt));
  if (earlier !== undefined && equalBytes(bytes, encodeReceipt(earlier))) return false;
  await putReceipt(path, bytes, options);
  return true;
}

/** Writes a receipt in place of what is there, whole or not at all. */
export async function replaceReceipt(
  path: string,
  receipt: Receipt,
  options: WaitOptions & { readonly invoker?: Owner | undefined } = {},
): Promise<void> {
  await putReceipt(path, encodeReceipt(receipt), options);
}

async function putReceipt(
  path: string,
  bytes: Uint8Array,
  options: WaitOptions & { readonly invoker?: Owner | undefined },
): Promise<void> {
  const owner = await ownerUnder(path, options.invoker);
  await makeFolder(dirname(path), { mode: 0o700, owner });
  await place(path, bytes, { mode: 0o600, owner, kind: 'target', signal: options.signal });
}

/** What is there and is no receipt of this bundle is kept aside, and does not keep an install from being recorded. */
async function readReceipt(path: string, root: Digest): Promise<Receipt | undefined> {
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
