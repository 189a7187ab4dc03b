import type { SaddlebagError } from '../../internal/error.ts';
import { uniqueBy } from '../../internal/order.ts';
import { compareTags, type ReleaseTag } from '../../products/distribution/tag.ts';
import { formatMinor, newestOf } from '../../products/upgrade/numbers.ts';
import type { UpgradeProduct } from '../../products/upgrade/order.ts';
import { upgradePath } from '../../products/upgrade/path.ts';
import { parseStart, type UpgradeStart } from '../../products/upgrade/start.ts';
import type { SourceContext } from '../source.ts';
import { noPath, nothingToDo } from '../upgrade.ts';
import type { Catalogue } from './catalogue.ts';
import { chooseVersions } from './choice.ts';
import type { CatalogueQuestion } from './question.ts';
import { type Selection, unknownVersion } from './selection.ts';

/** The releases that a part of a spec asks for. */
export interface ReleaseWish {
  /** Words of the spec. */
  readonly versions: readonly string[];
  /** What is running today, for an upgrade from there. */
  readonly from?: string | undefined;
  /** Architectures that every release must serve. */
  readonly architectures: readonly string[];
}

/** The releases to carry. */
export interface ChosenReleases {
  /** In order, each once: those that the spec names, and those that the upgrade passes through. */
  readonly tags: readonly ReleaseTag[];
  /** Those that only the upgrade needs. */
  readonly between: ReadonlySet<string>;
  /** One for each word that stands for nothing, and for an upgrade without a path. */
  readonly problems: readonly SaddlebagError[];
}

interface ChoiceOptions {
  /** What it is for. */
  readonly product: UpgradeProduct;
  readonly catalogue: CatalogueQuestion;
  /** Tags to prefer among the builds of a version. */
  readonly preferred?: ReadonlySet<string> | undefined;
}

/**
 * Returns the releases that a part asks for, as `selectVersions` chooses them, and with `from` those that an upgrade passes through.
 * Asks for the list of releases only when it is needed.
 */
export async function chooseReleases(
  wish: ReleaseWish,
  context: SourceContext,
  { product, catalogue, preferred }: ChoiceOptions,
): Promise<ChosenReleases> {
  const words = new Map(wish.versions.map((word) => [word, new Set(wish.architectures)]));
  const named = await chooseVersions(words, context, { catalogue, preferred });
  if (wish.from === undefined) return withoutSteps(named);
  return addSteps(named, wish, { product, catalogue: await context.ask(catalogue, undefined), context });
}

/** Returns the named releases, and those that an upgrade from `from` to the highest of them passes through. */
export function addSteps(
  named: Selection,
  { from, architectures }: Omit<ReleaseWish, 'versions'>,
  {
    product,
    catalogue,
    context,
  }: {
    readonly product: UpgradeProduct;
    readonly catalogue: Catalogue;
    readonly context: Pick<SourceContext, 'warn' | 'onUpgradePath'>;
  },
): ChosenReleases {
  const chosen = withoutSteps(named);
  const { parse } = catalogue.distribution;
  const start = from === undefined ? undefined : parseStart(from, parse);
  // Half of the targets would give another path.
  if (start === undefined || chosen.problems.length > 0) return chosen;
  const known = releasesOf(catalogue);
  const offers = known.filter((release) => lackedBy(release, architectures).length === 0);
  const steps = upgradePath(start, { targets: chosen.tags, offers: offers.map(({ tag }) => tag) });
  if ('kind' in steps) {
    const hint = steps.kind === 'gap' ? instead(steps.minors, known, architectures) : undefined;
    return { ...chosen, problems: [noPath(steps, { product, start, hint })] };
  }
  if (!isReleased(start, known)) return { ...chosen, problems: [unknownVersion(start.text, catalogue)] };
  if (steps.length === 0) context.warn(nothingToDo(product, start));
  else context.onUpgradePath?.({ product, from: start.text, steps });
  const own = new Set(chosen.tags.map(({ tag }) => tag));
  return {
    tags: distinct([...chosen.tags, ...steps]),
    between: new Set(steps.map(({ tag }) => tag).filter((tag) => !own.has(tag))),
    problems: [],
  };
}

function withoutSteps({ tags, problems }: Selection): ChosenReleases {
  return { tags: distinct([...tags.values()]), between: new Set(), problems };
}

/** Several words may resolve to one release. */
function distinct(tags: readonly ReleaseTag[]): readonly ReleaseTag[] {
  return uniqueBy(tags, ({ tag }) => tag).toSorted(compareTags);
}

interface KnownRelease {
  readonly tag: ReleaseTag;
  readonly architectures: readonly string[];
}

function releasesOf({ distribution, releases }: Catalogue): readonly KnownRelease[] {
  return releases.flatMap(({ tag: name, architectures }) => {
    const tag = distribution.parse(name);
    return tag === undefined ? [] : [{ tag, architectures }];
  });
}

function lackedBy({ architectures }: KnownRelease, wanted: readonly string[]): readonly string[] {
  return wanted.filter((each) => !architectures.includes(each));
}

/** A mirror may no longer list old releases, so only what is written to the patch must be one. */
function isReleased({ release, major, minor, patch }: UpgradeStart, known: readonly KnownRelease[]): boolean {
  if (patch === undefined) return true;
  return known.some(({ tag }) =>
    release === undefined
      ? tag.major === major && tag.minor === minor && tag.patch === patch
      : tag.tag === release.tag,
  );
}

/** Returns what there is of the missing minors, or the minors that there are. */
function instead(
  minors: readonly number[],
  known: readonly KnownRelease[],
  architectures: readonly string[],
): string {
  const incomplete = minors.flatMap((minor) => {
    const tags = known.map(({ tag }) => tag).filter((tag) => tag.minor === minor && !tag.prerelease);
    const newest = newestOf(tags);
    const release = known.find(({ tag }) => tag.tag === newest?.tag);
    return release === undefined
      ? []
      : [`"${release.tag.tag}" is not complete for ${lackedBy(release, architectures).join(', ')}`];
  });
  if (incomplete.length > 0)
    return `${incomplete.join('; ')}: leave out the architecture, or name another release.`;
  const finals = known.map(({ tag }) => tag).filter(({ prerelease }) => !prerelease);
  const there = [...new Set(finals.toSorted(compareTags).map(formatMinor))];
  return there.length === 0 ? 'The list of releases is empty.' : `There are releases of ${there.join(', ')}.`;
}
