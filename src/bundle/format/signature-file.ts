import { equalBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { LAYOUT } from './layout.ts';

/** Size of `bundle.json.sig` (bytes), signed or not: signing a bundle moves nothing in it. */
export const SIGNATURE_SIZE = 128;

/** Content of `bundle.json.sig` in an unsigned bundle: only line feeds. @visibleForTesting */
export const UNSIGNED: Uint8Array = Buffer.alloc(SIGNATURE_SIZE, '\n');

/** bytes */
const ED25519_SIZE = 64;
/** base64, then line feeds. Ed25519 takes 88 characters, ECDSA P-256 in DER at most 96. */
const FORM = /^([A-Za-z0-9+/]{1,96}={0,2})\n+$/;

/** Returns the content of `bundle.json.sig`: a base64 signature, padded with line feeds, which decoders skip. */
export function encodeSignature(signature: string): Uint8Array {
  return Buffer.from(signature.padEnd(SIGNATURE_SIZE, '\n'));
}

/**
 * Returns the base64 signature in the content of `bundle.json.sig`, or `undefined` when the bundle is not signed.
 *
 * @throws `ERR_SIGNATURE_INVALID` when it is neither
 */
export function decodeSignature(bytes: Uint8Array): string | undefined {
  if (equalBytes(bytes, UNSIGNED)) return undefined;
  const signature = FORM.exec(Buffer.from(bytes).toString('latin1'))?.[1];
  if (bytes.length === SIGNATURE_SIZE && signature !== undefined && isCanonical(signature)) return signature;
  throw new SaddlebagError(
    'ERR_SIGNATURE_INVALID',
    `Cannot read "${LAYOUT.signature}": it is neither a signature nor the ${SIGNATURE_SIZE} line feeds that stand for none`,
    {
      hint: 'Its bytes have changed, or signing was interrupted: copy the bundle again, or have it signed again.',
    },
  );
}

/** One signature, one text: the unused bits of base64 must be zero, and it must have the form of a signature. */
function isCanonical(signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64');
  const isSignature = bytes.length === ED25519_SIZE || isDerSignature(bytes);
  return isSignature && bytes.toString('base64') === signature;
}

/** `ECDSA-Sig-Value` in DER (RFC 3279, 2.2.3): a sequence of two integers, both positive and of at most 32 bytes. */
function isDerSignature(bytes: Buffer): boolean {
  const behindFirst = endOfInteger(bytes, 2);
  const end = behindFirst === undefined ? undefined : endOfInteger(bytes, behindFirst);
  return bytes[0] === 0x30 && bytes[1] === bytes.length - 2 && end === bytes.length;
}

/** Returns where an integer ends that begins at `start`; `undefined` when there is none in its shortest form. */
function endOfInteger(bytes: Buffer, start: number): number | undefined {
  const [tag, length = 0, first = 0, second = 0] = bytes.subarray(start);
  const digits = first === 0 ? length - 1 : length;
  const isShortest = first < 0x80 && (first > 0 || (length > 1 && second >= 0x80));
  return tag === 0x02 && digits >= 1 && digits <= 32 && isShortest ? start + 2 + length : undefined;
}
