import { readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ByteStream } from '../../internal/bytes.ts';
import { isSaddlebagError, systemCode } from '../../internal/error.ts';
import { type Digest, digestOf, finishDigest, hexOf, startDigest } from '../../oci/digest.ts';
import { clearLocks, lockDocument } from '../../disk/sharing/lock.ts';
import { type ReservedFile, reserveFile } from '../../disk/reserved.ts';
import { makeFolder } from '../../disk/folder.ts';
import { keepAside } from './keep-aside.ts';
import { ownerUnder, type Owner } from '../../disk/owner.ts';
import { place } from '../../disk/place.ts';
import { decodeReceipt, encodedReceipt, mergeReceipts, type Receipt, RECEIPT_LIMIT } from './receipt.ts';
import { atTarget, systemError } from '../../disk/errno.ts';
import { digestOfFile } from './placed-state.ts';

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

/** A receipt as it is on the disk: that of thousands of images is long, and is read again only when it was changed. */
export interface KeptReceipt {
  readonly receipt: Receipt;
  /** That of its bytes. */
  readonly digest: Digest;
  /** Whether this process wrote them: another version may word the same in another way. */
  readonly isOwn: boolean;
}

/**
 * Changes the receipt of the bundle with this root, atomically and under a lock, and returns what is there then. `change` gets
 * `undefined` when there is no receipt; when it returns `undefined`, the file is deleted. `known` is what was there last.
 */
export async function updateReceipt(
  path: string,
  root: Digest,
  options: ReceiptWrite & {
    readonly known?: KeptReceipt | undefined;
    readonly change: (earlier: Receipt | undefined) => Receipt | undefined;
  },
): Promise<KeptReceipt | undefined> {
  const { change, invoker, known } = options;
  const before = await readReceipt(path, { root, known });
  const planned = changeOf(before, change);
  // A call that changes nothing must leave no trace in the folder either.
  if (planned === undefined) {
    await clearLocks(path);
    return before;
  }
  const owner = await ownerUnder(path, invoker);
  await makeFolder(dirname(path), { mode: FOLDER_MODE, owner });
  await using _lock = await lockDocument(path);
  const now = await readReceipt(path, { root, known: before });
  // It is worked out again only when another install wrote to it.
  const next = now?.digest === before?.digest ? planned : changeOf(now, change);
  if (next === undefined) return now;
  const { kept } = next;
  if (kept === undefined) {
    await atTarget('remove', path, async () => await rm(path, { force: true }));
    return undefined;
  }
  const content = streamOf(kept.receipt);
  if (options.reserved === undefined) await place(path, content, { mode: MODE, owner, kind: 'target' });
  else await options.reserved.become(content, { mode: MODE, owner });
  return kept;
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

/** Returns what a receipt becomes by a change, `kept` being `undefined` when it is to go; nothing when it stays as it is. */
function changeOf(
  found: KeptReceipt | undefined,
  change: (earlier: Receipt | undefined) => Receipt | undefined,
): { readonly kept: KeptReceipt | undefined } | undefined {
  const receipt = change(found?.receipt);
  if (receipt === undefined) return found === undefined ? undefined : { kept: undefined };
  const kept = { receipt, digest: digestOfReceipt(receipt), isOwn: true };
  return found !== undefined && isSame(kept, found) ? undefined : { kept };
}

function isSame(kept: KeptReceipt, found: KeptReceipt): boolean {
  if (kept.digest === found.digest) return true;
  return !found.isOwn && kept.digest === digestOfReceipt(found.receipt);
}

function digestOfReceipt(receipt: Receipt): Digest {
  const hash = startDigest();
  for (const chunk of encodedReceipt(receipt)) hash.update(chunk);
  return finishDigest(hash);
}

async function* streamOf(receipt: Receipt): ByteStream {
  yield* encodedReceipt(receipt);
}

/**
 * Returns the receipt of a bundle, `known` if it is still that. A file that is not a receipt of this bundle is kept aside, so that it
 * does not prevent recording an install.
 */
export async function readReceipt(
  path: string,
  { root, known }: { readonly root: Digest; readonly known?: KeptReceipt | undefined },
): Promise<KeptReceipt | undefined> {
  if (known !== undefined && (await digestIfThere(path)) === known.digest) return known;
  const bytes = await atTarget('read', path, async () => await readWhole(path));
  if (bytes === undefined) return undefined;
  try {
    const receipt = decodeReceipt(bytes);
    if (receipt.root === root) return { receipt, digest: digestOf(bytes), isOwn: false };
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_DOCUMENT_INVALID')) throw error;
  }
  await keepAside(path);
  return undefined;
}

/** What cannot be hashed is read again, which tells why. */
async function digestIfThere(path: string): Promise<Digest | undefined> {
  try {
    return (await stat(path)).isFile() ? await digestOfFile(path) : undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
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
