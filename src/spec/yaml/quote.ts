import { withoutCredentials } from '../../internal/http/without-credentials.ts';

/** Longest piece of a file (characters) that a message repeats: a binary file taken for text has lines without end. */
const LIMIT = 100;

/** Returns a piece of a file in quotes, for a message: without a user, a password or a query that may be in it. */
export function quote(text: string): string {
  return JSON.stringify(shorten(withoutCredentials(text)));
}

/** Returns text that fits into a message. */
export function shorten(text: string): string {
  return text.length > LIMIT ? `${text.slice(0, LIMIT)}…` : text;
}
