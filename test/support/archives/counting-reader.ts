import type { ByteReader } from '../../../src/disk/byte-file.ts';

/** Returns a reader that counts the bytes it gives. */
export function countingReader(reader: ByteReader): ByteReader & { readonly counted: () => number } {
  let bytes = 0;
  return {
    size: reader.size,
    counted: () => bytes,
    async *stream(position, length, options) {
      for await (const chunk of reader.stream(position, length, options)) {
        bytes += chunk.length;
        yield chunk;
      }
    },
    async read(position, length) {
      const chunk = await reader.read(position, length);
      bytes += chunk.length;
      return chunk;
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}
