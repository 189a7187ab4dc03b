import { type Counterpart, deltaOf } from '../bundle/plan/delta.ts';
import { type RequiredBundle, requiredBundles } from '../bundle/inventory.ts';
import { type MissingList, readMissingList } from '../bundle/plan/missing-list.ts';
import { patchPlan } from '../bundle/plan/patch.ts';
import type { BundlePlan } from '../bundle/plan/plan.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import type { Digest } from '../oci/digest.ts';
import type { WaitOptions } from '../oci/roles.ts';
import type { BundleOpener } from './carrier.ts';
import type { Ears } from './ears.ts';
import { openInventory } from './open-inventory.ts';

/** Which part of a plan to build; all of it when nothing is given. */
export interface PartWish {
  /** Bundles, or receipts of installs, whose blobs are left out. */
  readonly since?: readonly string[] | undefined;
  /** A list of blobs that another bundle lacks; only those are built. */
  readonly only?: string | undefined;
}

/** A part of a plan, with its selection read from disk. */
export interface Part {
  /** Returns the plan of the selected part. @throws `ERR_PATCH_INVALID` */
  of(plan: BundlePlan): {
    readonly plan: BundlePlan;
    readonly requires?: readonly RequiredBundle[] | undefined;
  };
}

/**
 * Reads the files that say which part of a plan to build.
 *
 * @throws what `openInventory` throws; `ERR_DOCUMENT_INVALID` for the receipt of an unfinished install;
 * `ERR_PATCH_INVALID`
 */
export async function readPart(
  { since, only }: PartWish,
  { open, signal, onFinding }: Ears & { readonly open?: BundleOpener | undefined },
): Promise<Part> {
  const others: Counterpart[] = [];
  for (const path of since ?? []) others.push(await readCounterpart(path, { open, signal }));
  const list = only === undefined ? undefined : await readMissingList(only);
  return {
    of: (whole) => {
      const plan = deltaOf(whole, others);
      const requires = others.length === 0 ? undefined : (requiredBundles(plan.document) ?? []);
      if (list === undefined) return { plan, requires };
      const patch = patchPlan(whole, list, { root: plan.root });
      if (list.root !== plan.root) onFinding?.(movedOn(list, plan.root));
      return { plan: patch };
    },
  };
}

async function readCounterpart(
  path: string,
  options: WaitOptions & { readonly open?: BundleOpener | undefined },
): Promise<Counterpart> {
  const { root, name, blobs, requires, complete } = await openInventory(path, options);
  if (complete) return { root, name, requires, has: (digest) => blobs.has(digest) };
  throw new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot count on receipt "${path}": its install was not completed, or not proven`,
    { hint: 'Install again on the other side, and use the new receipt; or build without --since.' },
  );
}

/** The bundles differ, but every requested blob is in both, as its digest proves. */
function movedOn(list: MissingList, root: Digest): Finding {
  return {
    level: 'warning',
    message: `The spec gives another bundle than "${list.name}" with root ${list.root} now: ${root}; every blob asked for is in both`,
    hint: 'With the lock of that bundle and --locked they are the same.',
  };
}
