import semver from 'semver';
import { SaddlebagError } from '../../../internal/error.ts';
import { nearestVersions } from '../../web/nearest-version.ts';
import { matching } from './matching.ts';
import type { TagsWish } from './part.ts';
import { compareTags, isInRange, versionOf } from './version.ts';

/** Tags under which cosign and others keep what belongs to an image. */
const ATTACHED = /^sha256-[0-9a-f]{64}(?:$|\.)/;
const SHOWN = 3;

/**
 * Returns the tags that are wanted of those that a repository has, the oldest first.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND` when none is, `ERR_SPEC_INVALID` for an expression that takes too long
 */
export function chooseTags(repository: string, listed: readonly string[], wish: TagsWish): readonly string[] {
  const all = [...new Set(listed)].filter((tag) => !ATTACHED.test(tag)).sort(compareTags);
  const { semver: range, match, exclude, latest } = wish;
  const inRange = range === undefined ? all : all.filter((tag) => isIn(tag, range));
  const matched = match === undefined ? undefined : matching(inRange, match);
  const excluded = exclude === undefined ? undefined : matching(inRange, exclude);
  const wanted = inRange.filter((tag) => (matched?.has(tag) ?? true) && excluded?.has(tag) !== true);
  if (wanted.length === 0) throw none(repository, all, { wish, inRange });
  return latest === undefined ? wanted : wanted.slice(-latest);
}

function isIn(tag: string, range: string): boolean {
  const version = versionOf(tag);
  return version !== undefined && isInRange(version, range);
}

function none(
  repository: string,
  all: readonly string[],
  { wish, inRange }: { readonly wish: TagsWish; readonly inRange: readonly string[] },
): SaddlebagError {
  const { semver: range, match, exclude } = wish;
  const asked = Object.entries({ semver: range, match, exclude }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key} ${JSON.stringify(value)}`],
  );
  const near = nearest(all, { range, inRange });
  return new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find tags of "${repository}": none of the ${all.length} there fits ${asked.join(', ')}`,
    {
      hint:
        near.length === 0
          ? 'Make the range wider, or name the tags.'
          : `The nearest are ${near.map((tag) => `"${tag}"`).join(', ')}.`,
    },
  );
}

/** Returns tags that the range fits; if it fits none, those beside its lower end; else the newest. */
function nearest(
  all: readonly string[],
  { range, inRange }: { readonly range: string | undefined; readonly inRange: readonly string[] },
): readonly string[] {
  const lowest = range === undefined || inRange.length > 0 ? null : semver.minVersion(range);
  const beside = lowest === null ? [] : nearestVersions(lowest.version, all);
  return beside.length > 0 ? beside : (inRange.length > 0 ? inRange : all).slice(-SHOWN);
}
