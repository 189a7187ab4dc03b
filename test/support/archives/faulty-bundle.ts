import type { OpenBundle } from '../../../src/bundle/bundle.ts';
import type { ByteStream } from '../../../src/internal/bytes.ts';
import type { Digest } from '../../../src/oci/digest.ts';

/** Returns a bundle whose content is what `instead` makes of the honest stream; `count` is that of all fetches so far. */
export function faultyBundle(
  bundle: OpenBundle,
  instead: (digest: Digest, honest: ByteStream, count: number) => ByteStream,
): OpenBundle {
  let count = 0;
  return {
    ...bundle,
    fetch: (target, options) => {
      count += 1;
      return instead(target.digest, bundle.fetch(target, options), count);
    },
  };
}

/** Yields the first half of a stream of one chunk, and fails as a pulled stick does. */
export async function* brokenOff(honest: ByteStream): ByteStream {
  for await (const chunk of honest) {
    yield chunk.subarray(0, Math.floor(chunk.length / 2));
    throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
  }
}

/** Yields a stream with its first bit flipped. */
export async function* flipped(honest: ByteStream): ByteStream {
  for await (const chunk of honest) {
    const copy = Buffer.from(chunk);
    copy.writeUInt8((copy[0] ?? 0) ^ 1, 0);
    yield copy;
  }
}
