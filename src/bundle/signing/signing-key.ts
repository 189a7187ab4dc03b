import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { SaddlebagError } from '../../internal/error.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { KEY_TYPES, type KeyType } from './key-types.ts';

/** Key types that `openssl` can use as they are, and `cosign` the first two of them. */
const KINDS = 'Ed25519, ECDSA P-256 and ML-DSA-65';
/** Names of PEM blocks that hold a private key, encrypted or not (RFC 7468; RFC 5915, section 4). */
const PRIVATE = /^-----BEGIN (ENCRYPTED |EC )?PRIVATE KEY-----/m;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g;
/** More than anyone trusts, few enough to try them all. */
const KEY_LIMIT = 100;

/**
 * Returns a private key from its PEM text: PKCS#8, plain or encrypted, or the older `EC PRIVATE KEY`. `name` is what the key
 * is called in messages.
 *
 * @throws `ERR_KEY_INVALID` when it is no such key, or its passphrase is missing or wrong
 */
export function parsePrivateKey(
  pem: string,
  options: { readonly passphrase?: string | undefined; readonly name?: string | undefined } = {},
): KeyObject {
  const { passphrase, name = 'signing key' } = options;
  const isLocked = isEncrypted(pem);
  if (!PRIVATE.test(pem)) {
    const fact = pem.includes('-----BEGIN PUBLIC KEY-----')
      ? 'it holds a public key, and signing takes the private one'
      : 'it holds no private key in PEM';
    throw keyInvalid(name, fact, `It must be a PEM file of one of these kinds: ${KINDS}.`);
  }
  if (isLocked && passphrase === undefined) {
    const hint = 'Set SADDLEBAG_KEY_PASSPHRASE to its passphrase.';
    throw keyInvalid(name, 'it is encrypted, and no passphrase was given', hint);
  }
  try {
    return supported(name, createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase }));
  } catch (cause) {
    if (cause instanceof SaddlebagError) throw cause;
    // The system's message would name its own source files.
    throw isLocked
      ? keyInvalid(
          name,
          'the passphrase is wrong, or the file is damaged',
          'Check SADDLEBAG_KEY_PASSPHRASE.',
          cause,
        )
      : keyInvalid(name, 'it is damaged, or of an unknown kind', `Supported kinds: ${KINDS}.`, cause);
  }
}

/**
 * Returns the public keys in a PEM text (SPKI), at least one. `name` is what the text is called in messages.
 *
 * @throws `ERR_KEY_INVALID` when any part of it is no such key; a private key is refused too, because it does not belong
 * where signatures are checked
 */
export function parsePublicKeys(
  pem: string,
  options: { readonly name?: string | undefined } = {},
): readonly KeyObject[] {
  const { name = 'public key' } = options;
  const blocks = [...pem.matchAll(BLOCK)];
  if (pem.includes('PRIVATE KEY-----')) {
    const hint = 'Keep the private key on the host that builds, and give its ".pub" file here.';
    throw keyInvalid(name, 'it holds a private key', hint);
  }
  const hint = `It must hold PEM blocks "PUBLIC KEY" of these kinds: ${KINDS}.`;
  // A truncated block must not be skipped: the missing key would be noticed much later, and by someone else.
  const isWhole = !pem.replaceAll(BLOCK, '').includes('-----');
  if (blocks.length === 0 || !isWhole) {
    throw keyInvalid(name, blocks.length === 0 ? 'it holds no public key in PEM' : 'it is cut short', hint);
  }
  if (blocks.length > KEY_LIMIT) throw keyInvalid(name, `it holds more than ${KEY_LIMIT} keys`);
  return blocks.map(([block, label]) => {
    if (label !== 'PUBLIC KEY') throw keyInvalid(name, `it holds a PEM block "${label}"`, hint);
    try {
      return supported(name, createPublicKey(block));
    } catch (cause) {
      if (cause instanceof SaddlebagError) throw cause;
      throw keyInvalid(name, 'a key in it is damaged, or of an unknown kind', hint, cause);
    }
  });
}

/** Returns the fingerprint of a key: the digest of its public half (SPKI, DER). */
export function fingerprintOf(key: KeyObject): Digest {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return digestOf(half.export({ type: 'spki', format: 'der' }));
}

/** Returns the kind of a key, or `undefined` for one that is not used here. */
export function keyTypeOf({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details,
}: KeyObject): KeyType | undefined {
  if (type === 'ec') return details?.namedCurve === 'prime256v1' ? 'p256' : undefined;
  return KEY_TYPES.find((known) => known === type);
}

function supported(name: string, key: KeyObject): KeyObject {
  if (keyTypeOf(key) !== undefined) return key;
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const curve = details?.namedCurve;
  throw keyInvalid(name, `it is of kind "${curve ?? type ?? 'unknown'}"`, `Supported kinds: ${KINDS}.`);
}

function isEncrypted(pem: string): boolean {
  return pem.includes('ENCRYPTED PRIVATE KEY-----') || pem.includes('Proc-Type: 4,ENCRYPTED');
}

function keyInvalid(name: string, fact: string, hint?: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_KEY_INVALID', `Cannot read ${name}: ${fact}`, { hint, cause });
}
