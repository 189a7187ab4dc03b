import { createPublicKey } from 'node:crypto';
import { openBundle } from '../../bundle/open.ts';
import { addSignature, type SignResult, takeSignatures } from '../../bundle/signing/change.ts';
import { readEitherKey, readSigningKey } from '../../steps/signing/read-key.ts';
import type { Ears } from '../../steps/ears.ts';
import type { Surroundings } from '../../steps/surroundings.ts';

export type { SignResult };

/** What to sign, and with which key; or which signature to take away. */
export type SignWish =
  | {
      /** The bundle. */
      readonly path: string;
      /** Path of the private key, in PEM; its passphrase may be in `SADDLEBAG_KEY_PASSPHRASE`. */
      readonly key: string;
      readonly remove?: false | undefined;
    }
  | {
      readonly path: string;
      readonly remove: true;
      /** Path of the key whose signature goes, either half of it; every signature goes when it is left out. */
      readonly key?: string | undefined;
    };

/**
 * Adds a signature to the bundle at `path` in place, or takes one away: writes the bytes that are reserved for signatures, 128
 * unless the bundle says otherwise, where there is room for one alone. The content is not read; `verify`
 * checks it against `bundle.json`, before or after signing.
 *
 * @throws `ERR_KEY_INVALID`, what `openBundle` throws, `ERR_OUTPUT_UNWRITABLE` when it cannot be changed or has no room,
 * `ERR_SIGNATURE_MISSING` when there is no signature to take away, `ERR_DISK_FAILED`
 */
export async function signBundle(
  wish: SignWish,
  surroundings: Surroundings,
  { signal }: Ears = {},
): Promise<SignResult> {
  const { path } = wish;
  if (wish.remove === true) {
    const key = wish.key === undefined ? undefined : await readEitherKey(wish.key, surroundings, { signal });
    return await takeSignatures(path, key, { signal });
  }
  const key = await readSigningKey(wish.key, surroundings, { signal });
  const done = await addSignature(path, key, { signal });
  // Read the signature back from the disk, as a verifier would, before reporting success.
  const trust = { keys: [createPublicKey(key)], from: JSON.stringify(wish.key) };
  await using _signed = await openBundle(path, { signal, trust });
  return done;
}
