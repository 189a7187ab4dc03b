/**
 * Returns the line, from 0, of the value at `path` in a JSON text; where the path leads on into a text, the line of that text.
 */
export function jsonLine(text: string, path: readonly (string | number)[]): number {
  let [at, line] = [skipSpace(text, 0), 0];
  for (const step of path) {
    const next = enter(text, at, step);
    if (next === undefined) break;
    at = next;
  }
  for (let from = text.indexOf('\n'); from !== -1 && from < at; from = text.indexOf('\n', from + 1))
    line += 1;
  return line;
}

/** Returns where a child of the value at `at` begins. */
function enter(text: string, at: number, step: string | number): number | undefined {
  const isList = text[at] === '[';
  if (!isList && text[at] !== '{') return undefined;
  let [place, index] = [skipSpace(text, at + 1), 0];
  while (place < text.length && text[place] !== ']' && text[place] !== '}') {
    let name: string | number = index;
    if (!isList) {
      const end = skipValue(text, place);
      const key: unknown = JSON.parse(text.slice(place, end));
      name = String(key);
      place = skipSpace(text, skipSpace(text, end) + 1);
    }
    if (name === step) return place;
    place = skipSpace(text, skipValue(text, place));
    if (text[place] === ',') place = skipSpace(text, place + 1);
    index += 1;
  }
  return undefined;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
  return at;
}

/** Returns the end of the value that begins at `from`. The text is valid JSON. */
function skipValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at) - 1;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    else if (char !== ',' && char !== ':' && !/\s/.test(char ?? '')) continue;
    if (depth < 0 || (depth === 0 && (char === ',' || char === ':'))) return at;
    if (depth === 0 && (char === '"' || char === '}' || char === ']')) return at + 1;
  }
  return text.length;
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
