import { createECDH, createPublicKey } from 'node:crypto';
import { isSignedBy } from '../../src/bundle/signing/signature.ts';
import { digestOf, hexOf } from '../../src/oci/digest.ts';

/** A publicly known ECDSA P-256 key, for these examples only; the example's signature was made with it once. */
const P256_SEED = 'the P-256 key of the examples, which everybody knows';

/** ECDSA draws a random number for each signature, so this one is kept: the examples are the same on every run. */
const SIGNATURE =
  'MEYCIQCU+VxVUkd79RMgKSfZVrfOFYvBEBXehFb99xk8l7pYtwIhANjofVjb5ylxzlobVhJWsIvPzRnfvg9ioakwed9Bjy64';

/** Returns the public key in PEM, and the signature of `document` as `bundle.json.sig` holds it. Throws when it is of another. */
export function p256Signature(document: Uint8Array): { readonly publicPem: string; readonly text: string } {
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(hexOf(digestOf(P256_SEED)), 'hex');
  const point = pair.getPublicKey();
  const key = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
  if (!isSignedBy(document, SIGNATURE, key))
    throw new Error('Cannot write the example of P-256: bundle.json changed, so sign it again with its key');
  return { publicPem: key.export({ format: 'pem', type: 'spki' }), text: SIGNATURE };
}
