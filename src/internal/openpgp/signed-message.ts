import { inflateRawSync, inflateSync } from 'node:zlib';
import { Cursor, openPgpFault, type Packet, readPackets, TAG } from './packets.ts';
import { faultOfSignature, type PublicKey } from './public-key.ts';
import { decodeSignature, type Signature } from './signature.ts';

/** A message that a trusted key signed. */
export interface Verified {
  /** What was signed. */
  readonly content: Uint8Array;
  /** Fingerprint of the signer's primary key. */
  readonly fingerprint: string;
}

/** Far above what a release signature has (bytes): those have about 1 KiB. */
const CONTENT_LIMIT = 1024 * 1024;
const [BINARY, TEXT] = [0x00, 0x01];

/**
 * Returns the content of a signed message once one of `keys` is proven to have signed it. `now` is in milliseconds since 1970.
 *
 * A message is: literal data with its signatures, maybe compressed as a whole. Anything else is refused, so that no part of it
 * can be taken for signed that is not.
 *
 * @throws `ERR_SIGNATURE_INVALID` with the reason for each signature
 */
export function verifySignedMessage(bytes: Uint8Array, keys: readonly PublicKey[], now: number): Verified {
  const { content, signatures } = readMessage(bytes);
  const faults: string[] = [];
  for (const signature of signatures) {
    const signers = keys.filter(({ keyId }) => keyId === signature.issuer);
    if (signers.length === 0)
      faults.push(`it is by the key ${signature.issuer ?? 'without a name'}, which is not trusted`);
    for (const key of signers) {
      const fault = expiry(signature, now) ?? faultOfSignature(signature, signedOf(signature, content), key);
      if (fault === undefined) return { content, fingerprint: key.fingerprint };
      faults.push(fault);
    }
  }
  throw openPgpFault([...new Set(faults)].join('; '));
}

interface Message {
  readonly content: Uint8Array;
  readonly signatures: readonly Signature[];
}

function readMessage(bytes: Uint8Array): Message {
  const outer = readPackets(bytes);
  const [first] = outer;
  const packets =
    first?.tag === TAG.compressed && outer.length === 1 ? readPackets(decompress(first.body)) : outer;
  const at = packets.findIndex(({ tag }) => tag === TAG.literal);
  const literal = packets[at];
  if (literal === undefined) throw openPgpFault('it has no content');
  const [before, after] = [packets.slice(0, at), packets.slice(at + 1)];
  // A signature before the content is the form of old PGP; one-pass packets announce those after it.
  const signatures = [...before, ...after].filter(({ tag }) => tag === TAG.signature).map(signatureOf);
  const announced = before.filter(({ tag }) => tag === TAG.onePass);
  const isWhole =
    before.every(({ tag }) => tag === TAG.onePass || tag === TAG.signature) &&
    after.every(({ tag }) => tag === TAG.signature) &&
    after.length === announced.length;
  if (!isWhole) throw openPgpFault('it is not signed content and nothing else');
  if (signatures.length === 0) throw openPgpFault('it is not signed');
  for (const [index, packet] of announced.toReversed().entries())
    requireAnnounced(packet, signatureOf(after[index]));
  return { content: contentOf(literal), signatures };
}

function signatureOf(packet: Packet | undefined): Signature {
  return decodeSignature(packet?.body ?? new Uint8Array());
}

/** A one-pass packet says beforehand what its signature says (RFC 9580, 5.4). */
function requireAnnounced({ body }: Packet, signature: Signature): void {
  const { type, hashAlgorithm, publicKeyAlgorithm, issuer } = signature;
  const said = Buffer.concat([
    Buffer.from([3, type, hashAlgorithm, publicKeyAlgorithm]),
    Buffer.from(issuer ?? '', 'hex'),
  ]);
  if (body.length !== 13 || !said.equals(body.subarray(0, 12)))
    throw openPgpFault('it announces another signature than it has');
}

/** Skips the format, the file name and the date, which nobody signs (RFC 9580, 5.9). */
function contentOf({ body }: Packet): Uint8Array {
  const cursor = new Cursor(body);
  const format = String.fromCharCode(cursor.number(1));
  if (!['b', 't', 'u'].includes(format)) throw openPgpFault('its content is of an unknown format');
  cursor.take(cursor.number(1));
  cursor.take(4);
  return cursor.take(cursor.left);
}

function decompress(body: Uint8Array): Uint8Array {
  const [algorithm] = body;
  const inflate = algorithm === 1 ? inflateRawSync : algorithm === 2 ? inflateSync : undefined;
  if (inflate === undefined) throw openPgpFault(`it is compressed with algorithm ${algorithm ?? 'none'}`);
  try {
    return inflate(body.subarray(1), { maxOutputLength: CONTENT_LIMIT });
  } catch (cause) {
    throw openPgpFault('it cannot be decompressed', cause);
  }
}

function expiry({ created, lifetime }: Signature, now: number): string | undefined {
  if (lifetime === undefined || (created + lifetime) * 1000 > now) return undefined;
  return `it expired at ${new Date((created + lifetime) * 1000).toISOString()}`;
}

/** Of a text, its lines are signed, whatever ends them (RFC 9580, 5.2.1.2). */
function signedOf({ type }: Signature, content: Uint8Array): Uint8Array {
  if (type === BINARY) return content;
  if (type !== TEXT) throw openPgpFault(`its signature is of type ${type}, and not of a document`);
  return Buffer.from(Buffer.from(content).toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1');
}
