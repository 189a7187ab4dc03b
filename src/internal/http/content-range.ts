/** Where the bytes of a partial answer belong. */
export interface ContentRange {
  /** First and last byte of the answer; left out when the range could not be served (416). */
  readonly first?: number | undefined;
  readonly last?: number | undefined;
  /** Size of the whole (bytes), if the server knows it. */
  readonly total?: number | undefined;
}

/** Returns the content of a `Content-Range` header (RFC 9110, 14.4), or `undefined` when it is not about bytes. */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const match = /^\s*bytes\s+(?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)\s*$/i.exec(value ?? '');
  if (match === null) return undefined;
  const [, first, last, total] = match;
  const whole = total === undefined || total === '*' ? {} : { total: Number(total) };
  if (first === undefined || last === undefined) return whole;
  if (Number(last) < Number(first) || Number(last) >= Number(total ?? Infinity)) return undefined;
  return { first: Number(first), last: Number(last), ...whole };
}
