import { createPublicKey } from 'node:crypto';
import { openBundle } from '../bundle/open.ts';
import { judgeSignature } from '../bundle/signing/prove.ts';
import { putSignature } from '../bundle/write/put-signature.ts';
import { readDocument } from '../bundle/format/read-document.ts';
import { signDocument } from '../bundle/signing/signature.ts';
import { encodeSignature } from '../bundle/format/signature-file.ts';
import { fingerprintOf } from '../bundle/signing/signing-key.ts';
import type { Digest } from '../oci/digest.ts';
import type { WaitOptions } from '../oci/roles.ts';
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
  const sign = (document: Uint8Array): string => signDocument(document, key);
  const { root, replaced } = await writeSignature(path, sign, { signal });
  // Read the signature back from the disk, as a verifier would, before reporting success.
  const trust = { keys: [createPublicKey(key)], from: JSON.stringify(wish.key) };
  await using _signed = await openBundle(path, { signal, trust });
  return { root, path, signer: fingerprintOf(key), replaced };
}

async function writeSignature(
  path: string,
  sign: (document: Uint8Array) => string,
  options: WaitOptions,
): Promise<{ readonly root: Digest; readonly replaced: boolean }> {
  await using bundle = await openBundle(path, options);
  const { archive, root } = bundle;
  const { signature: before } = await judgeSignature(bundle, options);
  const document = await readDocument(archive, { signal: options.signal, path });
  await putSignature(archive, encodeSignature(sign(document)), options);
  return { root, replaced: before !== 'none' };
}
