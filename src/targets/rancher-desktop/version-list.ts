import { parse } from 'semver';
import { encodeJson, isRecord } from '../../internal/json.ts';
import { compareText } from '../../internal/order.ts';
import { compareK3sTags, type K3sTag, parseK3sTag } from '../k3s-node/files.ts';

/** The versions Rancher Desktop knows of: `k3s-versions.json` of its cache, in the form it has had since 1.2. */
export interface VersionList {
  /** Release tags. Of two builds of one version the last one counts. */
  readonly versions: readonly string[];
  /** Version (`1.30.6`) by label. */
  readonly channels: Readonly<Record<string, string>>;
}

const CACHE_VERSION = 2;

/** Returns the list in `text`, or `undefined` when Rancher Desktop of today would not read it: other schemas, or no JSON. */
export function decodeVersionList(text: string): VersionList | undefined {
  const document = parseJson(text);
  if (!isRecord(document) || document['cacheVersion'] !== CACHE_VERSION) return undefined;
  const { versions, channels = {} } = document;
  if (!Array.isArray(versions) || !isRecord(channels)) return undefined;
  const tags = versions.filter((version): version is string => typeof version === 'string');
  if (tags.length !== versions.length) return undefined;
  const labels = Object.entries(channels).filter(
    (label): label is [string, string] => typeof label[1] === 'string',
  );
  return { versions: tags, channels: Object.fromEntries(labels) };
}

/** Returns the file as Rancher Desktop writes it itself. */
export function encodeVersionList(list: VersionList): Uint8Array {
  return encodeJson({ cacheVersion: CACHE_VERSION, versions: list.versions, channels: list.channels });
}

/** Returns for each version (`1.30.6`) the release Rancher Desktop takes it for: the last of its builds in the list. */
export function chosenBuilds(versions: readonly string[]): ReadonlyMap<string, K3sTag> {
  const tags = versions.map(parseK3sTag).filter((tag) => tag !== undefined);
  return new Map(tags.map((tag) => [tag.version, tag]));
}

/** What goes into a list. */
export interface MergeParts {
  /** What is there. */
  readonly existing: VersionList | undefined;
  /** What the bundle knows of. */
  readonly carried: VersionList | undefined;
  /** Tags whose folders the bundle puts into the cache. */
  readonly placed: readonly string[];
  /** Tags that have a folder in the cache. */
  readonly cached: readonly string[];
}

/**
 * Returns the union of all parts, ascending. Rancher Desktop opens the folder of the very build that its list names last,
 * so that of two builds of a version the one with a folder comes last: one the bundle places, else one in the cache, else
 * the highest. A label goes to the higher version that carries it.
 */
export function mergeVersionLists(parts: MergeParts): VersionList {
  const { existing, carried, placed, cached } = parts;
  const all = new Set([
    ...(existing?.versions ?? []),
    ...(carried?.versions ?? []),
    ...placed,
    // With no list in the cache its folders were offered by the list inside the application, which ours will hide.
    ...cached.filter((tag) => parseK3sTag(tag) !== undefined),
  ]);
  const rankOf = (raw: string): number => (placed.includes(raw) ? 2 : cached.includes(raw) ? 1 : 0);
  return {
    versions: [...all].sort((left, right) => compareListed(left, right, rankOf)),
    channels: mergeChannels(existing?.channels ?? {}, carried?.channels ?? {}),
  };
}

/** Returns whether a merged list would tell Rancher Desktop anything that the existing one does not. */
export function addsNothing(existing: VersionList, merged: VersionList): boolean {
  const known = new Set(existing.versions);
  const before = chosenBuilds(existing.versions);
  return (
    merged.versions.every((version) => known.has(version)) &&
    [...chosenBuilds(merged.versions)].every(([version, tag]) => before.get(version)?.raw === tag.raw) &&
    Object.entries(merged.channels).every(([label, version]) => existing.channels[label] === version)
  );
}

/** What is no release tag comes first: Rancher Desktop passes over it, and it is not ours to drop. */
function compareListed(left: string, right: string, rankOf: (raw: string) => number): number {
  const [a, b] = [parseK3sTag(left), parseK3sTag(right)];
  if (a === undefined || b === undefined) {
    if (a === b) return compareText(left, right);
    return a === undefined ? -1 : 1;
  }
  return a.semver.compare(b.semver) || rankOf(left) - rankOf(right) || compareK3sTags(a, b);
}

function mergeChannels(
  existing: Readonly<Record<string, string>>,
  carried: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const merged = new Map(Object.entries(existing));
  for (const [label, version] of Object.entries(carried)) {
    const present = merged.get(label);
    if (present === undefined || isHigher(version, present)) merged.set(label, version);
  }
  return Object.fromEntries([...merged].sort(([left], [right]) => compareText(left, right)));
}

function isHigher(version: string, than: string): boolean {
  const [left, right] = [parse(version), parse(than)];
  return left !== null && (right === null || left.compare(right) > 0);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
