import { crc32 } from 'node:zlib';
import type { WrittenFiles } from './second-writer.ts';

/** The tar and the zip of shapes.md, and the lock of lock.md, made from their tables alone: nothing of `src/` is used. */

/** Returns the tar of some files. */
export function secondTar(files: WrittenFiles): Buffer {
  const parts = [...files].flatMap(([path, bytes]) => [
    tarHeader(path, bytes.length),
    bytes,
    Buffer.alloc(-bytes.length & 511),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** Returns the header of a file; `size` in bytes. */
export function tarHeader(path: string, size: number): Buffer {
  const number = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  const large = Buffer.from(size.toString(16).padStart(24, '0'), 'hex');
  large[0] = 0x80;
  const fields: readonly (readonly [at: number, value: string | Buffer])[] = [
    [0, path],
    [100, '0000644'],
    [108, '0000000'],
    [116, '0000000'],
    [124, size < 8 ** 11 ? number(size, 11) : large],
    [136, '00000000000'],
    [148, ' '.repeat(8)],
    [156, '0'],
    [257, 'ustar\x0000'],
    [329, '0000000'],
    [337, '0000000'],
  ];
  const block = Buffer.alloc(512);
  for (const [at, value] of fields) Buffer.from(value).copy(block, at);
  block.write(
    `${number(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  );
  return block;
}

/** Returns the zip of some files, of a size that needs no ZIP64. */
export function secondZip(files: WrittenFiles): Buffer {
  const parts: Buffer[] = [];
  const records: Buffer[] = [];
  let position = 0;
  for (const [path, bytes] of files) {
    const common = fields([20, 2], [0x0008, 2], [0, 2], [0, 2], [0x0021, 2]);
    const numbers = fields([crc32(bytes), 4], [bytes.length, 4], [bytes.length, 4]);
    const lengths = fields([path.length, 2], [0, 2]);
    const local = [Buffer.from('PK\x03\x04'), common, Buffer.alloc(12), lengths, Buffer.from(path)];
    const entry = Buffer.concat([...local, bytes, Buffer.from('PK\x07\x08'), numbers]);
    const rest = fields([0, 2], [0, 2], [0, 2], [0x81a40020, 4], [position, 4]);
    const madeBy = fields([0x032d, 2]);
    records.push(Buffer.from('PK\x01\x02'), madeBy, common, numbers, lengths, rest, Buffer.from(path));
    parts.push(entry);
    position += entry.length;
  }
  const directory = Buffer.concat(records);
  const counts = fields([0, 2], [0, 2], [files.size, 2], [files.size, 2]);
  const end = fields([directory.length, 4], [position, 4], [0, 2]);
  return Buffer.concat([...parts, directory, Buffer.from('PK\x05\x06'), counts, end]);
}

function fields(...values: readonly (readonly [value: number, length: number])[]): Buffer {
  return Buffer.concat(
    values.map(([value, length]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes.subarray(0, length);
    }),
  );
}

/** Returns a lock; its members are given in any order. */
export function secondLock(lock: Readonly<Record<string, unknown>>): string {
  const { lock: version, name, references, urls, answers, ...sections } = lock;
  const block = (value: unknown, depth: number, level: number): string => {
    const indent = '  '.repeat(level);
    const all = Object.entries(Object(value)).sort(([left], [right]) => (left < right ? -1 : 1));
    const lines = all.map(([key, each]) => {
      return `${indent}  ${JSON.stringify(key)}: ${depth > 1 ? block(each, depth - 1, level + 1) : pin(each)}`;
    });
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
  };
  const first = Object.entries({ references, urls, answers }).map(([key, value]) => [
    key,
    block(value, 1, 1),
  ]);
  const others = Object.keys(sections).sort();
  const rest = others.map((key) => [key, block(sections[key], key === 'k3s' ? 2 : 1, 1)]);
  const members = [['lock', String(version)], ['name', JSON.stringify(name)], ...first, ...rest];
  return `{\n${members.map(([key, value]) => `  "${key}": ${value}`).join(',\n')}\n}\n`;
}

function pin(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const order = ['url', 'mediaType', 'digest', 'size'];
  const members = Object.entries(value).sort(([left], [right]) => order.indexOf(left) - order.indexOf(right));
  return `{ ${members.map(([key, each]) => `"${key}": ${JSON.stringify(each)}`).join(', ')} }`;
}
