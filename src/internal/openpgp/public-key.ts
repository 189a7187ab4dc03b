import { createHash, createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { SaddlebagError } from '../error.ts';
import { Cursor, type Packet, readPackets, TAG } from './packets.ts';
import { decodeSignature, type Signature } from './signature.ts';

/** An RSA key that may sign documents. */
export interface PublicKey {
  /** Fingerprint of the primary key, 40 lower-case hex digits; the name under which it is trusted. */
  readonly fingerprint: string;
  /** SHA-256 over the same bytes: what a key can be pinned by without trust in SHA-1. */
  readonly sha256: string;
  /** Of the key itself, which may be a subkey: 16 lower-case hex digits. */
  readonly keyId: string;
  readonly key: KeyObject;
  /** Length of a signature (bytes). */
  readonly size: number;
}

const HASHES: Readonly<Record<number, string>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' };
const SUBKEY_BINDING = 0x18;
const PRIMARY_BINDING = 0x19;
const REVOCATIONS: readonly number[] = [0x20, 0x28];
const MAY_SIGN = 0x02;
/** Real keyrings are a few KiB (bytes). */
const LIMIT = 1024 * 1024;

/**
 * Returns the keys of a keyring, binary or armored, several armored ones in a row too. Keys that are revoked, not RSA or of
 * another version than 4 are left out, and so are subkeys without a binding of their primary key that lets them sign.
 *
 * @throws `ERR_KEY_INVALID` when it has no key at all
 */
export function readPublicKeys(bytes: Uint8Array, title: string): readonly PublicKey[] {
  const fail = (fact: string, cause?: unknown): SaddlebagError =>
    new SaddlebagError('ERR_KEY_INVALID', `Cannot read the OpenPGP keys of ${title}: ${fact}`, {
      hint: 'Export them with: gpg --export --armor KEY',
      cause,
    });
  if (bytes.length > LIMIT) throw fail(`it has ${bytes.length} bytes, and ${LIMIT} are allowed`);
  try {
    const keys = dearmored(bytes).flatMap((block) => keysIn(readPackets(block)));
    if (keys.length > 0) return keys;
  } catch (cause) {
    throw fail('it is not a keyring', cause);
  }
  throw fail('it has no key that can verify an RSA signature');
}

/** A text around the blocks is a comment (RFC 9580, section 6). Their checksum adds nothing to a fingerprint. */
function dearmored(bytes: Uint8Array): readonly Uint8Array[] {
  if (((bytes[0] ?? 0) & 0x80) !== 0) return [bytes];
  const text = Buffer.from(bytes).toString('latin1').replaceAll('\r\n', '\n');
  const blocks = text.matchAll(
    /-----BEGIN PGP PUBLIC KEY BLOCK-----\n(?:[^\n]+: [^\n]*\n)*[ \t]*\n(?<body>[A-Za-z0-9+/=\n \t]*?)\n?(?:=[A-Za-z0-9+/]{4}\s*)?-----END PGP PUBLIC KEY BLOCK-----/g,
  );
  return [...blocks].map(({ groups }) => Buffer.from(groups?.['body'] ?? '', 'base64'));
}

/** A key packet with the packets that follow it, up to the next key. */
interface Part {
  readonly key: Packet;
  readonly signatures: readonly Packet[];
}

function keysIn(packets: readonly Packet[]): readonly PublicKey[] {
  const parts: { key: Packet; signatures: Packet[] }[] = [];
  for (const packet of packets) {
    if (packet.tag === TAG.publicKey || packet.tag === TAG.publicSubkey)
      parts.push({ key: packet, signatures: [] });
    else if (packet.tag === TAG.signature) parts.at(-1)?.signatures.push(packet);
  }
  let primary: RsaKey | undefined;
  return parts.flatMap((part) => {
    const own = isRevoked(part) ? undefined : rsaKeyOf(part.key);
    if (part.key.tag === TAG.publicKey) primary = own;
    if (own === undefined || primary === undefined) return [];
    if (part.key.tag === TAG.publicSubkey && !isBound(part, own, primary)) return [];
    const { fingerprint, sha256 } = primary;
    return [{ fingerprint, sha256, keyId: own.fingerprint.slice(-16), key: own.key, size: own.size }];
  });
}

/** Also when the revocation is forged: whoever can add one could as well take the key away. */
function isRevoked({ signatures }: Part): boolean {
  return signatures.some(({ body }) => {
    const signature = readable(body);
    return signature !== undefined && REVOCATIONS.includes(signature.type);
  });
}

interface RsaKey {
  readonly fingerprint: string;
  readonly sha256: string;
  readonly key: KeyObject;
  readonly size: number;
  /** What is hashed of it: its length and its body (RFC 9580, 5.5.4.2). */
  readonly hashed: Uint8Array;
}

function rsaKeyOf({ body }: Packet): RsaKey | undefined {
  const cursor = new Cursor(body);
  if (cursor.number(1) !== 4) return undefined;
  cursor.take(4);
  if (![1, 3].includes(cursor.number(1))) return undefined;
  const [modulus, exponent] = [cursor.integer(), cursor.integer()];
  if (cursor.left > 0) return undefined;
  const hashed = Buffer.concat([Buffer.from([0x99, body.length >> 8, body.length & 0xff]), body]);
  const jwk = { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) };
  return {
    fingerprint: hash('sha1', hashed),
    sha256: hash('sha256', hashed),
    key: createPublicKey({ key: jwk, format: 'jwk' }),
    size: modulus.length,
    hashed,
  };
}

/** Both keys sign for it that a subkey belongs to its primary key (RFC 9580, 5.2.1.8 and 5.2.1.9). */
function isBound({ signatures }: Part, own: RsaKey, primary: RsaKey): boolean {
  const content = Buffer.concat([primary.hashed, own.hashed]);
  return signatures.some(({ body }) => {
    const binding = readable(body);
    if (binding?.type !== SUBKEY_BINDING || ((binding.keyFlags ?? 0) & MAY_SIGN) === 0) return false;
    const back = binding.embedded === undefined ? undefined : readable(binding.embedded);
    return (
      faultOfSignature(binding, content, primary) === undefined &&
      back?.type === PRIMARY_BINDING &&
      faultOfSignature(back, content, own) === undefined
    );
  });
}

/** Keyrings hold signatures of other people too, of any kind. */
function readable(body: Uint8Array): Signature | undefined {
  try {
    return decodeSignature(body);
  } catch {
    return undefined;
  }
}

/** Returns what is wrong with a signature over `content`, or `undefined` when the key made it. */
export function faultOfSignature(
  signature: Signature,
  content: Uint8Array,
  { key, size }: Pick<PublicKey, 'key' | 'size'>,
): string | undefined {
  const algorithm = HASHES[signature.hashAlgorithm];
  if (algorithm === undefined) return `its hash algorithm ${signature.hashAlgorithm} is not trusted`;
  const found = createHash(algorithm).update(content).update(signature.trailer).digest();
  if (!found.subarray(0, 2).equals(signature.hashStart)) return 'it is for other content';
  if (signature.value.length > size) return 'it is longer than its key';
  // Leading zeros of the number are not written, and RSA wants them.
  const value = Buffer.concat([Buffer.alloc(size - signature.value.length), signature.value]);
  const hashed = Buffer.concat([content, signature.trailer]);
  return verify(algorithm, hashed, key, value) ? undefined : 'the key did not make it';
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
