import { foldCase } from './unicode/folding.ts';

/** Members whose own members are free text, so that only exact duplicates count. */
const FREE: readonly string[] = ['annotations', 'labels'];

/**
 * Returns the first duplicate member name in an object of a JSON text, or `undefined`. JSON readers disagree on which of two
 * equal names counts, and some ignore case. So does this, except for annotations and labels, which are free text, or everywhere
 * with `exact`. The text must be valid JSON.
 */
export function repeatedKeyOf(
  json: string,
  options: { readonly exact?: boolean | undefined } = {},
): string | undefined {
  const { exact = false } = options;
  // One for each level, reused.
  const levels: Level[] = [];
  let depth = 0;
  let key = '';
  let [start, end] = [0, 0];
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      start = at;
      at = end = endOfString(json, at);
    } else if (code === COLON) {
      key = keyIn(json, start, end);
      const level = levels[depth - 1];
      const name = level?.isFree === true ? key : foldCase(key);
      if (level?.seen.has(name) === true) return key;
      level?.seen.add(name);
    } else if (code === OPEN || code === OPEN_LIST) {
      const level = (levels[depth] ??= { seen: new Set(), isFree: false });
      level.seen.clear();
      level.isFree = exact || (code === OPEN && FREE.includes(key));
      depth += 1;
      key = '';
    } else if (code === COMMA) key = '';
    else if (code === CLOSE || code === CLOSE_LIST) depth -= 1;
  }
  return undefined;
}

const [QUOTE, COLON, COMMA, BACKSLASH] = [0x22, 0x3a, 0x2c, 0x5c];
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/** An object, or a list, which has no names. */
interface Level {
  readonly seen: Set<string>;
  isFree: boolean;
}

function keyIn(json: string, start: number, end: number): string {
  const text = json.slice(start + 1, end);
  return text.includes('\\') ? String(JSON.parse(`"${text}"`)) : text;
}

/** Returns the position of the quote that closes the string starting at `start`, or the end of the text. */
export function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let before = end;
    while (before - 1 > start && json.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 0) return end;
  }
  return json.length;
}
