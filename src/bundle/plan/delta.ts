import { SaddlebagError } from '../../internal/error.ts';
import { compareText, uniqueBy } from '../../internal/order.ts';
import { quote } from '../../internal/quote.ts';
import type { Digest } from '../../oci/digest.ts';
import type { BlobRef, Requirement } from '../format/document.ts';
import { isDocument } from '../format/blobs/order.ts';
import { type BundlePlan, planOf } from './plan.ts';

/** What the other side has, according to a bundle or the receipt of an install. */
export interface Counterpart {
  /** Of the bundle that is there. */
  readonly root: Digest;
  readonly name: string;
  /** Root digests of the bundles that it counts on itself. */
  readonly requires?: readonly Digest[] | undefined;
  has(digest: Digest): boolean;
}

/**
 * Returns the plan of a bundle without what the other side has, and records what it requires, and from which bundle. Manifests,
 * indexes and configs are kept: they are small, and without them nobody could tell what the bundle holds. If nothing can be
 * left out, the plan is returned unchanged.
 *
 * @throws `ERR_BUNDLE_INVALID` when some of `others` count on one another
 */
export function deltaOf(plan: BundlePlan, others: readonly Counterpart[]): BundlePlan {
  const bases = orderBases(others);
  const leftOut = new Map<Counterpart, BlobRef[]>();
  const kept = plan.blobs.filter((blob) => {
    const { digest, size } = blob.descriptor;
    const base = isDocument(blob) ? undefined : bases.find((each) => each.has(digest));
    if (base === undefined) return true;
    const blobs = leftOut.get(base) ?? [];
    leftOut.set(base, blobs);
    blobs.push({ digest, size });
    return false;
  });
  if (leftOut.size === 0) return plan;
  const { name, about, created, signatureRoom, items } = plan.document;
  const requires = bases.flatMap((base): readonly Requirement[] => {
    const blobs = leftOut.get(base)?.toSorted((left, right) => compareText(left.digest, right.digest));
    return blobs === undefined ? [] : [{ root: base.root, name: base.name, blobs }];
  });
  return planOf({ name, about, created, signatureRoom, items, blobs: kept, requires });
}

/**
 * Returns counterparts once each, in the order in which they are installed: one that counts on another comes behind it;
 * otherwise they stay in the given order.
 *
 * @throws `ERR_BUNDLE_INVALID` when some count on one another, which no honest bundle can
 */
function orderBases(others: readonly Counterpart[]): readonly Counterpart[] {
  const ordered: Counterpart[] = [];
  let left = uniqueBy(others, ({ root }) => root);
  while (left.length > 0) {
    const open = new Set(left.map(({ root }) => root));
    const next = left.find(({ requires = [] }) => !requires.some((root) => open.has(root)));
    if (next === undefined) throw circular(left);
    ordered.push(next);
    left = left.filter((other) => other !== next);
  }
  return ordered;
}

function circular(others: readonly Counterpart[]): SaddlebagError {
  const names = others.map(({ name }) => quote(name)).join(', ');
  return new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot count on ${names}: they count on one another`, {
    hint: 'A root digest cannot be known before its bundle is: find out who made these.',
  });
}
