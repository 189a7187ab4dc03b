import type { Archive } from '../../archive/archive.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { readDocument } from '../format/read-document.ts';
import { readSignature } from './read.ts';
import { isSignedBy } from './signature.ts';
import { fingerprintOf } from './signing-key.ts';
import type { Trust } from './trust.ts';

export type { Trust };

/**
 * The state of a bundle's signature: `none`; `present`, without a key to check it; `wrong`, which is malformed or by
 * none of the keys; or `proven`, and `signer` is the fingerprint of the key.
 */
export interface SignatureReport {
  /** Whether the state is `proven`. */
  readonly signed: boolean;
  readonly signature: 'none' | 'present' | 'wrong' | 'proven';
  readonly signer?: Digest | undefined;
}

/**
 * Returns the fingerprint of the trusted key that signed `document`, the bytes of `bundle.json`. Only the signature is
 * read from the archive.
 *
 * @throws `ERR_SIGNATURE_MISSING`, `ERR_SIGNATURE_INVALID`; `ERR_ARCHIVE_INVALID`, `ERR_DISK_FAILED`, `ERR_INTERRUPTED`
 */
export async function requireSignature(
  archive: Archive,
  document: Uint8Array,
  options: WaitOptions & { readonly trust: Trust; readonly path: string },
): Promise<Digest> {
  const { trust, path } = options;
  const signature = await signatureIn(archive, options);
  const key = signature === undefined ? undefined : signerOf(document, signature, trust);
  if (key !== undefined) return key;
  const subject = `Cannot trust bundle "${path}"`;
  if (signature === undefined) {
    throw new SaddlebagError('ERR_SIGNATURE_MISSING', `${subject}: it is not signed`, {
      hint: `${trust.from} asks for a signature: have it signed where it was built, with "bundle sign".`,
    });
  }
  const whose = trust.keys.length === 1 ? 'not by the key' : `by none of the ${trust.keys.length} keys`;
  throw new SaddlebagError(
    'ERR_SIGNATURE_INVALID',
    `${subject}: its signature is ${whose} of ${trust.from}`,
    {
      hint: 'Another key signed it, or bundle.json has changed since. Ask whoever built it for the root digest and the key.',
    },
  );
}

/**
 * Returns the state of an open bundle's signature; a wrong one is not an error here. The bundle's `signer` is trusted:
 * it was proven when the bundle was opened.
 *
 * @throws `ERR_INTERRUPTED`
 */
export async function judgeSignature(
  bundle: { readonly archive: Archive; readonly path: string; readonly signer?: Digest | undefined },
  options: WaitOptions & { readonly trust?: Trust | undefined } = {},
): Promise<SignatureReport> {
  const { archive, path, signer } = bundle;
  const { trust, signal } = options;
  if (signer !== undefined) return proven(signer);
  try {
    const signature = await signatureIn(archive, options);
    if (signature === undefined) return { signed: false, signature: 'none' };
    if (trust === undefined) return { signed: false, signature: 'present' };
    const found = signerOf(await readDocument(archive, { path, signal }), signature, trust);
    return found === undefined ? { signed: false, signature: 'wrong' } : proven(found);
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return { signed: false, signature: 'wrong' };
  }
}

function proven(signer: Digest): SignatureReport {
  return { signed: true, signature: 'proven', signer };
}

function signerOf(document: Uint8Array, signature: string, { keys }: Trust): Digest | undefined {
  const key = keys.find((one) => isSignedBy(document, signature, one));
  return key === undefined ? undefined : fingerprintOf(key);
}

/** A bundle whose signature file was removed counts as unsigned. */
async function signatureIn(archive: Archive, options: WaitOptions): Promise<string | undefined> {
  try {
    return await readSignature(archive, options);
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_CONTENT_NOT_FOUND')) return undefined;
    throw error;
  }
}
