import { isSaddlebagError, SaddlebagError } from '../../../internal/error.ts';
import { type PublicKey, readPublicKeys } from '../../../internal/openpgp/public-key.ts';
import { verifySignedMessage } from '../../../internal/openpgp/signed-message.ts';
import type { Digest } from '../../../oci/digest.ts';
import { decodeClaim } from './claim.ts';
import { pinnedTitle } from './pinned-keys.ts';

/** Who may sign releases. */
export interface ReleaseTrust {
  /** Keyrings of any origin: a key of theirs counts only when it is pinned or named. */
  readonly keyrings: readonly Uint8Array[];
  /** Fingerprints that a user trusts besides the pinned ones, 40 lower-case hex digits. */
  readonly named: readonly string[];
}

/** Largest signature that is read (bytes); openshift/library-go reads as much. */
const SIGNATURE_LIMIT = 50 * 1024;

/**
 * Returns the fingerprint of the trusted key that signed a release image by this digest.
 *
 * @throws `ERR_SIGNATURE_INVALID` for anything but a valid signature over this digest by a trusted key
 */
export function verifyReleaseSignature(
  message: Uint8Array,
  digest: Digest,
  { trust, now }: { readonly trust: ReleaseTrust; readonly now: number },
): string {
  if (message.length > SIGNATURE_LIMIT)
    throw invalid(`it has ${message.length} bytes, and ${SIGNATURE_LIMIT} are allowed`);
  const { content, fingerprint } = verifySignedMessage(message, trustedKeys(trust), now);
  const signed = decodeClaim(content);
  if (signed !== digest) throw invalid(`it is for "${signed}", and not for "${digest}"`);
  return fingerprint;
}

/** Returns the keys of keyrings that are pinned or named. A keyring that cannot be read has none. */
export function trustedKeys({ keyrings, named }: ReleaseTrust): readonly PublicKey[] {
  return keyrings
    .flatMap(keysOf)
    .filter((key) => pinnedTitle(key) !== undefined || named.includes(key.fingerprint));
}

function keysOf(keyring: Uint8Array): readonly PublicKey[] {
  try {
    return readPublicKeys(keyring, 'the release');
  } catch (error) {
    if (!isSaddlebagError(error)) throw error;
    return [];
  }
}

function invalid(fact: string): SaddlebagError {
  return new SaddlebagError('ERR_SIGNATURE_INVALID', `Cannot verify a release signature: ${fact}`);
}
