/** Longest piece of a file (characters) that a message repeats: a binary file taken for text has lines without end. */
const LIMIT = 100;

/** Returns a piece of a file in quotes, for a message. A URL in it loses its user and query: both may be credentials. */
export function quote(text: string): string {
  const harmless = text.replace(/:\/\/[^/]*@/g, '://…@').replace(/(:\/\/[^\s?]*\?)\S*/g, '$1…');
  return JSON.stringify(shorten(harmless));
}

/** Returns text that fits into a message. */
export function shorten(text: string): string {
  return text.length > LIMIT ? `${text.slice(0, LIMIT)}…` : text;
}
