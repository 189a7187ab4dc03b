import { createPublicKey, type KeyObject } from 'node:crypto';
import { openBundle } from '../bundle/open.ts';
import { signArchive } from '../bundle/write/sign-archive.ts';
import { fingerprintOf } from '../bundle/signing/signing-key.ts';
import type { Digest } from '../oci/digest.ts';
import { readSigningKey } from '../steps/read-signing-key.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** What to sign, and with which key. */
export interface SignWish {
  /** The bundle. */
  readonly path: string;
  /** Path of the private key, in PEM; its passphrase may be in `SADDLEBAG_KEY_PASSPHRASE`. */
  readonly key: string;
}

export interface SignResult {
  /** Root digest of what was signed; signing does not change it. */
  readonly root: Digest;
  readonly path: string;
  /** Fingerprint of the key. */
  readonly signer: Digest;
  /** Whether an earlier signature was replaced. */
  readonly replaced: boolean;
}

/**
 * Signs the bundle at `path` in place: writes 128 bytes, whatever the bundle's size and shape. The content is not read;
 * `verify` checks it against `bundle.json`, before or after signing.
 *
 * @throws `ERR_KEY_INVALID`, what `openBundle` throws, `ERR_OUTPUT_UNWRITABLE` when it cannot be changed, `ERR_DISK_FAILED`
 */
export async function signBundle(
  wish: SignWish,
  surroundings: Surroundings,
  { signal }: Ears = {},
): Promise<SignResult> {
  const { path } = wish;
  const key = await readSigningKey(wish.key, surroundings, { signal });
  const { root, replaced } = await signed(path, key, { signal });
  // Read the signature back from the disk, as a verifier would, before reporting success.
  const trust = { keys: [createPublicKey(key)], from: JSON.stringify(wish.key) };
  await using _signed = await openBundle(path, { signal, trust });
  return { root, path, signer: fingerprintOf(key), replaced };
}

async function signed(
  path: string,
  key: KeyObject,
  { signal }: Ears,
): Promise<Pick<SignResult, 'root' | 'replaced'>> {
  await using bundle = await openBundle(path, { signal });
  return { root: bundle.root, replaced: await signArchive(bundle, key, { signal }) };
}
