import { messageOf } from '../../internal/error.ts';
import { withoutCredentials } from '../../internal/http/without-credentials.ts';
import { shorten } from './quote.ts';

/** A place in a file the user wrote; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Position of a value in a document: keys and indexes from the top down. */
export type Path = readonly PropertyKey[];

/** Returns `file:line:column`, which terminals and editors turn into a link. */
export function formatPlace(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`;
}

/** Returns a path as people write it: `registries.configs['harbor.example:8443'].auth`, `images[2]`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      const key = withoutCredentials(String(step));
      if (!/^\w+$/.test(key)) return `['${key}']`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}

/**
 * Returns the part of a message after `Cannot <attempted> "x": `, for a message that names the place itself: "cannot read"
 * inside "cannot read" helps nobody.
 */
export function reasonOf(error: unknown): string {
  return shorten(messageOf(error).replace(/^Cannot [^":]*"(?:[^"\\]|\\.)*": /, ''));
}
