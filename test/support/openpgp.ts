import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

/** A key composed by hand, for signatures that no current program makes. */
export interface HandMadeKey {
  readonly privateKey: KeyObject;
  /** The public key as a binary keyring. */
  readonly keyring: Buffer;
  /** 40 lower-case hex digits. */
  readonly fingerprint: string;
}

export interface MessageOptions {
  readonly version?: 3 | 4;
  /** `compressed` as Red Hat signs, `partial` as the CI of OpenShift does; plain with known lengths when left out. */
  readonly form?: 'compressed' | 'partial';
  /** Seconds since 1970. */
  readonly created?: number;
  /** Seconds. */
  readonly lifetime?: number;
  readonly hash?: 'sha1' | 'sha256' | 'sha512';
  /** What is signed, when it is to differ from what is sent. */
  readonly signed?: Uint8Array;
}

const RSA = 1;
const HASH = { sha1: 2, sha256: 8, sha512: 10 } as const;
const CREATED = 1_700_000_000;

/** Makes a 2048-bit RSA key and its public key packet (RFC 4880, 5.5.2). */
export function handMadeKey(): HandMadeKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const body = Buffer.concat([
    Buffer.from([4]),
    uint32(CREATED),
    Buffer.from([RSA]),
    integer(Buffer.from(n, 'base64url')),
    integer(Buffer.from(e, 'base64url')),
  ]);
  const hashed = Buffer.concat([Buffer.from([0x99, body.length >> 8, body.length & 0xff]), body]);
  const key = { privateKey, fingerprint: createHash('sha1').update(hashed).digest('hex') };
  // GnuPG takes no key that does not vouch for its own user (RFC 4880, 5.2.4).
  const user = Buffer.from('release signer <release@example.com>');
  const vouched = Buffer.concat([hashed, Buffer.from([0xb4]), uint32(user.length), user]);
  const vouching = v4(vouched, key, { type: 0x13 });
  const keyring = Buffer.concat([oldPacket(6, body), oldPacket(13, user), oldPacket(2, vouching)]);
  return { ...key, keyring };
}

/** Composes a message after RFC 4880: one-pass signature, literal data, signature. */
export function composeMessage(content: Uint8Array, key: HandMadeKey, options: MessageOptions = {}): Buffer {
  const { version = 4, form, hash = 'sha256', signed = content } = options;
  const keyId = Buffer.from(key.fingerprint.slice(-16), 'hex');
  const onePass = oldPacket(
    4,
    Buffer.concat([Buffer.from([3, 0, HASH[hash], RSA]), keyId, Buffer.from([1])]),
  );
  const literal = Buffer.concat([
    Buffer.from('b'),
    Buffer.from([3]),
    Buffer.from('bin'),
    uint32(CREATED),
    content,
  ]);
  const signature = oldPacket(2, version === 3 ? v3(signed, key, options) : v4(signed, key, options));
  if (form === 'partial') return Buffer.concat([onePass, partialPacket(11, literal), signature]);
  const message = Buffer.concat([onePass, oldPacket(11, literal), signature]);
  // `a3 01`: a packet of indeterminate length, raw deflate.
  return form === 'compressed' ? Buffer.concat([Buffer.from([0xa3, 1]), deflateRawSync(message)]) : message;
}

/** RFC 4880, 5.2.2: the type and the time are hashed after the content. */
function v3(content: Uint8Array, key: HandMadeKey, options: MessageOptions): Buffer {
  const { hash = 'sha256', created = CREATED } = options;
  const trailer = Buffer.concat([Buffer.from([0]), uint32(created)]);
  return Buffer.concat([
    Buffer.from([3, 5]),
    trailer,
    Buffer.from(key.fingerprint.slice(-16), 'hex'),
    Buffer.from([RSA, HASH[hash]]),
    signedPart(Buffer.concat([content, trailer]), key, hash),
  ]);
}

/** RFC 4880, 5.2.3, as Red Hat's signer writes it: the time is hashed, the issuer is not. */
function v4(
  content: Uint8Array,
  key: Omit<HandMadeKey, 'keyring'>,
  options: MessageOptions & { readonly type?: number },
): Buffer {
  const { hash = 'sha256', created = CREATED, lifetime, type = 0 } = options;
  const hashed = Buffer.concat([
    subpacket(2, uint32(created)),
    ...(lifetime === undefined ? [] : [subpacket(3, uint32(lifetime))]),
  ]);
  const issuer = subpacket(16, Buffer.from(key.fingerprint.slice(-16), 'hex'));
  const head = Buffer.concat([Buffer.from([4, type, RSA, HASH[hash]]), uint16(hashed.length), hashed]);
  const end = Buffer.concat([Buffer.from([4, 0xff]), uint32(head.length)]);
  const rest = signedPart(Buffer.concat([content, head, end]), key, hash);
  return Buffer.concat([head, uint16(issuer.length), issuer, rest]);
}

function signedPart(
  hashed: Uint8Array,
  { privateKey }: Pick<HandMadeKey, 'privateKey'>,
  hash: string,
): Buffer {
  const start = createHash(hash).update(hashed).digest().subarray(0, 2);
  return Buffer.concat([start, integer(sign(hash, hashed, privateKey))]);
}

function subpacket(type: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([body.length + 1, type]), body]);
}

function oldPacket(tag: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x80 | (tag << 2) | 2]), uint32(body.length), body]);
}

/** RFC 4880, 4.2.2.4: parts of 512 bytes, then the rest. */
function partialPacket(tag: number, body: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0xc0 | tag])];
  let at = 0;
  for (; body.length - at > 512; at += 512) parts.push(Buffer.from([0xe0 | 9]), body.subarray(at, at + 512));
  const rest = body.subarray(at);
  return Buffer.concat([...parts, Buffer.from([0xff]), uint32(rest.length), rest]);
}

function integer(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(start);
  const bits = (short.length - 1) * 8 + (32 - Math.clz32(short[0] ?? 0));
  return Buffer.concat([uint16(bits), short]);
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Returns a public key in ASCII armor (RFC 4880, 6.2), without the optional checksum. */
export function armoredKey({ keyring }: HandMadeKey): string {
  const lines = keyring.toString('base64').match(/.{1,64}/g) ?? [];
  const edge = (word: string): string => `-----${word} PGP PUBLIC KEY BLOCK-----`;
  return [edge('BEGIN'), '', ...lines, edge('END'), ''].join('\n');
}
