import type { Finding } from './internal/finding.ts';
import { isSaddlebagError } from './internal/error.ts';
import { compareText } from './internal/order.ts';
import { formatReference } from './oci/reference.ts';
import type { OpenedInventory } from './open-inventory.ts';
import { type Naming, targetReference } from './oci/naming.ts';
import type { Receipt } from './targets/receipt.ts';
import { receiptsOf } from './targets/receipts.ts';
import { parseRegistryAddress, type RegistryAddress } from './targets/registry-address.ts';

/** Where a bundle went. */
export interface LastRegistry {
  readonly address: RegistryAddress;
  /** How its images are called there; left out when they follow no naming. */
  readonly naming?: Naming | undefined;
  readonly findings: readonly Finding[];
}

const NAMINGS = ['rancher', 'strip', 'full'] as const;

/**
 * Returns the registry that the newest receipt of a bundle, or else of another of its name, tells of; `undefined` when
 * there is none. A receipt that was itself given is the newest.
 */
export async function lastRegistry(
  inventory: OpenedInventory,
  options: { readonly stateFolder: string },
): Promise<LastRegistry | undefined> {
  const findings: Finding[] = [];
  const { root, name } = inventory;
  const receipts = await receiptsOf(options.stateFolder, {
    names: [name],
    root,
    onFinding: (finding) => findings.push(finding),
  });
  const newest = receipts
    .filter((receipt) => placesOf(receipt).length > 0)
    .toSorted(
      (left, right) => rank(right, root) - rank(left, root) || compareText(right.createdAt, left.createdAt),
    );
  const [receipt] = newest;
  const [place, ...others] = receipt === undefined ? [] : placesOf(receipt);
  if (receipt === undefined || place === undefined) return undefined;
  if (others.length > 0)
    findings.push({
      level: 'warning',
      message: `the bundle went to several registries: this is for "${place}", and not for ${others.join(', ')}`,
      hint: 'Choose another with --registry.',
    });
  const address = parseRegistryAddress(place);
  return { address, naming: namingOf(receipt, place, address), findings };
}

function rank(receipt: Receipt, root: string): number {
  return receipt.root === root ? 1 : 0;
}

/** What is no network registry, such as a folder, cannot be pulled from. */
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

function namingOf(receipt: Receipt, place: string, { host, prefix }: RegistryAddress): Naming | undefined {
  const images = receipt.items.filter(
    ({ kind, destination }) => kind === 'image' && destination.startsWith(`${place}/`),
  );
  return NAMINGS.find((naming) =>
    images.every(
      ({ name, destination }) =>
        formatReference({ registry: host, ...targetReference(name, naming, prefix) }) === destination,
    ),
  );
}
