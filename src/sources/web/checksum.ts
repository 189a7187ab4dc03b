import { createHash } from 'node:crypto';
import ssri from 'ssri';
import { type Digest, parseDigest } from '../../oci/digest.ts';

/** The algorithms of published checksums. SHA-1 is left out: it proves nothing any more. */
export type ChecksumAlgorithm = 'sha256' | 'sha512';

const HEX_LENGTH: Readonly<Record<ChecksumAlgorithm, number>> = { sha256: 64, sha512: 128 };

/** Returns a checksum written in hex, of either case, as an SRI string; `undefined` when it is not one. */
export function integrityFromHex(hex: string, algorithm: ChecksumAlgorithm): string | undefined {
  if (hex.length !== HEX_LENGTH[algorithm]) return undefined;
  const hash = ssri.fromHex(hex, algorithm, { single: true });
  // Decoding drops bytes that are no hex digits, so only a text that survives the round trip was a checksum.
  return hash.hexDigest() === hex.toLowerCase() ? hash.toString() : undefined;
}

/** Returns a sha256 checksum written in hex, of either case, as a digest; `undefined` when it is not one. */
export function digestFromHex(hex: string): Digest | undefined {
  const integrity = integrityFromHex(hex, 'sha256');
  if (integrity === undefined) return undefined;
  return parseDigest(`sha256:${ssri.parse(integrity, { single: true }).hexDigest()}`);
}

/** A running check of content against an SRI string. */
export interface IntegrityCheck {
  update(chunk: Uint8Array): void;
  /** Returns whether the bytes fed so far match. */
  matches(): boolean;
}

/** Returns a check of content against `integrity`, an SRI string with one hash. */
export function startIntegrityCheck(integrity: string): IntegrityCheck {
  const expected = ssri.parse(integrity, { single: true });
  const running = createHash(expected.algorithm);
  return {
    update: (chunk) => void running.update(chunk),
    matches: () => ssri.fromHex(running.digest('hex'), expected.algorithm).match(expected) !== false,
  };
}
