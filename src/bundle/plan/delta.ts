import { compareText } from '../../internal/order.ts';
import type { Digest } from '../../oci/digest.ts';
import { isDocument } from '../format/order-blobs.ts';
import { type BundlePlan, planOf } from './plan.ts';

/** What the other side has, according to a bundle or the receipt of an install. */
export interface Counterpart {
  /** Of the bundle that is there. */
  readonly root: Digest;
  readonly name: string;
  has(digest: Digest): boolean;
}

/**
 * Returns the plan of a bundle without what the other side has, and records what it requires. Manifests, indexes and
 * configs are kept: they are small, and without them there is no telling what the bundle holds. If nothing can be left
 * out, the plan is returned unchanged.
 */
export function deltaOf(plan: BundlePlan, other: Counterpart): BundlePlan {
  const isLeftOut = new Map(
    plan.blobs.map((blob) => [blob, !isDocument(blob) && other.has(blob.descriptor.digest)]),
  );
  const absent = plan.blobs.filter((blob) => isLeftOut.get(blob) === true);
  if (absent.length === 0) return plan;
  const { name, created, signatureRoom, items } = plan.document;
  const blobs = absent
    .map(({ descriptor: { digest, size } }) => ({ digest, size }))
    .sort((left, right) => compareText(left.digest, right.digest));
  return planOf({
    name,
    created,
    signatureRoom,
    items,
    blobs: plan.blobs.filter((blob) => isLeftOut.get(blob) !== true),
    requires: { root: other.root, name: other.name, blobs },
  });
}
