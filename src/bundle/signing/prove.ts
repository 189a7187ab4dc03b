import type { Archive } from '../../archive/archive.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { readDocument } from '../format/read-document.ts';
import type { StoredSignature } from '../format/signature-lines.ts';
import { KEY_TYPES } from './key-types.ts';
import { readSignatures } from './read.ts';
import { isSignedBy } from './signature.ts';
import { fingerprintOf, keyTypeOf } from './signing-key.ts';
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
  /** Fingerprints of all trusted keys that signed it; left out when it is one alone. */
  readonly signers?: readonly Digest[] | undefined;
}

/** A bundle's archive, and whose signatures were proven when it was opened. */
interface Signable {
  readonly archive: Archive;
  readonly path: string;
  readonly signers?: readonly Digest[] | undefined;
}

/**
 * Returns the fingerprints of the trusted keys that signed `document`, the bytes of `bundle.json`: as many as are needed. Only the
 * signatures are read from the archive. A signature by a trusted key that is wrong is not made up for by others.
 *
 * @throws `ERR_SIGNATURE_MISSING`, `ERR_SIGNATURE_INVALID`; `ERR_ARCHIVE_INVALID`, `ERR_DISK_FAILED`, `ERR_INTERRUPTED`
 */
export async function requireSignature(
  archive: Archive,
  document: Uint8Array,
  options: WaitOptions & { readonly trust: Trust; readonly path: string },
): Promise<readonly Digest[]> {
  const { trust, path } = options;
  const signatures = await signaturesIn(archive, options);
  const { signers, wrong } = judge(document, signatures, trust);
  const needed = trust.needed ?? 1;
  if (wrong === undefined && signers.length >= needed) return signers;
  const subject = `Cannot trust bundle "${path}"`;
  if (signatures.length === 0) {
    throw new SaddlebagError('ERR_SIGNATURE_MISSING', `${subject}: it is not signed`, {
      hint: `${trust.from} asks for a signature: have it signed where it was built, with "bundle sign".`,
    });
  }
  throw new SaddlebagError('ERR_SIGNATURE_INVALID', `${subject}: ${faultOf({ signers, wrong }, trust)}`, {
    hint: 'Another key has signed it, or bundle.json was changed since. Ask whoever built it for root digest and key.',
  });
}

/**
 * Returns the state of an open bundle's signature; a wrong one is not an error here. The bundle's `signers` are trusted:
 * they were proven when the bundle was opened.
 *
 * @throws `ERR_INTERRUPTED`
 */
export async function judgeSignature(
  bundle: Signable,
  options: WaitOptions & { readonly trust?: Trust | undefined } = {},
): Promise<SignatureReport> {
  const { archive, path, signers } = bundle;
  const { trust, signal } = options;
  if (signers !== undefined) return proven(signers);
  try {
    const signatures = await signaturesIn(archive, options);
    if (signatures.length === 0) return { signed: false, signature: 'none' };
    if (trust === undefined) return { signed: false, signature: 'present' };
    const found = judge(await readDocument(archive, { path, signal }), signatures, trust);
    const isProven = found.wrong === undefined && found.signers.length >= (trust.needed ?? 1);
    return isProven ? proven(found.signers) : { signed: false, signature: 'wrong' };
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return { signed: false, signature: 'wrong' };
  }
}

/**
 * Returns the keys by which an open bundle is said to be signed, one for each signature; `undefined` stands for one that does not say
 * whose it is. Nothing is proven by that, unless the state of its signature is `proven`.
 *
 * @throws `ERR_SIGNATURE_INVALID` when it does not have the form of a signature; `ERR_ARCHIVE_INVALID`, `ERR_DISK_FAILED`
 */
export async function namedSigners(
  { archive, signers }: Signable,
  options: WaitOptions = {},
): Promise<readonly (Digest | undefined)[]> {
  return signers ?? (await signaturesIn(archive, options)).map(({ signer }) => signer?.key);
}

function proven(signers: readonly Digest[]): SignatureReport {
  const [signer, ...others] = signers;
  return { signed: true, signature: 'proven', signer, signers: others.length === 0 ? undefined : signers };
}

/** What signatures are worth. */
interface Judgement {
  /** Fingerprints of the trusted keys that signed it, each once. */
  readonly signers: readonly Digest[];
  /** The trusted key by which a signature is said to be, and is not. */
  readonly wrong?: Digest | undefined;
}

/** A signature of an algorithm that is not known, or by a key that is not trusted, says nothing. */
function judge(document: Uint8Array, signatures: readonly StoredSignature[], { keys }: Trust): Judgement {
  const known = new Map(keys.map((key) => [fingerprintOf(key), key]));
  const signers: Digest[] = [];
  for (const { signer, text } of signatures) {
    if (signer === undefined) {
      const found = [...known].find(([, key]) => isSignedBy(document, text, key));
      if (found !== undefined) signers.push(found[0]);
      continue;
    }
    const key = known.get(signer.key);
    if (key === undefined || !KEY_TYPES.some((type) => type === signer.algorithm)) continue;
    if (keyTypeOf(key) !== signer.algorithm || !isSignedBy(document, text, key)) {
      return { signers, wrong: signer.key };
    }
    signers.push(signer.key);
  }
  return { signers };
}

function faultOf({ signers, wrong }: Judgement, { keys, needed = 1, from }: Trust): string {
  if (wrong !== undefined) return `its signature by the key ${wrong} of ${from} is wrong`;
  if (needed > 1) return `it is signed by ${signers.length} of the keys of ${from}, and ${needed} are needed`;
  const whose = keys.length === 1 ? 'not by the key' : `by none of the ${keys.length} keys`;
  return `its signature is ${whose} of ${from}`;
}

/** A bundle whose signature file was removed counts as unsigned. */
async function signaturesIn(archive: Archive, options: WaitOptions): Promise<readonly StoredSignature[]> {
  try {
    return await readSignatures(archive, options);
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_CONTENT_NOT_FOUND')) return [];
    throw error;
  }
}
