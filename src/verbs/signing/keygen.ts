import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { place } from '../../disk/place.ts';
import type { KeyType } from '../../bundle/signing/key-types.ts';
import { fingerprintOf } from '../../bundle/signing/signing-key.ts';
import { isSaddlebagError, SaddlebagError, systemCode } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import { passphraseIn } from '../../steps/signing/read-key.ts';
import type { Surroundings } from '../../steps/surroundings.ts';

/** Which keys to make. */
export interface KeygenWish {
  /** Where to write the private key; the public key goes next to it. */
  readonly path: string;
  /** `ed25519` when left out. */
  readonly type?: KeyType | undefined;
}

export interface KeygenResult {
  readonly type: KeyType;
  /** Path of the private key, which signs and should stay where it is. */
  readonly privateKey: string;
  /** Path of the public key, to be given to everyone who verifies. */
  readonly publicKey: string;
  readonly fingerprint: Digest;
  readonly encrypted: boolean;
}

/**
 * Makes a key pair: a private key at `path` that only its owner may read (PKCS#8, PEM), and its public key at
 * `<path>.pub` (SPKI, PEM). The private key is encrypted when `SADDLEBAG_KEY_PASSPHRASE` is set.
 *
 * @throws `ERR_KEY_INVALID` when this Node.js has no such kind of key; `ERR_OUTPUT_UNWRITABLE`, also when one of the files exists already; `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function generateKeys(
  { path, type = 'ed25519' }: KeygenWish,
  surroundings: Surroundings,
): Promise<KeygenResult> {
  const passphrase = passphraseIn(surroundings);
  const privateKey = newKey(type);
  const publicKey = createPublicKey(privateKey);
  const publicPath = `${path}.pub`;
  // Write the public key first: a failure halfway must not leave a private key behind.
  await placeKey(publicPath, publicKey.export({ type: 'spki', format: 'pem' }), 0o644);
  try {
    await placeKey(path, encodePrivate(privateKey, passphrase), 0o600);
  } catch (error) {
    await rm(publicPath, { force: true });
    throw error;
  }
  const encrypted = passphrase !== undefined;
  return { type, privateKey: path, publicKey: publicPath, fingerprint: fingerprintOf(publicKey), encrypted };
}

function newKey(type: KeyType): KeyObject {
  if (type === 'ed25519') return generateKeyPairSync('ed25519').privateKey;
  if (type === 'p256') return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
  try {
    return generateKeyPairSync('ml-dsa-65').privateKey;
  } catch (cause) {
    throw new SaddlebagError('ERR_KEY_INVALID', `Cannot make a key of type "${type}": this Node.js cannot`, {
      hint: 'It takes Node.js 24.15 or later, with OpenSSL 3.5. Keys of the other types serve everywhere.',
      cause,
    });
  }
}

/** PBES2 with AES-256, which `openssl` can read (RFC 8018). */
function encodePrivate(key: KeyObject, passphrase: string | undefined): string | Buffer {
  const form = { type: 'pkcs8', format: 'pem' } as const;
  return passphrase === undefined
    ? key.export(form)
    : key.export({ ...form, cipher: 'aes-256-cbc', passphrase });
}

async function placeKey(path: string, pem: string | Buffer, mode: number): Promise<void> {
  try {
    await place(path, pem, { mode, isNew: true });
  } catch (error) {
    if (!isSaddlebagError(error) || systemCode(error.cause) !== 'EEXIST') throw error;
    throw new SaddlebagError(error.code, `Cannot create key "${path}": a file is there already`, {
      hint: 'A key is never overwritten: choose another name.',
      cause: error,
    });
  }
}
