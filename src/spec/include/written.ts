import { isRecord } from '../../internal/json.ts';
import { valueAt } from '../yaml/decode.ts';
import type { Path } from '../yaml/place.ts';
import type { YamlText } from '../yaml/text.ts';

/** Where a value was written: a document, and the path in it. */
export interface Origin {
  readonly text: YamlText;
  readonly path: Path;
}

/** A value of a spec that may be made of several files, with the origin of every part of it. */
export interface Written {
  readonly value: unknown;
  /** Returns where the value at a path was written, or the nearest one around it. */
  readonly originOf: (path: Path) => Origin;
}

/** Returns what is written at a path of a document, with all that is in it. */
export function writtenIn(text: YamlText, path: Path = []): Written {
  return {
    value: valueAt(text.value, path),
    originOf: (below) => ({ text, path: [...path, ...below] }),
  };
}

/** Returns another value in place of one that was written: whole, and whatever is in it, it comes from there. */
export function writtenAs(value: unknown, origin: Origin): Written {
  return { value, originOf: () => origin };
}

/** Returns a list of values that come from anywhere. */
export function listOf(items: readonly Written[], origin: Origin): Written {
  return {
    value: items.map(({ value }) => value),
    originOf: ([first, ...rest]) => items[Number(first)]?.originOf(rest) ?? origin,
  };
}

/** Returns a mapping of values that come from anywhere, without those that are left out. */
export function mappingOf(entries: Readonly<Record<string, Written | undefined>>, origin: Origin): Written {
  const present = Object.entries(entries).flatMap(([key, written]) =>
    written === undefined ? [] : [[key, written] as const],
  );
  const byKey = new Map(present);
  return {
    value: Object.fromEntries(present.map(([key, { value }]) => [key, value])),
    originOf: ([first, ...rest]) => byKey.get(String(first))?.originOf(rest) ?? origin,
  };
}

/** Returns what is under a key of a mapping. */
export function under(written: Written, key: string | number): Written | undefined {
  const value = valueAt(written.value, [key]);
  if (value === undefined) return undefined;
  return { value, originOf: (path) => written.originOf([key, ...path]) };
}

/** Returns the values of a mapping by key; none when it is no mapping. */
export function entriesOf(written: Written): Readonly<Record<string, Written>> {
  const keys = isRecord(written.value) ? Object.keys(written.value) : [];
  return Object.fromEntries(
    keys.flatMap((key) => {
      const inner = under(written, key);
      return inner === undefined ? [] : [[key, inner] as const];
    }),
  );
}

/** Returns a written value as a text whose places are those of the files it comes from. */
export function yamlTextOf(written: Written, faults: YamlText['faults']): YamlText {
  const { value, originOf } = written;
  return {
    value,
    faults,
    placeOf: (path) => {
      const { text, path: own } = originOf(path);
      return text.placeOf(own);
    },
    placeOfKey: (path, key) => {
      const { text, path: own } = originOf([...path, key]);
      return text.placeOfKey(own.slice(0, -1), String(own.at(-1)));
    },
    sourceOf: (path) => {
      const { text, path: own } = originOf(path);
      return text.sourceOf(own);
    },
    pathOf: (path) => {
      const { text, path: own } = originOf(path);
      return text.pathOf(own);
    },
  };
}
