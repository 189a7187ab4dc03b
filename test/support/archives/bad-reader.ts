import type { ByteReader } from '../../../src/disk/byte-file.ts';
import { readFailed } from '../../../src/disk/reader.ts';

/** Returns a reader that fails as a disk does when it has to give one of these bytes. */
export function badReader(reader: ByteReader, spots: readonly number[]): ByteReader {
  const check = (position: number, length: number): void => {
    const spot = spots.find((one) => one >= position && one < position + length);
    if (spot !== undefined) throw readFailed('lab.tar', spot, { code: 'EIO', message: 'EIO: i/o error' });
  };
  return {
    size: reader.size,
    async *stream(position, length, options) {
      check(position, length);
      yield* reader.stream(position, length, options);
    },
    async read(position, length) {
      check(position, length);
      return await reader.read(position, length);
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}
