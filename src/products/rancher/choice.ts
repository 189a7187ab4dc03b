import { nearest } from '../../internal/nearest.ts';
import { compareText } from '../../internal/order.ts';
import type { ImageSources } from './image-sources.ts';
import { partCalled, partOfSource } from './parts.ts';

/** Which parts of a release to take; all of them when neither is given. Names of parts, or of single charts. */
export interface PartChoice {
  readonly without?: readonly string[] | undefined;
  readonly only?: readonly string[] | undefined;
}

/** The sources of a release that are taken. */
export interface ChosenSources {
  readonly taken: ReadonlySet<string>;
  /** Names that the release has no part or chart for. */
  readonly unknown: readonly string[];
  /** Names of what cannot be left out. */
  readonly needed: readonly string[];
}

/** Returns the sources that are taken of those that lists name. What every installation needs always is. */
export function chooseSources(
  lists: readonly ImageSources[],
  { without = [], only }: PartChoice,
): ChosenSources {
  const all = new Set(lists.flatMap((list) => [...list.values()].flat()));
  const named = [...without, ...(only ?? [])];
  const out = new Set(without.flatMap((name) => sourcesOf(name, all)));
  const chosen = only === undefined ? undefined : new Set(only.flatMap((name) => sourcesOf(name, all)));
  return {
    taken: new Set(
      [...all].filter((source) => isNeeded(source) || (chosen?.has(source) ?? !out.has(source))),
    ),
    unknown: named.filter((name) => sourcesOf(name, all).length === 0),
    needed: without.filter((name) => sourcesOf(name, all).some(isNeeded)),
  };
}

/** Returns the names of the parts that a release has, sorted. */
export function partNames(lists: readonly ImageSources[]): readonly string[] {
  const sources = lists.flatMap((list) => [...list.values()].flat());
  return [...new Set(sources.map((source) => partOfSource(source).name))].sort(compareText);
}

/** Returns the part or chart of a release whose name is nearest, or `undefined` when none is near. */
export function nearestPart(name: string, lists: readonly ImageSources[]): string | undefined {
  const sources = lists.flatMap((list) => [...list.values()].flat());
  return nearest(name, [...partNames(lists), ...new Set(sources)]);
}

function sourcesOf(name: string, all: ReadonlySet<string>): readonly string[] {
  return partCalled(name.replace(/-crd$/, '')).sources.filter((source) => all.has(source));
}

function isNeeded(source: string): boolean {
  return partOfSource(source).isNeeded === true;
}
