import { printable } from '../printable.ts';
import type { ProgressEvent } from './event.ts';

/** What some readers take for the end of a line; JSON allows it in strings. */
const LINE_ENDS = /[\u2028\u2029]/g;

/** Returns an event on one line, with no character that a terminal acts on: what JSON does not escape is escaped here. */
export function formatEvent(event: ProgressEvent): string {
  return printable(JSON.stringify(event)).replace(
    LINE_ENDS,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );
}
