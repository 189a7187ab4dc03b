/** Extra fields (PKWARE APPNOTE 6.3.10, 4.5.2, 4.6): the large numbers of an entry, and a second name for it. */
const EXTRA = { zip64: 0x0001, unicodePath: 0x7075 } as const;
/** Identifier and length of a field (bytes). */
const HEAD = 4;

/** Data that an entry has in addition to its fixed fields. */
export interface ExtraField {
  readonly id: number;
  readonly data: Buffer;
}

/** Returns the extra fields in these bytes, or `undefined` if they are malformed. */
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

/** Returns the eight-byte numbers in the extra fields, or `undefined` if no field holds them. */
export function zip64Numbers(fields: readonly ExtraField[]): readonly number[] | undefined {
  const data = fields.find(({ id }) => id === EXTRA.zip64)?.data;
  if (data === undefined) return undefined;
  return Array.from({ length: Math.floor(data.length / 8) }, (_, index) =>
    Number(data.readBigUInt64LE(index * 8)),
  );
}

/**
 * Returns what is wrong with the extra fields of an entry; `values` are its true numbers in the order of the format.
 */
export function faultOfExtras(fields: readonly ExtraField[], values: readonly number[]): string | undefined {
  if (fields.some(({ id }) => id === EXTRA.unicodePath))
    return 'it has a second name, which some programs prefer';
  if (fields.filter(({ id }) => id === EXTRA.zip64).length > 1) return 'it has two sets of ZIP64 numbers';
  let next = 0;
  for (const number of zip64Numbers(fields) ?? []) {
    // A number that fits into its short field may be left out; every number here must be one of the values.
    const found = values.indexOf(number, next);
    if (found === -1) return 'its ZIP64 numbers contradict the others';
    next = found + 1;
  }
  return undefined;
}
