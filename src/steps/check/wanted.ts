import { isSaddlebagError } from '../../internal/error.ts';
import { formatPlatform, type Platform } from '../../oci/platform.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import type { PodPlace } from '../../products/kubernetes/scope.ts';
import type { Mention, NamedPlace, Reading } from '../../sources/manifests/reading/read.ts';

/** An image that a cluster will ask for. */
export interface Wanted {
  /** As it was written where it was found first. */
  readonly text: string;
  /** Full reference. */
  readonly reference: string;
  /** The first of them. */
  readonly places: readonly NamedPlace[];
  /** How often it is named. */
  readonly times: number;
  /** Where it must run: every one of these; empty when nothing says so. */
  readonly platforms: readonly string[];
}

/** A text that only looks like an image, or that something else completes. */
export interface Lookalike {
  readonly text: string;
  readonly places: readonly NamedPlace[];
  readonly times: number;
}

/** What files ask for, and what they leave to others. */
export interface WantedOfFiles {
  readonly wanted: readonly Wanted[];
  readonly lookalikes: readonly Lookalike[];
  /** Registries that packaged images come from in place of their own. */
  readonly registries: readonly string[];
  readonly remarks: readonly { readonly message: string; readonly hint?: string | undefined }[];
}

/** Places that are kept of one image: a list of pods may name it ten thousand times. */
const PLACES = 10;

interface Gathered {
  readonly text: string;
  readonly isPackaged: boolean;
  readonly places: NamedPlace[];
  times: number;
  /** Where its pods run, each once. */
  readonly pods: Map<string, PodPlace>;
  isWindowsOnly: boolean;
}

/** Gathers what files say. `platforms` are those of the nodes, where no node of theirs tells. */
export async function gatherWanted(
  readings: AsyncIterable<Reading>,
  { platforms }: { readonly platforms: readonly Platform[] },
): Promise<WantedOfFiles> {
  const images = new Map<string, Gathered>();
  const lookalikes = new Map<string, Gathered>();
  const nodes = new Map<string, Platform>();
  const registries = new Set<string>();
  const remarks: WantedOfFiles['remarks'][number][] = [];
  for await (const reading of readings) {
    if (reading.type === 'image') gather(reading, { images, lookalikes });
    else if (reading.type === 'node') nodes.set(reading.name, reading);
    else if (reading.type === 'registry') registries.add(reading.host);
    else remarks.push({ message: reading.message, hint: reading.hint });
  }
  const [host] = registries;
  const isForWindows = [...platforms, ...nodes.values()].some(({ os }) => os === 'windows');
  const wanted = [...images.values()]
    .filter(({ isWindowsOnly }) => !isWindowsOnly || isForWindows)
    .map((image) => ({
      text: image.text,
      reference: movedTo(image.isPackaged ? host : undefined, image.text),
      places: image.places,
      times: image.times,
      platforms: platformsOf(image, { platforms, nodes }),
    }));
  const known = new Set(images.keys());
  return {
    wanted: byReference(wanted),
    lookalikes: [...lookalikes]
      .filter(([key]) => !known.has(key) && !known.has(`packaged ${key}`))
      .map(([, { text, places, times }]) => ({ text, places, times })),
    registries: [...registries],
    remarks,
  };
}

function gather(
  mention: Mention,
  to: { readonly images: Map<string, Gathered>; readonly lookalikes: Map<string, Gathered> },
): void {
  const { text, isSure, isLikely, isPackaged = false, place, isWindowsOnly = false } = mention;
  const full = fullName(text);
  const isWanted = full !== undefined && (isSure || isLikely === true);
  const key = `${isWanted && isPackaged ? 'packaged ' : ''}${full ?? text}`;
  const map = isWanted ? to.images : to.lookalikes;
  const known: Gathered = map.get(key) ?? {
    text,
    isPackaged,
    places: [],
    times: 0,
    pods: new Map(),
    isWindowsOnly: true,
  };
  map.set(key, known);
  known.times += 1;
  known.isWindowsOnly &&= isWindowsOnly;
  if (known.places.length < PLACES) known.places.push(mention.at());
  if (place !== undefined || known.pods.size === 0) {
    const { node = '', os = '', architectures = [] } = place ?? {};
    known.pods.set([node, os, ...architectures].join(' '), place ?? {});
  }
}

/** Of two ways to write one image, the first stays. */
function byReference(wanted: readonly Wanted[]): readonly Wanted[] {
  const groups = Map.groupBy(wanted, ({ reference }) => reference);
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    if (others.length === 0) return [first];
    const all = [first, ...others];
    const { text, reference } = first;
    const places = all.flatMap((each) => each.places).slice(0, PLACES);
    const times = all.reduce((sum, each) => sum + each.times, 0);
    return [
      { text, reference, places, times, platforms: [...new Set(all.flatMap((each) => each.platforms))] },
    ];
  });
}

/** Packaged images keep their path at the registry of K3s' or Rancher's setting. */
function movedTo(host: string | undefined, text: string): string {
  const { registry, repository, tag, digest } = parseReference(text);
  if (host === undefined) return formatReference({ registry, repository, tag, digest });
  return formatReference(
    parseReference(
      `${host.replace(/\/+$/, '')}/${formatReference({ registry: '', repository, tag, digest }).slice(1)}`,
    ),
  );
}

/**
 * A pod may say on what it runs: by its node, or by what it asks of a node. If it says nothing, any node may get it, also the next
 * one.
 */
function platformsOf(
  { pods }: Gathered,
  cluster: { readonly platforms: readonly Platform[]; readonly nodes: ReadonlyMap<string, Platform> },
): readonly string[] {
  const all = cluster.platforms.length > 0 ? cluster.platforms : [...cluster.nodes.values()];
  const needed = [...pods.values()].flatMap(({ node, os = 'linux', architectures }): readonly Platform[] => {
    const own = node === undefined ? undefined : cluster.nodes.get(node);
    if (own !== undefined) return [own];
    const fitting = all.filter((one) => one.os === os);
    if (architectures === undefined) return fitting;
    const chosen = fitting.filter(({ architecture }) => architectures.includes(architecture));
    // What one of several architectures can do is enough.
    const [only, ...more] = architectures;
    return chosen.length === 0 && only !== undefined && more.length === 0
      ? [{ os, architecture: only }]
      : chosen;
  });
  return [
    ...new Set(needed.map(({ os, architecture, variant }) => formatPlatform({ os, architecture, variant }))),
  ];
}

function fullName(text: string): string | undefined {
  try {
    return formatReference(parseReference(text));
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) throw error;
    return undefined;
  }
}
