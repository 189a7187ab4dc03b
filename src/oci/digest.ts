import { createHash, hash, type Hash } from 'node:crypto';
import { SaddlebagError } from '../internal/error.ts';

declare const brand: unique symbol;

/** `sha256:<64 lower-case hex digits>`, validated once on entry (OCI image-spec, descriptor.md, "Digests"). */
export type Digest = string & { readonly [brand]: 'digest' };

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const LENGTH = 'sha256:'.length + 64;

/**
 * Returns `text` as a digest. Upper-case hex is refused: an identifier used for trust is never normalised.
 *
 * @throws `ERR_DIGEST_INVALID`
 */
export function parseDigest(text: unknown): Digest {
  if (isDigest(text)) return text;
  throw new SaddlebagError(
    'ERR_DIGEST_INVALID',
    `Cannot read digest ${JSON.stringify(text)?.slice(0, 100)}: expected "sha256:" and 64 lower-case hex digits`,
  );
}

/** Returns whether `value` is a well-formed digest. */
export function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && DIGEST.test(value);
}

/** Returns the digest with these hex digits, which were made of bytes: there are millions of them, and each is well-formed. */
export function digestOfHex(hex: string): Digest {
  const text = `sha256:${hex}`;
  return isOfBytes(text) ? text : parseDigest(text);
}

function isOfBytes(text: string): text is Digest {
  return text.length === LENGTH;
}

/** Returns the digest of bytes held in memory. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return digestOfHex(hash('sha256', bytes));
}

/** Returns a running hash; feed it with `update`, end it with {@link finishDigest}. */
export function startDigest(): Hash {
  return createHash('sha256');
}

/** Returns the digest of everything fed to a running hash. */
export function finishDigest(running: Hash): Digest {
  return digestOfHex(running.digest('hex'));
}

/** Returns the hex digits of a digest. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}
