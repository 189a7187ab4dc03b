import type { ByteStream } from '../../internal/bytes.ts';

const BLOCK = 512;
const OCTAL_LIMIT = 8 ** 11;

/** What a layer is made of. Owner, time and mode are the same for all, so that the same entries give the same bytes. */
export interface NewEntry {
  readonly path: string;
  readonly type: 'file' | 'folder';
  /** Bytes of its content; 0 for a folder. */
  readonly size: number;
}

/** Returns the headers of an entry (POSIX ustar; a path that does not fit goes into a PAX header). */
export function encodeEntry({ path, type, size }: NewEntry): Uint8Array {
  const written = type === 'folder' ? `${path}/` : path;
  const mode = type === 'folder' ? 0o755 : 0o644;
  const flag = type === 'folder' ? '5' : '0';
  const isPlain = /^[\x20-\x7e]*$/.test(written);
  if (isPlain && written.length <= 100) return header({ name: written, size, mode, flag });
  const slash = written.lastIndexOf('/', 155);
  const [prefix, name] = [written.slice(0, slash), written.slice(slash + 1)];
  if (isPlain && slash > 0 && name !== '' && name.length <= 100)
    return header({ name, prefix, size, mode, flag });
  const record = paxRecord('path', written);
  return Buffer.concat([
    header({ name: 'pax', size: record.length, mode: 0o644, flag: 'x' }),
    record,
    padding(record.length),
    header({ name: 'pax-path', size, mode, flag }),
  ]);
}

/** Returns the zeros that fill the last block of a content of this size (bytes). */
export function padding(size: number): Uint8Array {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** What ends a layer. */
export const LAYER_END: Uint8Array = Buffer.alloc(2 * BLOCK);

/** Yields all from a byte on. */
export async function* fromOffset(stream: ByteStream, offset: number): ByteStream {
  let left = offset;
  for await (const chunk of stream) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

function header(entry: {
  readonly name: string;
  readonly prefix?: string | undefined;
  readonly size: number;
  readonly mode: number;
  readonly flag: string;
}): Buffer {
  const { name, prefix = '', size, mode, flag } = entry;
  if (size >= OCTAL_LIMIT) throw new TypeError(`${size} bytes are too many for a header`);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 'latin1');
  block.write(
    `${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(0, 11)}\0`,
    100,
    'latin1',
  );
  block.fill(' ', 148, 156);
  block.write(flag, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(prefix, 345, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

/** The length counts its own digits (POSIX, "pax Extended Header"). */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
