import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { ByteStream } from '../../internal/bytes.ts';

/** Small (bytes), so that memory of chunks is collected soon: with large ones, little else is, and the process grows. */
const CHUNK = 4 * 1024;

/**
 * Yields the tar of a layer. Its first bytes tell how it is packed, because media types of real images are not always true:
 * gzip (RFC 1952), zstd (RFC 8878) or not at all.
 */
export async function* decompressed(stream: ByteStream): ByteStream {
  const chunks = stream[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 4) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = resumed(head, chunks);
  const magic = head.toString('hex', 0, 4);
  const unpacker = magic.startsWith('1f8b')
    ? createGunzip({ chunkSize: CHUNK })
    : magic === '28b52ffd'
      ? createZstdDecompress()
      : undefined;
  if (unpacker === undefined) return yield* whole;
  const source = Readable.from(whole, { objectMode: false });
  source.on('error', (error) => unpacker.destroy(error));
  source.pipe(unpacker);
  try {
    for await (const chunk of unpacker) if (Buffer.isBuffer(chunk)) yield chunk;
  } finally {
    source.destroy();
  }
}

async function* resumed(head: Uint8Array, rest: AsyncIterator<Uint8Array>): ByteStream {
  try {
    if (head.length > 0) yield head;
    for (;;) {
      const next = await rest.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}
