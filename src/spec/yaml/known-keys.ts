import * as z from 'zod';
import { isRecord } from '../../internal/json.ts';
import type { Path } from './place.ts';

/** Returns the keys that `schema` allows in the mapping at `path`, in the order of the schema. */
export function knownKeys(schema: z.ZodType, path: Path): string[] {
  let places = alternatives(z.toJSONSchema(schema, { io: 'input' }));
  for (const step of path) places = places.flatMap((place) => alternatives(below(place, step)));
  const keys = places.flatMap((place) =>
    Object.keys(isRecord(place['properties']) ? place['properties'] : {}),
  );
  // Alternatives have keys in common.
  return [...new Set(keys)];
}

/** Returns the part of a JSON Schema that applies to a value one step down. */
export function below(place: Record<string, unknown>, step: PropertyKey): unknown {
  if (typeof step === 'number') return place['items'];
  const properties = place['properties'];
  if (isRecord(properties) && Object.hasOwn(properties, step)) return properties[String(step)];
  return place['additionalProperties'];
}

/** Returns the alternatives of a part of a JSON Schema: for a union all of them count. */
export function alternatives(place: unknown): Record<string, unknown>[] {
  if (!isRecord(place)) return [];
  const choices = place['anyOf'] ?? place['oneOf'];
  return Array.isArray(choices) ? choices.flatMap(alternatives) : [place];
}
