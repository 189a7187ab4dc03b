/**
 * Returns the first member name that an object of a JSON text has twice, or `undefined`. JSON readers differ in which of two
 * equal names counts, and some take names for equal that differ in case alone; so does this, but for annotations, which are
 * free text. The text must be JSON.
 */
export function repeatedKeyOf(json: string): string | undefined {
  const open: Level[] = [];
  let key = '';
  let text = '""';
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      const end = endOfString(json, at);
      text = json.slice(at, end + 1);
      at = end;
    } else if (character === ':') {
      key = String(JSON.parse(text));
      const level = open.at(-1);
      const name = level?.isFree === true ? key : key.toUpperCase().toLowerCase();
      if (level?.seen.has(name) === true) return key;
      level?.seen.add(name);
    } else if (character === '{' || character === '[') {
      open.push({ seen: new Set(), isFree: character === '{' && key === 'annotations' });
    } else if (character === '}' || character === ']') open.pop();
  }
  return undefined;
}

/** An object, or a list, which has no names. */
interface Level {
  readonly seen: Set<string>;
  readonly isFree: boolean;
}

/** Returns where the quote is that ends the string which begins at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}
