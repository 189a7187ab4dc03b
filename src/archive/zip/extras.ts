/** Extra fields (PKWARE APPNOTE 6.3.10, 4.5.2, 4.6): the large numbers of an entry, and a second name for it. */
const EXTRA = { zip64: 0x0001, unicodePath: 0x7075 } as const;
/** Identifier and length of a field (bytes). */
const HEAD = 4;

/** What an entry carries beside its fixed fields. */
export interface ExtraField {
  readonly id: number;
  readonly data: Buffer;
}

/** Returns the extra fields in these bytes, or `undefined` when they are none. */
export function decodeExtras(bytes: Buffer): readonly ExtraField[] | undefined {
  const fields: ExtraField[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + HEAD > bytes.length) return undefined;
    const [id, length] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    const data = bytes.subarray(at + HEAD, at + HEAD + length);
    if (data.length < length) return undefined;
    fields.push({ id, data });
    at += HEAD + length;
  }
  return fields;
}

/** Returns the numbers of eight bytes among the extra fields, or `undefined` where there is no place for them. */
export function zip64Numbers(fields: readonly ExtraField[]): readonly number[] | undefined {
  const data = fields.find(({ id }) => id === EXTRA.zip64)?.data;
  if (data === undefined) return undefined;
  return Array.from({ length: Math.floor(data.length / 8) }, (_, index) =>
    Number(data.readBigUInt64LE(index * 8)),
  );
}

/** Returns what is wrong with the extra fields of an entry, whose true numbers are `values` in the order of the format. */
export function faultOfExtras(fields: readonly ExtraField[], values: readonly number[]): string | undefined {
  if (fields.some(({ id }) => id === EXTRA.unicodePath))
    return 'it has a second name, which some programs prefer';
  if (fields.filter(({ id }) => id === EXTRA.zip64).length > 1) return 'it has two sets of ZIP64 numbers';
  let next = 0;
  for (const number of zip64Numbers(fields) ?? []) {
    // A number that fits into its short field may be left out; whatever is here must be one of them.
    const found = values.indexOf(number, next);
    if (found === -1) return 'its ZIP64 numbers contradict the others';
    next = found + 1;
  }
  return undefined;
}
