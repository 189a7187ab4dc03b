/** An entry of a tar made by hand, as wrong as a test wants it. */
export interface RawEntry {
  readonly path: string;
  readonly bytes?: Uint8Array | string;
  /** Type flag; `0`, a plain file, when left out. */
  readonly type?: string;
  /** What the header says instead of the true size: a number (bytes), or the 12 bytes of the field. */
  readonly size?: number | Uint8Array;
  readonly mode?: number;
  readonly link?: string;
  readonly prefix?: string | Uint8Array;
  /** Magic and version, 8 bytes. */
  readonly magic?: string;
  /** Written as it is instead of the true sum. */
  readonly checksum?: string;
}

export const ZERO_BLOCK: Buffer = Buffer.alloc(512);

/** Returns a tar of the entries with its end mark; `end: 0` leaves blocks of zeros out. */
export function rawTar(entries: readonly RawEntry[], options: { readonly end?: number } = {}): Buffer {
  return Buffer.concat([...entries.map(rawEntry), ...Array<Buffer>(options.end ?? 2).fill(ZERO_BLOCK)]);
}

/** Returns header, content and padding of one entry. */
export function rawEntry(entry: RawEntry): Buffer {
  const content = Buffer.from(entry.bytes ?? '');
  return Buffer.concat([rawHeader(entry), content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** Returns a header block, field by field (POSIX ustar). */
export function rawHeader(entry: RawEntry): Buffer {
  const block = Buffer.alloc(512);
  const size = entry.size ?? Buffer.byteLength(entry.bytes ?? '');
  block.write(entry.path, 0, 100, 'utf8');
  block.write(`${(entry.mode ?? 0o644).toString(8).padStart(7, '0')}\0`, 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  if (typeof size === 'number') block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else block.set(size.subarray(0, 12), 124);
  block.write('00000000000\0', 136);
  block.write(entry.type ?? '0', 156, 1, 'latin1');
  block.write(entry.link ?? '', 157, 100, 'utf8');
  block.write(entry.magic ?? 'ustar\x0000', 257, 8, 'latin1');
  block.set(Buffer.from(entry.prefix ?? '').subarray(0, 155), 345);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(entry.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return block;
}
