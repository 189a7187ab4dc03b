import { isRecord } from '../internal/json.ts';

/** Returns every string value in a document, at any depth. */
export function textsIn(value: unknown): ReadonlySet<string> {
  if (typeof value === 'string') return new Set([value]);
  const inner = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  return new Set(inner.flatMap((each: unknown) => [...textsIn(each)]));
}
