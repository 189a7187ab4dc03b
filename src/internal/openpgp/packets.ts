import { SaddlebagError } from '../error.ts';

/** A packet of an OpenPGP message or key (RFC 9580, section 4). */
export interface Packet {
  readonly tag: number;
  readonly body: Uint8Array;
}

/** Packet tags (RFC 9580, section 5). */
export const TAG = {
  signature: 2,
  onePass: 4,
  publicKey: 6,
  compressed: 8,
  marker: 10,
  literal: 11,
  trust: 12,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
} as const;

/** Only these may have a length that is not known before their content (RFC 9580, 4.2.1.4). */
const STREAMED: readonly number[] = [TAG.compressed, TAG.literal];
/** No real message or keyring has more. */
const PACKET_LIMIT = 10_000;

/** Returns the error for OpenPGP data that breaks its format or cannot be trusted. */
export function openPgpFault(fact: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_SIGNATURE_INVALID', `Cannot read OpenPGP data: ${fact}`, { cause });
}

/** Reads numbers and bytes in order, and never past the end. */
export class Cursor {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** @throws `ERR_SIGNATURE_INVALID` when fewer bytes are left */
  take(length: number): Uint8Array {
    if (length > this.left) throw openPgpFault('it ends too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Returns an unsigned big-endian number of so many bytes. */
  number(length: number): number {
    return this.take(length).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** Returns a multiprecision integer: its length in bits, then its bytes (RFC 9580, 3.2). */
  integer(): Uint8Array {
    return this.take(Math.ceil(this.number(2) / 8));
  }
}

/**
 * Returns all packets. Reads both packet formats, partial and indeterminate lengths; every byte must belong to a packet.
 *
 * @throws `ERR_SIGNATURE_INVALID`
 */
export function readPackets(bytes: Uint8Array): readonly Packet[] {
  const cursor = new Cursor(bytes);
  const packets: Packet[] = [];
  while (cursor.left > 0) {
    if (packets.length === PACKET_LIMIT) throw openPgpFault(`it has more than ${PACKET_LIMIT} packets`);
    const head = cursor.number(1);
    if ((head & 0x80) === 0) throw openPgpFault('a packet has no header');
    packets.push((head & 0x40) === 0 ? oldPacket(head, cursor) : newPacket(head & 0x3f, cursor));
  }
  return packets;
}

function oldPacket(head: number, cursor: Cursor): Packet {
  const tag = (head >> 2) & 0x0f;
  const lengthType = head & 0x03;
  if (lengthType < 3) return { tag, body: cursor.take(cursor.number(2 ** lengthType)) };
  if (!STREAMED.includes(tag)) throw openPgpFault(`a packet of type ${tag} has no length`);
  return { tag, body: cursor.take(cursor.left) };
}

function newPacket(tag: number, cursor: Cursor): Packet {
  const parts: Uint8Array[] = [];
  for (;;) {
    const first = cursor.number(1);
    if (first < 224 || first === 255) {
      parts.push(cursor.take(lengthOf(first, cursor)));
      return { tag, body: parts.length === 1 ? (parts[0] ?? new Uint8Array()) : Buffer.concat(parts) };
    }
    if (!STREAMED.includes(tag)) throw openPgpFault(`a packet of type ${tag} comes in parts`);
    parts.push(cursor.take(2 ** (first & 0x1f)));
  }
}

/** Returns a length whose first byte has been read; subpackets have the same form (RFC 9580, 4.2.1 and 5.2.3.7). */
export function lengthOf(first: number, cursor: Cursor): number {
  if (first < 192) return first;
  return first === 255 ? cursor.number(4) : (first - 192) * 256 + cursor.number(1) + 192;
}
