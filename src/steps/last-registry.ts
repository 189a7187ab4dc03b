import type { Finding } from '../internal/finding.ts';
import { isSaddlebagError } from '../internal/error.ts';
import { compareText } from '../internal/order.ts';
import type { OpenedInventory } from './open-inventory.ts';
import { type Naming, NAMINGS, targetReference } from '../oci/naming.ts';
import type { Receipt } from '../targets/receipts/receipt.ts';
import { readReceiptFile, receiptsOf } from '../targets/receipts/receipts.ts';
import { parseRegistryAddress, type RegistryAddress } from '../targets/registry/address.ts';

/** Where a bundle went. */
export interface LastRegistry {
  readonly address: RegistryAddress;
  /** How its images are named there; left out when they follow no known naming. */
  readonly naming?: Naming | undefined;
  /** Repository of each image, by full reference. */
  readonly placed: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

/**
 * Returns the registry in the newest receipt of a bundle, or else of another bundle with its name; `undefined` when
 * there is none. `path` is where the bundle was opened, or a receipt; a receipt is used directly, wherever it came
 * from.
 */
export async function lastRegistry(
  path: string,
  inventory: OpenedInventory,
  options: { readonly stateFolder: string },
): Promise<LastRegistry | undefined> {
  const findings: Finding[] = [];
  const receipt =
    inventory.type === 'receipt'
      ? await readReceiptFile(path)
      : await newestReceipt(inventory, {
          stateFolder: options.stateFolder,
          onFinding: (finding) => findings.push(finding),
        });
  const [place, ...others] = receipt === undefined ? [] : placesOf(receipt);
  if (receipt === undefined || place === undefined) return undefined;
  if (others.length > 0)
    findings.push({
      level: 'warning',
      message: `the bundle went to several registries: this is for "${place}", and not for ${others.join(', ')}`,
      hint: 'Choose another with --registry.',
    });
  const address = parseRegistryAddress(place);
  const placed = new Map(
    imagesAt(receipt, place).map(({ name: image, destination }) => [image, repositoryIn(destination)]),
  );
  const own = new Set(inventory.items.filter(({ at }) => at !== undefined).map(({ name }) => name));
  const naming = namingOf(new Map([...placed].filter(([name]) => !own.has(name))), address.prefix);
  if (naming === undefined)
    findings.push({
      level: 'warning',
      message: `the images at "${place}" do not follow one naming alone: --rewrite has renamed some of them`,
      hint: 'K3s is told where each of them is; any other mirror is written for the naming "rancher", or for that of --naming.',
    });
  return { address, naming, placed, findings };
}

async function newestReceipt(
  { root, name }: OpenedInventory,
  options: { readonly stateFolder: string; readonly onFinding: (finding: Finding) => void },
): Promise<Receipt | undefined> {
  const { stateFolder, onFinding } = options;
  const receipts = await receiptsOf(stateFolder, { names: [name], roots: [root], onFinding });
  const [newest] = receipts
    .filter((receipt) => placesOf(receipt).length > 0)
    .toSorted(
      (left, right) => rank(right, root) - rank(left, root) || compareText(right.createdAt, left.createdAt),
    );
  return newest;
}

/** Another bundle with the same name counts only when there is no receipt of this one. */
function rank(receipt: Receipt, root: string): number {
  return receipt.root === root ? 1 : 0;
}

/** Images can only be pulled from a network registry, not from a folder. */
function placesOf({ targets }: Receipt): readonly string[] {
  return targets
    .filter(({ target, place }) => target === 'registry' && isAddress(place))
    .map(({ place }) => place);
}

function isAddress(place: string): boolean {
  try {
    return parseRegistryAddress(place).host !== '';
  } catch (error) {
    if (!isSaddlebagError(error)) throw error;
    return false;
  }
}

function imagesAt({ items }: Receipt, place: string): Receipt['items'] {
  return items.filter(({ kind, destination }) => kind === 'image' && destination.startsWith(`${place}/`));
}

function namingOf(placed: ReadonlyMap<string, string>, prefix: string): Naming | undefined {
  return NAMINGS.find((naming) =>
    [...placed].every(
      ([name, repository]) => targetReference(name, naming, prefix).repository === repository,
    ),
  );
}

/** A registry's host may lack a dot, and then a reference would not parse it as a host. */
function repositoryIn(destination: string): string {
  return destination
    .slice(destination.indexOf('/') + 1)
    .replace(/@.*$/, '')
    .replace(/:[^/]*$/, '');
}
