import type { KeyObject } from 'node:crypto';
import type { Archive } from '../../archive/archive.ts';
import { overwritesFor } from '../../archive/overwrite.ts';
import { openFileReader } from '../../disk/reader.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { OpenBundle } from '../bundle.ts';
import { LAYOUT } from '../format/layout.ts';
import { readDocument } from '../format/read-document.ts';
import { SIGNATURE_SIZE } from '../format/signature-file.ts';
import {
  decodeSignatures,
  type NamedSignature,
  type StoredSignature,
  wholeSignatures,
} from '../format/signature-lines.ts';
import { openBundle } from '../open.ts';
import { putSignature } from '../write/put-signature.ts';
import { readSignatureFile } from './read.ts';
import { signaturesIn } from './room.ts';
import { isSignedBy, signatureBy } from './signature.ts';
import { fingerprintOf } from './signing-key.ts';

export interface SignResult {
  /** Root digest of what was signed; signing does not change it. */
  readonly root: Digest;
  readonly path: string;
  /** Fingerprint of the key; left out when all signatures were taken away. */
  readonly signer?: Digest | undefined;
  /** Whether an earlier signature was replaced: by the same key, or by another where there is room for one alone. */
  readonly replaced: boolean;
  /** Signatures that were taken away. */
  readonly removed: number;
  /** Signatures that it has now. */
  readonly signatures: number;
}

/**
 * Adds the signature by a private key to the bundle at `path`, in place.
 *
 * @throws what `openBundle` throws, `ERR_OUTPUT_UNWRITABLE` when it cannot be changed or has no room, `ERR_DISK_FAILED`
 */
export async function addSignature(
  path: string,
  key: KeyObject,
  options: WaitOptions = {},
): Promise<SignResult> {
  return await change(path, (bundle, before) => withOne(bundle, before, key), options);
}

/**
 * Takes the signature by a key away, every signature where `key` is left out, in place.
 *
 * @throws as {@link addSignature}; `ERR_SIGNATURE_MISSING` when there is none by that key
 */
export async function takeSignatures(
  path: string,
  key: KeyObject | undefined,
  options: WaitOptions = {},
): Promise<SignResult> {
  return await change(path, (bundle, before) => without(bundle, before, key), options);
}

type Change = Omit<SignResult, 'root' | 'path'> & { readonly bytes: Uint8Array };

/** A bundle as it is signed: which bytes, and how many are reserved. */
interface Signed {
  readonly path: string;
  readonly document: Uint8Array;
  readonly room: number;
}

async function change(
  path: string,
  make: (bundle: Signed, before: readonly StoredSignature[]) => Change,
  options: WaitOptions,
): Promise<SignResult> {
  await using bundle = await openBundle(path, options);
  const { archive, root } = bundle;
  const document = await readDocument(archive, { signal: options.signal, path });
  const room = bundle.document.signatureRoom ?? SIGNATURE_SIZE;
  const { signatures: before, isBroken } = await readBefore(bundle, { signal: options.signal, room });
  const { bytes, ...done } = make({ path, document, room }, before);
  await putSignature(archive, bytes, options);
  return { root, path, ...done, replaced: done.replaced || (isBroken && done.removed === 0) };
}

/** Signing that was interrupted can leave what is of no form: that goes, and what is whole stays. */
async function readBefore(
  { archive }: OpenBundle,
  options: WaitOptions & { readonly room: number },
): Promise<{ readonly signatures: readonly StoredSignature[]; readonly isBroken: boolean }> {
  const bytes = await readAsItLies(archive, options).catch((error: unknown) => {
    // Nothing of it can be told any more: it is written anew.
    if (isSaddlebagError(error) && error.code !== 'ERR_INTERRUPTED') return undefined;
    throw error;
  });
  if (bytes === undefined) return { signatures: [], isBroken: true };
  try {
    return { signatures: decodeSignatures(bytes), isBroken: false };
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_SIGNATURE_INVALID')) throw error;
    return { signatures: wholeSignatures(bytes), isBroken: true };
  }
}

/** In a zip, signing that was interrupted leaves checksums that contradict each other: then its bytes are read past them. */
async function readAsItLies(
  archive: Archive,
  options: WaitOptions & { readonly room: number },
): Promise<Uint8Array> {
  try {
    return await readSignatureFile(archive, options);
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_ARCHIVE_INVALID')) throw error;
  }
  const parts: Uint8Array[] = [];
  for (const { file, position, bytes } of await overwritesFor(
    archive,
    LAYOUT.signature,
    Buffer.alloc(options.room),
  )) {
    await using reader = await openFileReader(file);
    parts.push(await reader.read(position, bytes.length));
  }
  return Buffer.concat(parts).subarray(0, options.room);
}

function withOne(
  { path, document, room }: Signed,
  before: readonly StoredSignature[],
  key: KeyObject,
): Change {
  const own = signatureBy(document, key);
  const others = before.filter(isNamed).filter(({ signer }) => signer.key !== own.signer.key);
  const signatures = [...others, own];
  return {
    bytes: signaturesIn(room, signatures, { path }),
    signer: own.signer.key,
    replaced: before.length > others.length,
    removed: 0,
    signatures: signatures.length,
  };
}

function without(
  { path, document, room }: Signed,
  before: readonly StoredSignature[],
  key: KeyObject | undefined,
): Change {
  const signer = key === undefined ? undefined : fingerprintOf(key);
  const goes = (signature: StoredSignature): boolean => {
    if (key === undefined) return true;
    return signature.signer === undefined
      ? isSignedBy(document, signature.text, key)
      : signature.signer.key === signer;
  };
  const left = before.filter((signature) => !goes(signature));
  if (key !== undefined && left.length === before.length) {
    throw new SaddlebagError(
      'ERR_SIGNATURE_MISSING',
      `Cannot take a signature from "${path}": none is by the key ${signer}`,
    );
  }
  const bytes = signaturesIn(room, left.filter(isNamed), { path });
  return { bytes, signer, replaced: false, removed: before.length - left.length, signatures: left.length };
}

/** Whether it says whose it is: where there is room for one alone, it does not. */
function isNamed(signature: StoredSignature): signature is NamedSignature {
  return signature.signer !== undefined;
}
