/** The requested part: all of the content, a range, or a range that does not exist. */
export type Range =
  | { readonly type: 'whole' }
  /** First and last byte, inclusive. */
  | { readonly type: 'part'; readonly first: number; readonly last: number }
  | { readonly type: 'unsatisfiable' };

const WHOLE: Range = { type: 'whole' };
/** Larger numbers would lose precision, and no size needs them. */
const ONE_RANGE = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i;

/**
 * Returns what a `Range` header requests from `size` bytes (RFC 9110, 14.2). A malformed header is ignored, and so is one
 * with several ranges, which could overlap without limit: the answer is then the whole content.
 */
export function parseRange(header: string | undefined, size: number): Range {
  const match = ONE_RANGE.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return WHOLE;
  if (first === '') return suffixOf(Number(last), size);
  const [from, to] = [Number(first), last === '' ? Infinity : Number(last)];
  if (to < from) return WHOLE;
  if (from >= size) return { type: 'unsatisfiable' };
  return { type: 'part', first: from, last: Math.min(to, size - 1) };
}

function suffixOf(length: number, size: number): Range {
  if (length === 0 || size === 0) return { type: 'unsatisfiable' };
  return { type: 'part', first: Math.max(0, size - length), last: size - 1 };
}
