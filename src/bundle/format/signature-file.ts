import { equalBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { LAYOUT } from './layout.ts';

/** Size of `bundle.json.sig` (bytes), signed or not: signing a bundle moves nothing in it. */
export const SIGNATURE_SIZE = 128;

/** Content of `bundle.json.sig` in an unsigned bundle: only line feeds. */
export const UNSIGNED: Uint8Array = Buffer.alloc(SIGNATURE_SIZE, '\n');

/** base64, then line feeds. Ed25519 takes 88 characters, ECDSA P-256 in DER at most 96, and all but never fewer than 80. */
const FORM = /^([A-Za-z0-9+/]{78,96}={0,2})\n+$/;

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

/** One signature, one text: the unused bits of base64 must be zero. */
function isCanonical(signature: string): boolean {
  return Buffer.from(signature, 'base64').toString('base64') === signature;
}
