import { isRecord } from './json.ts';
import { quote } from './quote.ts';
import { endOfString, repeatedKeyOf } from './repeated-key.ts';

/** More than any document of the format needs, yet small enough to hold in memory whatever its content. */
export const JSON_LIMIT = {
  /** Nesting of objects and lists. */
  depth: 64,
  /** Members of one object. */
  members: 100_000,
  /** Objects, lists, strings, numbers and literals in total. */
  values: 2_000_000,
} as const;

export interface ForeignJsonOptions {
  /** Largest text to parse (bytes). */
  readonly limit: number;
  /** Returns the error for a text with this fault. */
  readonly fail: (fact: string, cause?: unknown) => Error;
  /** Checks the value before duplicate members are looked for; may throw. */
  readonly onParsed?: ((value: unknown) => void) | undefined;
  /** Whether members that differ in case alone are two: for documents that hold the data of others. */
  readonly exact?: boolean | undefined;
}

/**
 * Parses a JSON text from outside. It must be UTF-8 without a byte order mark, have no duplicate members, and stay within all
 * limits. The limits are checked before parsing allocates anything.
 *
 * @throws what `fail` returns
 */
export function parseForeignJson(bytes: Uint8Array, options: ForeignJsonOptions): unknown {
  return parseForeignRows(bytes, options).value;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The name of a list that is the whole document. */
export const WHOLE = '[]';

/** A JSON text from outside, some of whose lists are long. */
export interface ForeignRows {
  /** All but what is in those lists: they are empty here. */
  readonly value: unknown;
  /** Yields the values in one of them, each parsed when it is asked for; nothing where it is not a list. */
  readonly rows: (list: string) => Iterable<unknown>;
  /** Returns how many there are. */
  readonly count: (list: string) => number;
}

/**
 * Parses a JSON text from outside as {@link parseForeignJson} does, but for the values in `lists`: members of the text that are lists,
 * or {@link WHOLE}. Those are parsed in pieces, so that they are never in memory together.
 *
 * @throws what `fail` returns
 */
export function parseForeignRows(
  bytes: Uint8Array,
  options: ForeignJsonOptions & { readonly lists?: readonly string[] | undefined },
): ForeignRows {
  const { limit, fail, lists = [] } = options;
  if (bytes.length > limit) throw fail(`it has ${bytes.length} bytes, more than the ${limit} allowed`);
  let text: string;
  let parsed: ForeignRows;
  try {
    text = UTF8.decode(bytes);
  } catch (cause) {
    throw fail('it is not JSON', cause);
  }
  const excess = excessOf(text);
  if (excess !== undefined) throw fail(excess);
  try {
    parsed = parseParts(text, lists);
  } catch (cause) {
    // The message of JSON.parse quotes part of the text.
    throw fail('it is not JSON', cause);
  }
  options.onParsed?.(parsed.value);
  const repeated = repeatedKeyOf(text, { exact: options.exact });
  if (repeated !== undefined) throw fail(`one of its objects has ${quote(repeated)} twice`);
  return parsed;
}

/** Throws as `JSON.parse` does when any part of the text is not JSON. */
function parseParts(text: string, lists: readonly string[]): ForeignRows {
  const long = lists.length === 0 ? [] : longLists(text, lists);
  const counts = new Map<string, number>();
  let frame = '';
  let end = 0;
  for (const list of long) {
    frame += text.slice(end, list.start);
    end = list.end;
    // What is not JSON must be found now.
    counts.set(
      list.name,
      rowsOf(text, list).reduce<number>((count) => count + 1, 0),
    );
  }
  const value: unknown = JSON.parse(frame + text.slice(end));
  // One whose name is spelled with escapes was parsed with the rest.
  const short = (name: string): readonly unknown[] => {
    const list = isRecord(value) ? value[name] : undefined;
    return Array.isArray(list) ? list : [];
  };
  return {
    value,
    rows: (name) => {
      const list = long.find((each) => each.name === name);
      return list === undefined ? short(name) : rowsOf(text, list);
    },
    count: (name) => counts.get(name) ?? short(name).length,
  };
}

/** Where the values of a list are in a text. */
interface LongList {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Values that are parsed together have about so many characters. */
const PIECE = 64 * 1024;

function longLists(text: string, names: readonly string[]): readonly LongList[] {
  const lists: LongList[] = [];
  let depth = 0;
  let key = WHOLE;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (depth === 1) key = text.slice(at + 1, end);
      at = end;
    } else if (code === OPEN_LIST && depth < 2 && (key === WHOLE) === (depth === 0) && names.includes(key)) {
      const [end = text.length] = bordersIn(text, at + 1, Number.POSITIVE_INFINITY);
      lists.push({ name: key, start: at + 1, end });
      at = end;
    } else if (code === OPEN || code === OPEN_LIST) {
      depth += 1;
      key = '';
    } else if (code === CLOSE || code === CLOSE_LIST) depth -= 1;
    else if (code === COMMA) key = '';
  }
  return lists;
}

function* rowsOf(text: string, { start, end }: LongList): Generator<unknown, void, undefined> {
  let from = start;
  for (const border of bordersIn(text, start, PIECE)) {
    const rows: unknown = JSON.parse(`[${text.slice(from, border)}]`);
    if (!Array.isArray(rows)) return;
    if (rows.length === 0 && (from > start || border < end)) throw new SyntaxError('a value is missing');
    yield* rows;
    from = border + 1;
  }
}

/** Yields the position of a comma of a list after each so many characters, and then that of its end. */
function* bordersIn(text: string, start: number, every: number): Generator<number, void, undefined> {
  let depth = 0;
  let from = start;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN || code === OPEN_LIST) depth += 1;
    else if (code === CLOSE || code === CLOSE_LIST) {
      if (depth === 0) return yield at;
      depth -= 1;
    } else if (code === COMMA && depth === 0 && at - from >= every) {
      yield at;
      from = at;
    }
  }
  yield text.length;
}

const [QUOTE, COMMA, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x22, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d];
const [SPACE, TAB, LINE, RETURN] = [0x20, 0x09, 0x0a, 0x0d];

/** Returns which limit a JSON text exceeds, or `undefined`. The result is arbitrary for a text that is not JSON. */
export function excessOf(json: string): string | undefined {
  /** For each open object or list, how many commas it has; negative for a list. */
  const commas: number[] = [];
  let values = 1;
  let last = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === SPACE || code === TAB || code === LINE || code === RETURN) continue;
    const isFirst = last === OPEN || last === OPEN_LIST;
    if (code === COMMA || (isFirst && code !== CLOSE && code !== CLOSE_LIST)) values += 1;
    if (values > JSON_LIMIT.values) return `it has more than ${JSON_LIMIT.values} values`;
    last = code;
    if (code === QUOTE) at = endOfString(json, at);
    else if (code === CLOSE || code === CLOSE_LIST) commas.pop();
    else if (code === OPEN || code === OPEN_LIST) {
      if (commas.length === JSON_LIMIT.depth) return `it is nested more than ${JSON_LIMIT.depth} deep`;
      commas.push(code === OPEN ? 0 : Number.NEGATIVE_INFINITY);
    } else if (code === COMMA) {
      const count = (commas.at(-1) ?? 0) + 1;
      if (count >= JSON_LIMIT.members)
        return `one of its objects has more than ${JSON_LIMIT.members} members`;
      commas[commas.length - 1] = count;
    }
  }
  return undefined;
}
