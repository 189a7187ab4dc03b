/**
 * Returns a source text of the same length in which comments and the insides of strings, templates and regular expressions
 * are blank: what is left is code.
 */
export function maskOf(source: string): string {
  let masked = '';
  for (let at = 0; at < source.length;) {
    const length = Math.max(1, lengthOfText(source, at, masked));
    const piece = source.slice(at, at + length);
    masked += length === 1 ? piece : piece.replaceAll(/[^\n]/g, ' ');
    at += length;
  }
  return masked;
}

/** Ends of what is no code, by how it begins. */
const ENDS: readonly (readonly [start: string, end: RegExp])[] = [
  ['//', /\n|$/g],
  ['/*', /\*\//g],
  ["'", /(?<!\\)(?:\\\\)*'/g],
  ['"', /(?<!\\)(?:\\\\)*"/g],
  ['`', /(?<!\\)(?:\\\\)*`/g],
];

function lengthOfText(source: string, at: number, before: string): number {
  for (const [start, end] of ENDS) {
    if (!source.startsWith(start, at)) continue;
    end.lastIndex = at + start.length;
    const found = end.exec(source);
    const isComment = start === '//' || found === null;
    return isComment ? (found?.index ?? source.length) - at : end.lastIndex - at;
  }
  // A slash divides behind a value; else it begins a regular expression.
  if (source[at] !== '/' || !/(?:[(,=:[!&|?{};]|=>|\breturn|^)\s*$/.test(before)) return 1;
  return /^\/(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\n])+\/[a-z]*/.exec(source.slice(at))?.[0].length ?? 1;
}
