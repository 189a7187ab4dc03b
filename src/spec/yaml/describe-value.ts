import { redactUrl } from '../../internal/http/redact.ts';
import { isRecord } from '../../internal/json.ts';
import type { Path } from './place.ts';
import { quote } from './quote.ts';

/** An unexpected value. */
export interface Unexpected {
  readonly value: unknown;
  /** The value as written; left out for a secret. */
  readonly source: string | undefined;
  /** Keys that the mapping there, or the one around it, may have. */
  readonly keys: readonly string[];
}

/**
 * Returns the advice for an unexpected value, for common mistakes: versions that YAML reads as numbers, a single value for a
 * list or a mapping, a path for an address, lost indentation, a file for a later program.
 */
export function adviceFor(expected: string, { value, source, keys }: Unexpected): string | undefined {
  if (typeof value === 'string' && source !== undefined) {
    const key = keyFor(value, keys);
    const isLost = expected.endsWith('a mapping') || expected === 'an http or https URL';
    // A lost address may have a password in it.
    const shown = key === 'path' ? value : redactUrl(value);
    if (isLost && key !== undefined) return `Write "${key}: ${shown}".`;
    if (expected === value) return 'Write it without quotes.';
  }
  if (expected.startsWith('text') && (typeof value === 'number' || typeof value === 'boolean')) {
    if (source === undefined) return 'Put the value in quotes.';
    return `Write "${source}" in quotes: without them YAML reads ${describeScalar(value)}.`;
  }
  if (expected === 'a list' && typeof value === 'string')
    return 'Write each entry on a line of its own, after "- ".';
  if (expected.endsWith('a mapping') && value === null)
    return 'Indent the keys that belong to it, or leave it out altogether.';
  // The only number that a file must hold is the version of its own format.
  if (/^\d+$/.test(expected) && typeof value === 'number' && value > Number(expected))
    return `This program reads version ${expected}: a later one needs a later Saddlebag.`;
  return undefined;
}

/** Returns which of the keys a text belongs to that stands alone, or at the wrong one. */
function keyFor(value: string, keys: readonly string[]): string | undefined {
  const [scheme = ''] = /^[a-z]+(?=:\/\/)/.exec(value) ?? [];
  const key = { '': 'path', http: 'url', https: 'url', oci: 'reference' }[scheme];
  return key !== undefined && keys.includes(key) ? key : undefined;
}

/** Returns a description of the value found, without secrets. */
export function describe(value: unknown, path: Path): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (isRecord(value)) return 'a mapping';
  if (isSecret(path)) return 'another value';
  return describeScalar(value);
}

function describeScalar(value: unknown): string {
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return 'another value';
  return quote(value);
}

/** Returns whether a value there is a credential, so that no part of it may appear in a message. */
export function isSecret(path: Path): boolean {
  return path.includes('auth');
}
