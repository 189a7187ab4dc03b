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
  const { limit, fail } = options;
  if (bytes.length > limit) throw fail(`it has ${bytes.length} bytes, more than the ${limit} allowed`);
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fail('it is not JSON', cause);
  }
  const excess = excessOf(text);
  if (excess !== undefined) throw fail(excess);
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // The message of JSON.parse quotes part of the text.
    throw fail('it is not JSON', cause);
  }
  options.onParsed?.(value);
  const repeated = repeatedKeyOf(text, { exact: options.exact });
  if (repeated !== undefined) throw fail(`one of its objects has ${quote(repeated)} twice`);
  return value;
}

const [QUOTE, COMMA, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x22, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d];
const SPACES: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];

/** Returns which limit a JSON text exceeds, or `undefined`. The result is arbitrary for a text that is not JSON. */
export function excessOf(json: string): string | undefined {
  /** For each open object or list, how many commas it has; negative for a list. */
  const commas: number[] = [];
  let values = 1;
  let last = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (SPACES.includes(code)) continue;
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
