import { isRecord } from '../../internal/json.ts';

/** Returns whether a document is a Compose file, by its services (Compose Specification). */
export function isCompose(document: Readonly<Record<string, unknown>>): boolean {
  const { services } = document;
  if (!isRecord(services) || 'apiVersion' in document || 'kind' in document) return false;
  return Object.values(services).some(
    (service) => isRecord(service) && ['image', 'build', 'extends', 'provider'].some((key) => key in service),
  );
}

/**
 * Returns a Compose file with every variable replaced by its default: `${TAG:-1.25}` is `1.25`. One without a default stays, since
 * only the environment of whoever starts it says what it is. "Interpolation" in the Compose Specification.
 */
export function withDefaults(document: unknown): unknown {
  const known = new Map<object, unknown>();
  const filled = (value: unknown): unknown => {
    if (typeof value === 'string') return value.includes('$') ? interpolated(value) : value;
    if (typeof value !== 'object' || value === null) return value;
    const before = known.get(value);
    if (before !== undefined) return before;
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    // Set before its children, which may share it.
    known.set(value, copy);
    for (const [key, child] of Object.entries(value)) Reflect.set(copy, key, filled(child));
    return copy;
  };
  return filled(document);
}

/** A default may have variables of its own. */
const DEFAULT = /\$\{\w+:?-([^${}]*)\}/g;
const DEPTH = 8;

function interpolated(text: string): string {
  let filled = text;
  for (let depth = 0; depth < DEPTH; depth += 1) {
    const next = filled.replaceAll(DEFAULT, '$1');
    if (next === filled) break;
    filled = next;
  }
  return filled.replaceAll('$$', '$');
}
