import type { ByteStream } from '../internal/bytes.ts';
import { collectBytes } from '../internal/bytes.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, digestOf, finishDigest, startDigest } from './digest.ts';
import { MANIFEST_LIMIT } from './manifest.ts';
import type { Fetcher, WaitOptions } from './roles.ts';

/** Content does not match its descriptor. */
export class ContentMismatchError extends SaddlebagError {
  readonly expected: Pick<Descriptor, 'digest' | 'size'>;
  readonly found: { readonly size: number; readonly digest?: Digest | undefined };

  constructor(
    expected: Pick<Descriptor, 'digest' | 'size'>,
    found: { size: number; digest?: Digest },
    subject = 'blob',
  ) {
    const sameSize = found.size === expected.size && found.digest !== undefined;
    const fact = sameSize
      ? `its content has digest "${found.digest}"`
      : `expected ${expected.size} bytes, found ${found.size > expected.size ? 'more' : found.size}`;
    super(
      sameSize ? 'ERR_DIGEST_MISMATCH' : 'ERR_SIZE_MISMATCH',
      `Cannot verify ${subject} "${expected.digest}": ${fact}`,
    );
    this.expected = expected;
    this.found = found;
  }
}

/**
 * Wraps content so that it ends without an error only if it is exactly what `expected` says: never more bytes than declared,
 * not one fewer, and the right digest. A reader must not rely on the bytes before the stream has ended.
 *
 * @throws `ERR_SIZE_MISMATCH`, `ERR_DIGEST_MISMATCH`
 */
export function verified(stream: ByteStream, expected: Pick<Descriptor, 'digest' | 'size'>): ByteStream {
  const { digest, size } = expected;
  const known = verifiedAs.get(stream);
  if (known?.digest === digest && known.size === size) return stream;
  const content = verify(stream, expected);
  verifiedAs.set(content, { digest, size });
  return content;
}

/** What streams are verified as: nothing is hashed twice because a source verifies itself. */
const verifiedAs = new WeakMap<ByteStream, Pick<Descriptor, 'digest' | 'size'>>();

/** Returns `stream`, which passes `content` on as it is, as verified as that is. */
export function passedOn(stream: ByteStream, content: ByteStream): ByteStream {
  const known = verifiedAs.get(content);
  if (known !== undefined) verifiedAs.set(stream, known);
  return stream;
}

async function* verify(stream: ByteStream, expected: Pick<Descriptor, 'digest' | 'size'>): ByteStream {
  const hash = startDigest();
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > expected.size) throw new ContentMismatchError(expected, { size });
    hash.update(chunk);
    yield chunk;
  }
  if (size !== expected.size) throw new ContentMismatchError(expected, { size });
  const digest = finishDigest(hash);
  if (digest !== expected.digest) throw new ContentMismatchError(expected, { size, digest });
}

/**
 * Wraps content for a caller that checks the digest itself: it ends without an error only if its size matches `expected`.
 *
 * @throws `ERR_SIZE_MISMATCH`
 */
export async function* sized(stream: ByteStream, expected: Pick<Descriptor, 'digest' | 'size'>): ByteStream {
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > expected.size) throw new ContentMismatchError(expected, { size });
    yield chunk;
  }
  if (size !== expected.size) throw new ContentMismatchError(expected, { size });
}

/**
 * Returns small content in memory, verified. Uses the source's cache if it has one.
 *
 * @throws `ERR_DOCUMENT_INVALID` when it is larger than `limit` (bytes); what {@link verified} throws
 */
export async function fetchDocument(
  source: Fetcher,
  target: Descriptor,
  options: WaitOptions & { readonly limit: number },
): Promise<Uint8Array> {
  const tooLarge = (): SaddlebagError =>
    new SaddlebagError(
      'ERR_DOCUMENT_INVALID',
      `Cannot read "${target.digest}": it has ${target.size} bytes, more than the ${options.limit} allowed`,
    );
  if (target.size > options.limit) throw tooLarge();
  if (source.fetchWhole !== undefined && target.size <= MANIFEST_LIMIT)
    return requireSize(await source.fetchWhole(target, options), target);
  return await collectBytes(verified(source.fetch(target, options), target), {
    limit: options.limit,
    onExcess: tooLarge,
  });
}

/** Returns small content that is in memory, once it is verified. @throws as {@link verified} */
export function verifiedWhole(bytes: Uint8Array, expected: Pick<Descriptor, 'digest' | 'size'>): Uint8Array {
  const size = bytes.length;
  if (size !== expected.size) throw new ContentMismatchError(expected, { size });
  const digest = digestOf(bytes);
  if (digest !== expected.digest) throw new ContentMismatchError(expected, { size, digest });
  return bytes;
}

/** Cached content has the right digest, but may have been declared with another size before. */
function requireSize(bytes: Uint8Array, target: Descriptor): Uint8Array {
  if (bytes.length === target.size) return bytes;
  throw new ContentMismatchError(target, { size: bytes.length });
}
