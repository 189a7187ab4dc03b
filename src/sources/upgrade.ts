import type * as z from 'zod';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { formatMinor, type ReleaseNumbers } from '../products/upgrade/numbers.ts';
import type { ProductPath, UpgradeProduct } from '../products/upgrade/order.ts';
import type { PathFault } from '../products/upgrade/path.ts';
import { parseStart, type UpgradeStart } from '../products/upgrade/start.ts';
import { text } from '../spec/fields.ts';

/** The releases that an upgrade passes through, as a spec asks for them. */
export interface UpgradePath extends ProductPath {
  /** What is running today, as the spec has it. */
  readonly from: string;
}

/** A release to name in a schema, and how it is read. */
interface StartForm {
  /** For people: `K3s`. */
  readonly product: string;
  readonly parse: (tag: string) => ReleaseNumbers | undefined;
  /** What is added, for people; the highest patch of each minor between when left out. */
  readonly adds?: string | undefined;
  /** `v1.27.x` */
  readonly minor: string;
  /** `v1.27.4+k3s1` */
  readonly example: string;
}

/** Returns the schema of `from`: where an upgrade starts. */
export function startSchema({ product, parse, adds, minor, example }: StartForm): z.ZodType<string> {
  return text
    .refine(
      (written) => parseStart(written, parse) !== undefined,
      `a release or a minor such as ${minor} or ${example}`,
    )
    .meta({
      description: `the ${product} that is running today: what an upgrade from there passes through is added, ${adds ?? 'the highest patch of each minor between'}`,
      examples: [minor, example],
    });
}

/** Returns the error for an upgrade that has no path; `hint` says what there is instead of the minors that are missing. */
export function noPath(
  fault: PathFault,
  {
    product,
    start,
    hint,
  }: { readonly product: UpgradeProduct; readonly start: UpgradeStart; readonly hint?: string | undefined },
): SaddlebagError {
  const { target } = fault;
  const title = `Cannot find an upgrade path from "${start.text}" to ${product} "${target.tag}"`;
  if (fault.kind === 'major')
    return new SaddlebagError('ERR_VERSION_INVALID', `${title}: they are of two major releases`, {
      hint: `Write in "from" what is running today, such as "${formatMinor({ ...target, minor: Math.max(0, target.minor - 2) })}.x".`,
    });
  if (fault.kind === 'older')
    return new SaddlebagError('ERR_VERSION_INVALID', `${title}: that is older, and there is no way back`, {
      hint: 'Name newer releases, or the oldest release that is running in "from".',
    });
  const minors = fault.minors.map((minor) => formatMinor({ major: target.major, minor }));
  return new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `${title}: there is no release of ${minors.join(', ')}`,
    {
      hint,
    },
  );
}

/** Returns the warning for an upgrade to what is running already. */
export function nothingToDo(product: UpgradeProduct, { text: from }: UpgradeStart): Finding {
  return {
    level: 'warning',
    message: `${product} ${from} is what "from" says is running: the upgrade has no step`,
    hint: 'Name a newer release in the spec, or leave "from" out.',
  };
}
