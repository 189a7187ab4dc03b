import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { compareTags, type ReleaseTag } from '../../products/distribution/tag.ts';
import { formatMinor, newestOf } from '../../products/upgrade/numbers.ts';
import type { TargetOption } from '../kind.ts';
import type { Installed } from './installed.ts';
import type { NodeProduct } from './product.ts';

/** For K3s and RKE2 nodes alike. */
export const OUT_OF_ORDER: TargetOption = {
  name: 'out-of-order',
  form: 'flag',
  help: 'place a release on a node although it skips a minor release, or goes back one',
  needsTarget: true,
};

/** What is to be placed on a node. */
export interface Placing {
  readonly product: NodeProduct;
  /** The release. */
  readonly release: string;
  /** Tags of all releases in the bundle that the node can run. */
  readonly carried: readonly string[];
}

/**
 * Makes sure that a node can go to a release from the one that it has: K3s and RKE2 go up one minor release at a time, and back only
 * by a snapshot, and neither checks it.
 *
 * @throws `ERR_TARGET_OUT_OF_ORDER`
 */
export function requireInOrder(installed: Installed | undefined, placing: Placing): void {
  const fault = faultOf(installed, placing);
  if (fault === undefined) return;
  const { name } = placing.product;
  throw new SaddlebagError(
    'ERR_TARGET_OUT_OF_ORDER',
    `Cannot place ${name} "${placing.release}" on the node: ${fault.fact}`,
    { hint: `${fault.remedy} --${OUT_OF_ORDER.name} places it all the same.` },
  );
}

/** Returns what is worth knowing of a release that is placed, whatever the node has. */
export function orderFindings(installed: Installed | undefined, placing: Placing): readonly Finding[] {
  const { product, release } = placing;
  const fault = faultOf(installed, placing);
  const title = `${product.name} ${release} is placed`;
  if (fault !== undefined)
    return [{ level: 'warning', message: `${title} out of order: ${fault.fact}`, hint: fault.remedy }];
  const next = product.parse(release);
  const has = installed?.release;
  if (has !== undefined && next !== undefined && compareTags(next, has) < 0)
    return [{ level: 'warning', message: `${title} where ${has.tag} is, which is newer` }];
  if (installed !== undefined && has === undefined)
    return [
      {
        level: 'warning',
        message: `Which ${product.name} the node has cannot be told from ${JSON.stringify(installed.program ?? `/${product.marks.started}`)}`,
        hint: `See "${product.kind} --version" there: no minor release may be skipped on the way to ${release}.`,
      },
    ];
  return [];
}

interface OrderFault {
  readonly fact: string;
  readonly remedy: string;
}

function faultOf(installed: Installed | undefined, placing: Placing): OrderFault | undefined {
  const has = installed?.release;
  const next = placing.product.parse(placing.release);
  if (has === undefined || next === undefined || isWithinReach(has, next)) return undefined;
  if (next.major !== has.major || next.minor < has.minor)
    return {
      fact: `the node has ${has.tag}, and there is no way back to an older minor release`,
      remedy: 'To go back, restore a snapshot that the older release has made.',
    };
  const skipped = Array.from({ length: next.minor - has.minor - 1 }, (_, index) =>
    formatMinor({ major: has.major, minor: has.minor + 1 + index }),
  );
  return {
    fact: `the node has ${has.tag}, and ${skipped.join(', ')} would be skipped`,
    remedy: remedyFor(has, { next, waiting: installed?.waiting, placing }),
  };
}

function isWithinReach(has: ReleaseTag, next: ReleaseTag): boolean {
  return next.major === has.major && (next.minor === has.minor || next.minor === has.minor + 1);
}

/** The step that comes first: one that is there and waits to be started, or one of the bundle. */
function remedyFor(
  has: ReleaseTag,
  {
    next,
    waiting,
    placing: { product, carried },
  }: {
    readonly next: ReleaseTag;
    readonly waiting: ReleaseTag | undefined;
    readonly placing: Placing;
  },
): string {
  if (waiting !== undefined && isWithinReach(waiting, next) && isWithinReach(has, waiting))
    return `Start ${waiting.tag} first, which is there already, and wait until the node is ready.`;
  const first = newestOf(
    carried.flatMap((tag) => product.parse(tag) ?? []).filter(({ minor }) => minor === has.minor + 1),
  );
  const minor = formatMinor({ major: has.major, minor: has.minor + 1 });
  return first === undefined
    ? `The bundle has no ${product.name} of ${minor}: build it with "from: ${formatMinor(has)}.x" under "${product.kind}".`
    : `Install ${first.tag} first, with --${product.kind}-version ${first.tag}, and start it.`;
}
