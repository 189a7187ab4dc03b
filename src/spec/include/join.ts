import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../internal/json.ts';
import type { Problem } from '../yaml/decode.ts';
import { formatPath, formatPlace, type Path } from '../yaml/place.ts';
import { entriesOf, listOf, mappingOf, type Written } from './written.ts';

/** Keys that belong to the spec that is built: those of an included one are about that one alone. */
const OWN = ['name', 'about'];
/** Lists that say how, not what: what stands beside them would change if one grew by another. */
const SETTINGS = ['platforms', 'architectures', 'architecture'];
/** Below these keys, the order of a list has a meaning. */
const ORDERED = ['registries', 'upstreams'];

/** Specs joined to one, and where they contradict each other. */
export interface Joined {
  readonly spec: Written;
  readonly conflicts: readonly Problem[];
}

/**
 * Joins a spec, the last of these, with those that it includes, which come first as if they were written above it. Lists of content follow each other,
 * mappings are joined key by key, and a setting that several have must be the same.
 */
export function joinSpecs(specs: readonly Written[]): Joined {
  const conflicts: Problem[] = [];
  const joinInto = (left: Written | undefined, right: Written, path: Path): Written => {
    if (left === undefined || right.value === null) return right;
    if (left.value === null) return left;
    if (isRecord(left.value) && isRecord(right.value)) {
      const entries: Record<string, Written> = { ...entriesOf(left) };
      for (const [key, value] of Object.entries(entriesOf(right)))
        entries[key] = joinInto(entries[key], value, [...path, key]);
      return mappingOf(entries, right.originOf([]));
    }
    if (isContent(left, right, path))
      return listOf([...itemsOf(left), ...itemsOf(right)], right.originOf([]));
    if (!isSame(left.value, right.value, path)) conflicts.push(conflictOf(left, right, path));
    return right;
  };
  const parts = specs.map((spec, index) => (index === specs.length - 1 ? spec : withoutOwn(spec)));
  const joined = parts.reduce((left, right) => joinInto(left, right, []));
  return { spec: withVersion(joined, specs), conflicts };
}

function withoutOwn(spec: Written): Written {
  const entries = Object.entries(entriesOf(spec)).filter(([key]) => !OWN.includes(key) && key !== 'bundle');
  return mappingOf(Object.fromEntries(entries), spec.originOf([]));
}

/** Of several versions of the format, the one that is not known is the one to report. */
function withVersion(joined: Written, all: readonly Written[]): Written {
  const versions = all.flatMap((spec) => entriesOf(spec)['bundle'] ?? []);
  const bundle = versions.find(({ value }) => value !== 1) ?? versions.at(-1);
  return mappingOf({ ...entriesOf(joined), bundle }, joined.originOf([]));
}

function isContent(left: Written, right: Written, path: Path): boolean {
  const isList = Array.isArray(left.value) && Array.isArray(right.value);
  return isList && !SETTINGS.includes(String(path.at(-1))) && !ORDERED.includes(String(path[0]));
}

function isSame(left: unknown, right: unknown, path: Path): boolean {
  if (ORDERED.includes(String(path[0]))) return isDeepStrictEqual(left, right);
  return isDeepStrictEqual(new Set([left].flat()), new Set([right].flat()));
}

function itemsOf(list: Written): readonly Written[] {
  const items: readonly unknown[] = Array.isArray(list.value) ? list.value : [];
  return items.map((value, index) => ({ value, originOf: (path) => list.originOf([index, ...path]) }));
}

/** Shows neither value: under `registries` it may be a credential. */
function conflictOf(left: Written, right: Written, path: Path): Problem {
  const [before, here] = [left, right].map((written) => {
    const { text, path: own } = written.originOf([]);
    return text.placeOf(own);
  });
  return {
    place: here ?? { file: '', line: 1, column: 1 },
    subject: `"${formatPath(path)}"`,
    fact: `it contradicts ${before === undefined ? 'another file' : formatPlace(before)}`,
    hint: 'It holds for everything in the bundle: write it in one of the files, or the same in all.',
  };
}
