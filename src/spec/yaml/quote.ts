import { withoutCredentials } from '../../internal/http/without-credentials.ts';

/** Longest piece of a file (characters) to repeat in a message: a binary file taken for text has endless lines. */
const LIMIT = 100;

/** Returns a quoted piece of a file for a message, without any user, password or query in it. */
export function quote(text: string): string {
  return JSON.stringify(shorten(withoutCredentials(text)));
}

/** Returns text shortened to fit into a message. */
export function shorten(text: string): string {
  return text.length > LIMIT ? `${text.slice(0, LIMIT)}…` : text;
}
