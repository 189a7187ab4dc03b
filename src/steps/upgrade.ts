import type { Bundle } from '../bundle/bundle.ts';
import type { Item } from '../bundle/format/item.ts';
import type { Finding } from '../internal/finding.ts';
import { parseK3sTag } from '../products/k3s/tag.ts';
import { parseRancherTag } from '../products/rancher/tag.ts';
import { parseRke2Tag } from '../products/rke2/tag.ts';
import { carriedPath } from '../products/upgrade/carried.ts';
import type { ReleaseNumbers } from '../products/upgrade/numbers.ts';
import { type ProductPath, type UpgradeMisfit, upgradeOrder } from '../products/upgrade/order.ts';

/** An upgrade step by step, no minor release skipped. */
export interface Upgrade {
  /** The releases that each product passes through, in order. */
  readonly paths: readonly UpgradeOfProduct[];
  /** All steps in one order: Kubernetes as far as the present Rancher takes it, then Rancher a step, and so on. */
  readonly order: readonly UpgradeOrderStep[];
}

/** The releases that a product passes through. */
export interface UpgradeOfProduct {
  readonly product: UpgradedProduct;
  /** What is running before, as the spec has it; left out where only the bundle tells. */
  readonly from?: string | undefined;
  /** Tags, in order. */
  readonly releases: readonly string[];
}

export interface UpgradeOrderStep {
  readonly product: UpgradedProduct;
  /** Tag of the release. */
  readonly release: string;
}

export type UpgradedProduct = 'K3s' | 'RKE2' | 'Rancher' | 'Rancher Desktop';

/** A path, and where it starts if a spec says so. */
interface KnownPath extends ProductPath {
  readonly from?: string | undefined;
}

const PRODUCTS: readonly UpgradedProduct[] = ['K3s', 'RKE2', 'Rancher', 'Rancher Desktop'];

/** Returns the upgrade that these paths make up, with a warning for each step that does not fit; `undefined` when there is none. */
export function upgradeOf(
  paths: readonly KnownPath[],
): { readonly upgrade: Upgrade; readonly findings: readonly Finding[] } | undefined {
  const sorted = paths
    .filter(({ steps }) => steps.length > 0)
    .toSorted((left, right) => PRODUCTS.indexOf(left.product) - PRODUCTS.indexOf(right.product));
  if (sorted.length === 0) return undefined;
  const { steps, misfits } = upgradeOrder(sorted);
  return {
    upgrade: {
      paths: sorted.map((path) => {
        return { product: path.product, from: path.from, releases: path.steps.map(({ tag }) => tag) };
      }),
      order: steps,
    },
    findings: misfits.map(misfitWarning),
  };
}

/** Returns the upgrade that the releases in a bundle make up; a desktop's are one only `withDesktops`, for there each is a choice. */
export function carriedUpgrade(
  { document: { items } }: Pick<Bundle, 'document'>,
  { withDesktops }: { readonly withDesktops: boolean },
): ReturnType<typeof upgradeOf> {
  const path = (
    product: UpgradedProduct,
    isOf: (item: Item) => boolean,
    parse: (tag: string) => ReleaseNumbers | undefined,
  ): KnownPath => ({
    product,
    steps: carriedPath(items.filter(isOf).flatMap(({ name }) => parse(name) ?? [])),
  });
  return upgradeOf([
    path('K3s', ({ kind, audience }) => kind === 'k3s' && audience.includes('k3s-node'), parseK3sTag),
    path('RKE2', ({ kind }) => kind === 'rke2', parseRke2Tag),
    path('Rancher', ({ kind }) => kind === 'rancher', parseRancherTag),
    path(
      'Rancher Desktop',
      ({ kind, audience }) => withDesktops && kind === 'k3s' && audience.includes('rancher-desktop'),
      parseK3sTag,
    ),
  ]);
}

function misfitWarning({ rancher, kubernetes: { product, release } }: UpgradeMisfit): Finding {
  return {
    level: 'warning',
    message: `${product} ${release} is newer than Rancher ${rancher} takes, as of the first release of its line`,
    hint: 'If Rancher runs on that cluster, look at the support matrix of Rancher, or upgrade Rancher further first.',
  };
}
