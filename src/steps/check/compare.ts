import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { nearest } from '../../internal/nearest.ts';
import { compareText } from '../../internal/order.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { matchesPlatform, parsePlatform } from '../../oci/platform.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { NamedPlace } from '../../sources/manifests/reading/read.ts';
import type { Holding } from './holding.ts';
import type { Wanted } from './wanted.ts';

/** An image that is there. */
export interface PresentImage {
  readonly reference: string;
  /** Where it must run, if anything says so. */
  readonly platform?: string | undefined;
  /** The bundle, registry or node that has it. */
  readonly in: string;
  /** The archive in that bundle which brings it to a K3s or RKE2 node: no registry gets it from there. */
  readonly archive?: string | undefined;
  readonly places: readonly NamedPlace[];
}

/** Why an image is not in a bundle: its builder left out the parts of a release that want it. */
export interface LeftOutReason {
  /** `Rancher v2.9.3` */
  readonly release: string;
  readonly parts: readonly string[];
}

/** An image that will be asked for and that nobody has, or not for this platform. */
export interface MissingImage {
  readonly reference: string;
  readonly platform?: string | undefined;
  /** The platforms for which it is there. */
  readonly has?: readonly string[] | undefined;
  /** The nearest name that is there. */
  readonly nearest?: string | undefined;
  /** Set for one that a bundle was built without on purpose. */
  readonly leftOut?: LeftOutReason | undefined;
  /** The first places that name it. */
  readonly places: readonly NamedPlace[];
  /** How often it is named in all. */
  readonly times: number;
}

export interface Comparison {
  /** Sorted by reference. */
  readonly missing: readonly MissingImage[];
  readonly present: readonly PresentImage[];
}

/** Images that are looked for at once. */
const CONCURRENCY = 8;

/** Looks for every wanted image in all holdings, in their order. */
export async function compareWanted(
  wanted: readonly Wanted[],
  holdings: readonly Holding[],
  { signal }: WaitOptions = {},
): Promise<Comparison> {
  const sorted = wanted.toSorted((left, right) => compareText(left.reference, right.reference));
  // Once something is missing, everything was asked for it.
  let nearestTo: ReturnType<typeof nearestName> | undefined;
  const closest = (reference: string): string | undefined =>
    (nearestTo ??= nearestName(holdings.flatMap(({ names }) => names)))(reference);
  const compared = await mapConcurrently(sorted, CONCURRENCY, async (image) => {
    throwIfInterrupted(signal);
    return await compareOne(image, { holdings, closest, signal });
  });
  return {
    missing: compared.flatMap(({ missing }) => missing),
    present: compared.flatMap(({ present }) => present),
  };
}

async function compareOne(
  { text, reference, places, times, platforms }: Wanted,
  options: WaitOptions & {
    readonly holdings: readonly Holding[];
    readonly closest: (reference: string) => string | undefined;
  },
): Promise<Comparison> {
  const { holdings, closest, signal } = options;
  const open = new Set<string | undefined>(platforms.length === 0 ? [undefined] : platforms);
  const present: PresentImage[] = [];
  const has = new Set<string>();
  for (const holding of holdings) {
    const held = await holding.find({ text, reference, places, times, platforms }, { signal });
    if (held === undefined) continue;
    for (const platform of held.platforms ?? []) has.add(platform);
    for (const platform of open) {
      if (platform !== undefined && held.platforms !== undefined && !runsOn(platform, held.platforms))
        continue;
      open.delete(platform);
      present.push({ reference, platform, in: holding.name, archive: holding.archive, places });
    }
    if (open.size === 0) break;
  }
  const missing = [...open].map((platform) => ({
    reference,
    platform,
    has: has.size === 0 ? undefined : [...has].toSorted(compareText),
    nearest: has.size === 0 ? closest(reference) : undefined,
    places,
    times,
  }));
  return { missing, present };
}

function runsOn(wanted: string, offered: readonly string[]): boolean {
  const platform = parsePlatform(wanted);
  return offered.some((each) => matchesPlatform(platform, parsePlatform(each)));
}

/** Names that are compared letter by letter: a bundle may have a thousand. */
const COMPARED = 2000;

/** Returns what finds the nearest name: another tag of the image, the same image elsewhere, or one that is written alike. */
function nearestName(names: readonly string[]): (reference: string) => string | undefined {
  const byName = Map.groupBy(names, nameOf);
  const byLast = Map.groupBy(names, (name) => nameOf(name).replace(/^.*\//, ''));
  return (reference) => {
    const own = nameOf(reference);
    const alike = byName.get(own) ?? byLast.get(own.replace(/^.*\//, ''));
    if (alike !== undefined) return nearest(reference, alike) ?? alike.toSorted(compareText).at(-1);
    return nearest(reference, names.slice(0, COMPARED));
  };
}

/** Returns a reference without its tag and its digest. */
function nameOf(reference: string): string {
  return reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}
