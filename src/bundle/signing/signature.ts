import { type KeyObject, sign, verify } from 'node:crypto';

/**
 * Returns the base64 signature of `bundle.json` as `openssl` and `cosign verify-blob` read it: pure Ed25519 over the
 * bytes (RFC 8032), or ECDSA P-256 over their SHA-256, DER-encoded.
 */
export function signDocument(document: Uint8Array, privateKey: KeyObject): string {
  return sign(algorithmOf(privateKey), document, privateKey).toString('base64');
}

/** Returns whether `signature`, a base64 text that `decodeSignature` gave, is one of `document` by the key's owner. */
export function isSignedBy(document: Uint8Array, signature: string, publicKey: KeyObject): boolean {
  return verify(algorithmOf(publicKey), document, publicKey, Buffer.from(signature, 'base64'));
}

/** Ed25519 hashes by itself; naming a hash would be an error. */
function algorithmOf(key: KeyObject): 'sha256' | undefined {
  return key.asymmetricKeyType === 'ed25519' ? undefined : 'sha256';
}
