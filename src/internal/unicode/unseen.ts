/**
 * Characters that steer a terminal or that nobody sees: the categories Cc, Cf, Cs, Zl and Zp of Unicode 17.0, as code points
 * from and to. They are written down here so that a later Unicode cannot change which names are valid.
 */
export const UNSEEN: readonly (readonly [from: number, to: number])[] = [
  [0x0, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x600, 0x605],
  [0x61c, 0x61c],
  [0x6dd, 0x6dd],
  [0x70f, 0x70f],
  [0x890, 0x891],
  [0x8e2, 0x8e2],
  [0x180e, 0x180e],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xfff9, 0xfffb],
  [0x110bd, 0x110bd],
  [0x110cd, 0x110cd],
  [0x13430, 0x1343f],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0001, 0xe0001],
  [0xe0020, 0xe007f],
];

/** The same as what stands between the brackets of a regular expression that has the flag `u`. */
export const UNSEEN_CLASS: string = UNSEEN.map(([from, to]) =>
  from === to ? escaped(from) : `${escaped(from)}-${escaped(to)}`,
).join('');

function escaped(code: number): string {
  const digits = code.toString(16);
  return code > 0xffff ? `\\u{${digits}}` : `\\u${digits.padStart(4, '0')}`;
}
