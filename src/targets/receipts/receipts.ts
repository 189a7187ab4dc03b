import { open, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openBundle } from '../../bundle/open.ts';
import { isInRegistry } from '../../bundle/shape.ts';
import { isSaddlebagError, messageOf, SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import type { Digest } from '../../oci/digest.ts';
import { namesIn } from '../../disk/names.ts';
import { statOf } from '../../disk/stat.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { receiptPath, RECEIPTS } from './file.ts';
import { decodeReceipt, type Receipt, RECEIPT_LIMIT } from './receipt.ts';

export { receiptInventory } from './inventory.ts';

/** At most this many files are searched for receipts; with more, name the base explicitly. */
const COUNT_LIMIT = 1000;

/** Returns whether the file at `path` is a JSON object and so may be a receipt; a bundle never starts like one. */
export async function isReceiptFile(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isFile()) return false;
    await using handle = await open(path);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.subarray(0, bytesRead).toString('latin1').trimStart().startsWith('{');
  } catch {
    // Opening the file later reports what is wrong.
    return false;
  }
}

/**
 * Returns the receipt at `path`.
 *
 * @throws `ERR_DOCUMENT_INVALID` when it is not a receipt, `ERR_DISK_FAILED`
 */
export async function readReceiptFile(path: string): Promise<Receipt> {
  try {
    const { size } = await stat(path);
    if (size <= RECEIPT_LIMIT) return decodeReceipt(await readFile(path));
  } catch (cause) {
    if (isSaddlebagError(cause))
      throw new SaddlebagError(cause.code, `${cause.message}, in "${path}"`, { cause });
    throw new SaddlebagError('ERR_DISK_FAILED', `Cannot read "${path}": ${messageOf(cause)}`, { cause });
  }
  const message = `Cannot read receipt: more than ${RECEIPT_LIMIT} bytes, in "${path}"`;
  throw new SaddlebagError('ERR_DOCUMENT_INVALID', message);
}

/**
 * Returns the receipts of complete installs in the state folder whose bundle has one of these names or roots. Unreadable receipts
 * are reported and skipped.
 */
export async function receiptsOf(
  stateFolder: string,
  options: {
    readonly names: readonly string[];
    readonly roots: readonly Digest[];
    readonly onFinding?: ((finding: Finding) => void) | undefined;
  },
): Promise<readonly Receipt[]> {
  const folder = join(stateFolder, RECEIPTS);
  const receipts: Receipt[] = [];
  for (const name of (await receiptNames(folder)).slice(0, COUNT_LIMIT)) {
    try {
      const receipt = await readReceiptFile(join(folder, name));
      const isMeant = options.roots.includes(receipt.root) || options.names.includes(receipt.name);
      if (isMeant && receipt.complete) receipts.push(receipt);
    } catch (error) {
      if (!isSaddlebagError(error)) throw error;
      options.onFinding?.({
        level: 'warning',
        message: error.message,
        hint: 'It is ignored: what it may list is not looked for.',
      });
    }
  }
  return receipts;
}

/** Returns the names in a folder that a receipt may have. */
export async function receiptNames(folder: string): Promise<readonly string[]> {
  return (await namesIn(folder)).filter((name) => name.endsWith('.json'));
}

/**
 * Returns the receipt at `path`; for a bundle, the one that its install left in this user's state folder.
 *
 * @throws `ERR_CONTENT_NOT_FOUND` when there is none; what `openBundle` throws
 */
export async function findReceipt(
  path: string,
  options: WaitOptions & {
    readonly stateFolder: string;
    readonly doing: string;
    /** Opens a bundle; of those on disk when left out. */
    readonly open?: typeof openBundle | undefined;
  },
): Promise<string> {
  const { stateFolder, doing, open: openAny = openBundle, signal } = options;
  const isElsewhere = isInRegistry(path);
  const found = isElsewhere ? undefined : await statOf(path);
  const isAbsent = found === undefined && !isElsewhere;
  // What is not there is told as a receipt that is missing.
  if (isAbsent || (found?.isDirectory() === false && (await isReceiptFile(path)))) return resolve(path);
  await using bundle = await openAny(path, { signal });
  const { root, document } = bundle;
  const receipt = receiptPath(stateFolder, { name: document.name, root });
  if ((await statOf(receipt)) !== undefined) return receipt;
  throw new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot ${doing} "${path}": no receipt of it is here, there is no "${receipt}"`,
    { hint: '"bundle receipts" lists what this user installed here; give the receipt that is meant.' },
  );
}
