import { encodeJson, isRecord } from '../../internal/json.ts';
import type { ReleaseTag } from '../distribution/tag.ts';
import { parseDesktopTag } from './offer.ts';

/**
 * The versions Rancher Desktop knows: `k3s-versions.json` in its cache, schema 2 (1.2.0 and later). On reading, it drops
 * versions below its own minimum, so one list serves old and new.
 */
export interface VersionList {
  /** Release tags. When a version has several builds, the last one counts. */
  readonly versions: readonly string[];
  /** Version (`1.30.6`) by label. */
  readonly channels: Readonly<Record<string, string>>;
}

/** In the root of the cache, not under `k3s/`. */
export const VERSION_LIST = 'k3s-versions.json';

const CACHE_VERSION = 2;

/** Returns the list in `text`, or `undefined` when current Rancher Desktop would not read it: another schema, or no JSON. */
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

/** Returns the file exactly as Rancher Desktop itself writes it. */
export function encodeVersionList(list: VersionList): Uint8Array {
  return encodeJson({ cacheVersion: CACHE_VERSION, versions: list.versions, channels: list.channels });
}

/** Returns, for each version (`1.30.6`), the release Rancher Desktop uses: the last of its builds in the list. */
export function chosenBuilds(versions: readonly string[]): ReadonlyMap<string, ReleaseTag> {
  const tags = versions.map(parseDesktopTag).filter((tag) => tag !== undefined);
  return new Map(tags.map((tag) => [tag.version, tag]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
