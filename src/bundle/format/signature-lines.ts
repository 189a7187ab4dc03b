import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { LAYOUT } from './layout.ts';
import { decodeSignature, encodeSignature, SIGNATURE_SIZE } from './signature-file.ts';

/** Sizes of `bundle.json.sig` that a document may state (bytes), in place of the usual 128. */
export const SIGNATURE_ROOM = { least: 256, most: 65_536 } as const;
/** More signatures than anyone checks. */
export const SIGNATURE_LIMIT = 100;
/** Longest name of an algorithm. */
const LINE = /^([a-z0-9][a-z0-9.-]{0,63}) (sha256:[0-9a-f]{64}) ([A-Za-z0-9+/]+={0,2})$/;
/** Sizes of the signatures of the algorithms that we know (bytes); a larger ECDSA signature in DER there is not. */
const SIZES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  ed25519: [64, 64],
  p256: [8, 72],
  'ml-dsa-65': [3309, 3309],
};

/** A signature as it is stored. */
export interface StoredSignature {
  /** Whose it is said to be; left out in 128 bytes, where there is room for no more than one signature. */
  readonly signer?: { readonly algorithm: string; readonly key: Digest } | undefined;
  /** In base64. */
  readonly text: string;
}

/** A signature that says whose it is. */
export type NamedSignature = StoredSignature & { readonly signer: NonNullable<StoredSignature['signer']> };

/** Returns the content of `bundle.json.sig` in a bundle that nobody has signed: line feeds alone. */
export function unsigned(room: number = SIGNATURE_SIZE): Uint8Array {
  return Buffer.alloc(room, '\n');
}

/** Returns the content of `bundle.json.sig` with these signatures, or `undefined` when they do not fit into `room` bytes. */
export function encodeSignatures(
  signatures: readonly NamedSignature[],
  room: number,
): Uint8Array | undefined {
  const [first, ...others] = signatures;
  if (first === undefined) return unsigned(room);
  if (room === SIGNATURE_SIZE) {
    const fits = others.length === 0 && first.text.length < room;
    return fits ? encodeSignature(first.text) : undefined;
  }
  const text = signatures
    .map(({ signer, text: signature }) => `${signer.algorithm} ${signer.key} ${signature}\n`)
    .join('');
  return text.length <= room ? Buffer.from(text.padEnd(room, '\n')) : undefined;
}

/**
 * Returns the signatures in the content of `bundle.json.sig`, none when the bundle is not signed. Nothing is proven by that. Those
 * of an algorithm that is not known are there as well.
 *
 * @throws `ERR_SIGNATURE_INVALID` when it is of no such form, or has two signatures by one key
 */
export function decodeSignatures(bytes: Uint8Array): readonly StoredSignature[] {
  if (bytes.length < SIGNATURE_ROOM.least) {
    const text = decodeSignature(bytes);
    return text === undefined ? [] : [{ text }];
  }
  const [, lines = '', feeds] = /^((?:[^\n]+\n)*)(\n*)$/.exec(Buffer.from(bytes).toString('latin1')) ?? [];
  if (feeds === undefined) throw invalid('it does not end in line feeds');
  const signatures = lines.split('\n').slice(0, -1).map(decodeLine);
  if (signatures.length > SIGNATURE_LIMIT) {
    throw invalid(`it has ${signatures.length} signatures, and ${SIGNATURE_LIMIT} are allowed`);
  }
  const keys = new Set<Digest | undefined>();
  for (const { signer } of signatures) {
    if (keys.has(signer?.key)) throw invalid(`it has two signatures by the key ${signer?.key}`);
    keys.add(signer?.key);
  }
  return signatures;
}

/**
 * Returns the signatures that are whole in a `bundle.json.sig` of which others are not: signing was interrupted, and those of others
 * must not be lost by signing again.
 */
export function wholeSignatures(bytes: Uint8Array): readonly StoredSignature[] {
  if (bytes.length < SIGNATURE_ROOM.least) return [];
  const whole = new Map<Digest | undefined, StoredSignature>();
  for (const line of Buffer.from(bytes).toString('latin1').split('\n')) {
    const bytesOfLine = Buffer.from(`${line}\n`.padEnd(SIGNATURE_ROOM.least, '\n'), 'latin1');
    try {
      for (const one of decodeSignatures(bytesOfLine)) whole.set(one.signer?.key, one);
    } catch (error) {
      if (!isSaddlebagError(error, 'ERR_SIGNATURE_INVALID')) throw error;
    }
  }
  return [...whole.values()].slice(0, SIGNATURE_LIMIT);
}

function decodeLine(line: string, index: number): StoredSignature {
  const [, algorithm = '', key, text = ''] = LINE.exec(line) ?? [];
  if (!isDigest(key) || Buffer.from(text, 'base64').toString('base64') !== text) {
    throw invalid(`line ${index + 1} is no signature`);
  }
  const size = Buffer.byteLength(text, 'base64');
  const [least, most] = SIZES[algorithm] ?? [0, Number.POSITIVE_INFINITY];
  if (size >= least && size <= most) return { signer: { algorithm, key }, text };
  throw invalid(`line ${index + 1} has ${size} bytes, and a signature with ${algorithm} has another size`);
}

function invalid(fact: string): SaddlebagError {
  return new SaddlebagError('ERR_SIGNATURE_INVALID', `Cannot read "${LAYOUT.signature}": ${fact}`, {
    hint: 'Its bytes have changed, or signing was interrupted: copy the bundle again, or have it signed again.',
  });
}
