import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { ProblemsError } from '../../internal/problems.ts';
import type { Digest } from '../../oci/digest.ts';
import type { MissingList } from './missing-list.ts';
import { type BundlePlan, planOf } from './plan.ts';

const LOCK_HINT =
  'Build from the spec and the lock of that bundle, with --locked, and with --since if it is a delta.';

/**
 * Returns the plan of a small bundle that repairs another one: the blobs of `list`, taken from `plan`, and no items.
 * `root` is the root digest of the bundle that a build would produce now.
 *
 * @throws `ERR_PATCH_INVALID` when the list names nothing, a blob is not in the plan, or files of a head have to be repaired
 * that this plan does not know
 */
export function patchPlan(
  plan: BundlePlan,
  list: MissingList,
  options: { readonly root: Digest },
): BundlePlan {
  if (list.blobs.length === 0 && list.files.length === 0) throw nothingMissing(list);
  // A damaged head may hide a damaged bundle.json, whose root digest would be another one.
  if (list.files.length > 0 && list.root !== options.root) throw otherBundle(list, options.root);
  const blobs = new Map(plan.blobs.map((blob) => [blob.descriptor.digest, blob]));
  const unknown = list.blobs.filter(({ digest, size }) => blobs.get(digest)?.descriptor.size !== size);
  if (unknown.length > 0) {
    throw new ProblemsError(
      'ERR_PATCH_INVALID',
      `Cannot build a patch of "${list.name}": ${formatCount(unknown.length, 'blob')} of ${list.blobs.length} would no longer be in the bundle`,
      {
        problems: unknown.map(
          ({ digest }) =>
            new SaddlebagError(
              'ERR_PATCH_INVALID',
              `Cannot find blob "${digest}": nothing in the spec leads to it`,
            ),
        ),
        hint: LOCK_HINT,
      },
    );
  }
  const wanted = new Set(list.blobs.map(({ digest }) => digest));
  return planOf({
    name: plan.document.name,
    signatureRoom: plan.document.signatureRoom,
    patchOf: list.root,
    items: [],
    blobs: plan.blobs.filter(({ descriptor }) => wanted.has(descriptor.digest)),
  });
}

function nothingMissing({ name }: MissingList): SaddlebagError {
  return new SaddlebagError('ERR_PATCH_INVALID', `Cannot build a patch of "${name}": nothing is missing`, {
    hint: 'The list says that the bundle has all its blobs. "bundle repair" repairs the rest without a patch.',
  });
}

function otherBundle(list: MissingList, root: Digest): SaddlebagError {
  return new SaddlebagError(
    'ERR_PATCH_INVALID',
    `Cannot build a patch of "${list.name}": it has root ${list.root}, and the spec gives ${root} now`,
    { hint: LOCK_HINT },
  );
}
