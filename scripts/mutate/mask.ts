/**
 * Returns a source text with comments and the contents of strings, templates and regular expressions blanked out, so that
 * only code is left. The length stays the same.
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

/** Maps the opening of each non-code part to its end. */
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
  // After a value, a slash means division; elsewhere it starts a regular expression.
  if (source[at] !== '/' || !/(?:[(,=:[!&|?{};]|=>|\breturn|^)\s*$/.test(before)) return 1;
  return /^\/(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\n])+\/[a-z]*/.exec(source.slice(at))?.[0].length ?? 1;
}
