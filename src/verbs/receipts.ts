import { join } from 'node:path';
import { isSaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { compareText } from '../internal/order.ts';
import type { Digest } from '../oci/digest.ts';
import type { Ears } from '../steps/ears.ts';
import { hostEnvironment, type Surroundings } from '../steps/surroundings.ts';
import { allTraces } from '../targets/receipts/receipt.ts';
import { stateFolder } from '../targets/host-paths.ts';
import { RECEIPTS } from '../targets/receipts/file.ts';
import { readReceiptFile, receiptNames } from '../targets/receipts/receipts.ts';

/** There is nothing to choose. */
export type ReceiptsWish = Readonly<Record<string, never>>;

/** A bundle that is installed here, by its receipt. */
export interface InstalledBundle {
  /** Path of the receipt: what "bundle uninstall" takes. */
  readonly receipt: string;
  /** Name and root digest of the bundle. */
  readonly name: string;
  readonly root: Digest;
  /** When it was first installed, ISO 8601. */
  readonly installedAt: string;
  /** False while the install is running, and after one that was cut short or not proven. */
  readonly complete: boolean;
  readonly targets: readonly { readonly target: string; readonly place: string }[];
  /** Files that the install placed, or was about to. */
  readonly files: number;
  /** Names that it gave at registries, or was about to. */
  readonly references: number;
}

export interface ReceiptsResult {
  /** By name, the oldest first. */
  readonly receipts: readonly InstalledBundle[];
  /** Receipts that cannot be read. */
  readonly findings: readonly Finding[];
}

/**
 * Returns what is installed here, as far as the receipts of this user say. One that cannot be read is reported.
 *
 * @throws `ERR_DISK_FAILED` when the folder of receipts cannot be listed
 */
export async function listReceipts(
  _wish: ReceiptsWish,
  surroundings: Surroundings,
  _ears: Ears = {},
): Promise<ReceiptsResult> {
  const folder = join(stateFolder(hostEnvironment(surroundings)), RECEIPTS);
  const receipts: InstalledBundle[] = [];
  const findings: Finding[] = [];
  for (const file of await receiptNames(folder)) {
    try {
      receipts.push(await installedBy(join(folder, file)));
    } catch (error) {
      if (!isSaddlebagError(error)) throw error;
      findings.push({ level: 'warning', message: error.message, hint: 'What it records is not listed.' });
    }
  }
  const key = ({ name, installedAt }: InstalledBundle): string => `${name} ${installedAt}`;
  return { receipts: receipts.toSorted((left, right) => compareText(key(left), key(right))), findings };
}

async function installedBy(path: string): Promise<InstalledBundle> {
  const receipt = await readReceiptFile(path);
  const { name, root, createdAt, complete } = receipt;
  const { targets, paths, references } = allTraces(receipt);
  return {
    receipt: path,
    name,
    root,
    installedAt: createdAt,
    complete,
    targets,
    files: paths.length,
    references: references.length,
  };
}
