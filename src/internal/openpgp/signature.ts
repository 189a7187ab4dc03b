import { Cursor, lengthOf, openPgpFault } from './packets.ts';

/** What a signature packet says (RFC 9580, 5.2), and what of it is hashed. */
export interface Signature {
  /** 0x00: of a binary document, 0x01: of a text, 0x18: of a subkey, 0x20 and 0x28: revocations. */
  readonly type: number;
  readonly publicKeyAlgorithm: number;
  readonly hashAlgorithm: number;
  /** When it was made (seconds since 1970). */
  readonly created: number;
  /** How long it is valid after that (seconds); without end when left out. */
  readonly lifetime?: number | undefined;
  /** Key id of the signer, 16 hex digits; a hint only. */
  readonly issuer?: string | undefined;
  /** What the key may be used for; given by its own signatures. */
  readonly keyFlags?: number | undefined;
  /** The signature of a signing subkey over its primary key. */
  readonly embedded?: Uint8Array | undefined;
  /** What is hashed after the signed content. */
  readonly trailer: Uint8Array;
  /** The first two bytes of the hash. */
  readonly hashStart: Uint8Array;
  /** The RSA signature; leading zeros may be missing. */
  readonly value: Uint8Array;
}

const SUBPACKET = {
  created: 2,
  lifetime: 3,
  issuer: 16,
  keyFlags: 27,
  embedded: 32,
  fingerprint: 33,
} as const;
/** Subpackets that may be critical although they say nothing that matters here: preferences, policy, features, user. */
const HARMLESS: readonly number[] = [9, 11, 21, 22, 23, 25, 26, 28, 30];
const RSA: readonly number[] = [1, 3];

/**
 * Decodes a signature packet of version 3 or 4. Release signatures of both versions are in use.
 *
 * @throws `ERR_SIGNATURE_INVALID` also for other versions, and for algorithms other than RSA
 */
export function decodeSignature(body: Uint8Array): Signature {
  const cursor = new Cursor(body);
  const version = cursor.number(1);
  if (version !== 3 && version !== 4) throw openPgpFault(`its signature is of version ${version}`);
  const signature = version === 3 ? decodeV3(cursor) : decodeV4(cursor);
  if (cursor.left > 0) throw openPgpFault('something follows its signature');
  return signature;
}

function decodeV3(cursor: Cursor): Signature {
  if (cursor.number(1) !== 5) throw openPgpFault('its signature hashes something of another length');
  const trailer = cursor.take(5);
  const [type = 0] = trailer;
  const created = new Cursor(trailer.subarray(1)).number(4);
  const issuer = hex(cursor.take(8));
  const [publicKeyAlgorithm, hashAlgorithm] = [cursor.number(1), cursor.number(1)];
  const rest = endOf(cursor, publicKeyAlgorithm);
  return { type, publicKeyAlgorithm, hashAlgorithm, created, issuer, trailer, ...rest };
}

function decodeV4(cursor: Cursor): Signature {
  const [type, publicKeyAlgorithm, hashAlgorithm] = [cursor.number(1), cursor.number(1), cursor.number(1)];
  const hashed = readSubpackets(cursor.take(cursor.number(2)));
  const head = cursor.bytes.subarray(0, cursor.at);
  const unhashed = readSubpackets(cursor.take(cursor.number(2)));
  const created = numberIn(hashed.get(SUBPACKET.created));
  if (created === undefined) throw openPgpFault('its signature does not say when it was made');
  const lifetime = numberIn(hashed.get(SUBPACKET.lifetime));
  const end = Buffer.from([4, 0xff, 0, 0, 0, 0]);
  end.writeUInt32BE(head.length, 2);
  return {
    type,
    publicKeyAlgorithm,
    hashAlgorithm,
    created,
    lifetime: lifetime === 0 ? undefined : lifetime,
    issuer: issuerIn(hashed) ?? issuerIn(unhashed),
    keyFlags: hashed.get(SUBPACKET.keyFlags)?.[0],
    embedded: hashed.get(SUBPACKET.embedded) ?? unhashed.get(SUBPACKET.embedded),
    trailer: Buffer.concat([head, end]),
    ...endOf(cursor, publicKeyAlgorithm),
  };
}

function endOf(cursor: Cursor, algorithm: number): Pick<Signature, 'hashStart' | 'value'> {
  const hashStart = cursor.take(2);
  if (!RSA.includes(algorithm)) throw openPgpFault(`its signature is of algorithm ${algorithm}, and not RSA`);
  return { hashStart, value: cursor.integer() };
}

function readSubpackets(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const cursor = new Cursor(bytes);
  const found = new Map<number, Uint8Array>();
  while (cursor.left > 0) {
    const body = cursor.take(lengthOf(cursor.number(1), cursor));
    const [first] = body;
    if (first === undefined) throw openPgpFault('a part of its signature is empty');
    const type = first & 0x7f;
    const isKnown = Object.values<number>(SUBPACKET).includes(type) || HARMLESS.includes(type);
    if ((first & 0x80) !== 0 && !isKnown)
      throw openPgpFault(`its signature requires the unknown part ${type}`);
    if (!found.has(type)) found.set(type, body.subarray(1));
  }
  return found;
}

function numberIn(bytes: Uint8Array | undefined): number | undefined {
  return bytes === undefined ? undefined : new Cursor(bytes).number(4);
}

function issuerIn(subpackets: ReadonlyMap<number, Uint8Array>): string | undefined {
  const id = subpackets.get(SUBPACKET.issuer);
  if (id !== undefined) return hex(id);
  // A fingerprint of version 4 follows the version of the key, and ends in the key id.
  const fingerprint = subpackets.get(SUBPACKET.fingerprint);
  return fingerprint === undefined ? undefined : hex(fingerprint.subarray(-8));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
