import { type KeyObject, sign, verify } from 'node:crypto';
import type { NamedSignature } from '../format/signature-lines.ts';
import { fingerprintOf, keyTypeOf } from './signing-key.ts';

/**
 * Returns the base64 signature of `bundle.json` as `openssl` and `cosign verify-blob` read it: pure Ed25519 over the
 * bytes (RFC 8032), ECDSA P-256 over their SHA-256, DER-encoded, or pure ML-DSA-65 without a context (FIPS 204).
 *
 * @visibleForTesting
 */
export function signDocument(document: Uint8Array, privateKey: KeyObject): string {
  return sign(algorithmOf(privateKey), document, privateKey).toString('base64');
}

/** Returns whether `signature`, a base64 text that `decodeSignature` gave, is one of `document` by the key's owner. */
export function isSignedBy(document: Uint8Array, signature: string, publicKey: KeyObject): boolean {
  return verify(algorithmOf(publicKey), document, publicKey, Buffer.from(signature, 'base64'));
}

/** Ed25519 and ML-DSA hash by themselves; naming a hash would be an error. */
function algorithmOf(key: KeyObject): 'sha256' | undefined {
  return key.asymmetricKeyType === 'ec' ? 'sha256' : undefined;
}

/** Returns the signature of `bundle.json` by a key, as it is stored. */
export function signatureBy(document: Uint8Array, privateKey: KeyObject): NamedSignature {
  const algorithm = keyTypeOf(privateKey);
  if (algorithm === undefined) throw new TypeError('the key is of a kind that is not used here');
  return {
    signer: { algorithm, key: fingerprintOf(privateKey) },
    text: signDocument(document, privateKey),
  };
}
