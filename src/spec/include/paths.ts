import { dirname, isAbsolute, join, posix } from 'node:path';
import * as z from 'zod';
import { isRecord } from '../../internal/json.ts';
import { isWebAddress, PATHS } from '../fields.ts';
import { alternatives, below } from '../yaml/known-keys.ts';
import type { Written } from './written.ts';

/**
 * Returns a spec with the paths in it seen from another folder: `folder` is where its file is, relative to there. What is a
 * path, the schema says.
 */
export function rebasePaths(spec: Written, folder: string, schema: z.ZodType): Written {
  if (folder === '.') return spec;
  const marked = z.toJSONSchema(schema, { io: 'input', metadata: PATHS });
  return { ...spec, value: rebased(spec.value, alternatives(marked), folder) };
}

/** Returns the folder of a file that a spec names. */
export function folderOf(written: string): string {
  return dirname(written);
}

/** Returns the path of a file that a spec names, as seen from where the program runs. */
export function shownPath(specPath: string, written: string): string {
  const folder = dirname(specPath);
  return folder === '.' || isAbsolute(written) ? written : join(folder, written);
}

function rebased(
  value: unknown,
  places: readonly Readonly<Record<string, unknown>>[],
  folder: string,
): unknown {
  const step = (key: PropertyKey): readonly Readonly<Record<string, unknown>>[] =>
    places.flatMap((place) => alternatives(below(place, key)));
  if (typeof value === 'string')
    return places.some((place) => place['isPath'] === true) ? rebasePath(value, folder) : value;
  if (Array.isArray(value)) return value.map((item: unknown, index) => rebased(item, step(index), folder));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, rebased(inner, step(key), folder)]),
  );
}

function rebasePath(written: string, folder: string): string {
  if (folder === '.' || written === '' || isAbsolute(written) || isWebAddress(written)) return written;
  return posix.join(folder, written);
}
