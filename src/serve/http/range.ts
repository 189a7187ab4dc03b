/** What part of a whole is wanted: all of it, some, or one that is not there. */
export type Range =
  | { readonly type: 'whole' }
  /** First and last byte, both included. */
  | { readonly type: 'part'; readonly first: number; readonly last: number }
  | { readonly type: 'unsatisfiable' };

const WHOLE: Range = { type: 'whole' };
/** More digits than any size has would lose their last ones in a number. */
const ONE_RANGE = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i;

/**
 * Returns what a `Range` header asks for of `size` bytes (RFC 9110, 14.2). One that says nothing sensible, and one that asks
 * for several ranges, which may overlap without end, is passed over: then the whole is the answer.
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
