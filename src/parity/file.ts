import type { ByteReader } from '../disk/byte-file.ts';
import { openFileReader } from '../disk/reader.ts';
import { equalBytes } from '../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../internal/error.ts';
import { dataShards, parityShards } from './geometry.ts';
import {
  decodeHead,
  digestAt,
  FIXED_SIZE,
  hashShard,
  headSize,
  invalid,
  type ParityHead,
  sizeOfHead,
  TRAILER_SIZE,
} from './head.ts';

/** A parity file that is open, and perhaps damaged in part. */
export interface OpenParity extends AsyncDisposable {
  readonly path: string;
  readonly head: ParityHead;
  /** Whether both its heads are sound and it has the size it should have. */
  readonly isFramed: boolean;
  /** Returns a parity shard, or `undefined` when it is damaged. */
  shard(index: number): Promise<Uint8Array | undefined>;
}

/**
 * Opens a parity file; one of its two heads is enough. Returns `undefined` when there is no such file.
 *
 * @throws `ERR_PARITY_INVALID` when it is none, or both heads are damaged; `ERR_DISK_FAILED`
 */
export async function openParity(path: string): Promise<OpenParity | undefined> {
  const reader = await openFileReader(path).catch((error: unknown) => {
    if (isSaddlebagError(error, 'ERR_BUNDLE_NOT_FOUND')) return undefined;
    throw error;
  });
  if (reader === undefined) return undefined;
  try {
    return await parityIn(reader, path);
  } catch (error) {
    await reader[Symbol.asyncDispose]();
    throw error;
  }
}

async function parityIn(reader: ByteReader, path: string): Promise<OpenParity> {
  const front = await tryHead(() => headAt(reader, 0));
  const back = await tryHead(() => headAtEnd(reader));
  const head = 'head' in front ? front.head : 'head' in back ? back.head : undefined;
  if (head === undefined) throw named(path, 'error' in front ? front.error : invalid('its head is damaged'));
  const { geometry, volatile } = head;
  const start = headSize(geometry, volatile);
  const whole = 2 * start + parityShards(geometry) * geometry.shardSize + TRAILER_SIZE;
  return {
    path,
    head,
    isFramed: 'head' in front && 'head' in back && reader.size === whole,
    shard: async (index) => {
      const bytes = await readOrNothing(reader, start + index * geometry.shardSize, geometry.shardSize);
      const expected = digestAt(head, dataShards(geometry) + index);
      return bytes !== undefined && equalBytes(hashShard(bytes), expected) ? bytes : undefined;
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

/** Returns bytes of a file, or `undefined` where it ends before or cannot be read. */
export async function readOrNothing(
  reader: ByteReader,
  position: number,
  length: number,
): Promise<Uint8Array | undefined> {
  try {
    const bytes = await reader.read(position, length);
    return bytes.length === length ? bytes : undefined;
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_DISK_FAILED')) return undefined;
    throw error;
  }
}

type Try = { readonly head: ParityHead } | { readonly error: SaddlebagError };

async function tryHead(read: () => Promise<ParityHead>): Promise<Try> {
  try {
    return { head: await read() };
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_PARITY_INVALID')) return { error };
    throw error;
  }
}

async function headAtEnd(reader: ByteReader): Promise<ParityHead> {
  const trailer = await readOrNothing(reader, Math.max(0, reader.size - TRAILER_SIZE), TRAILER_SIZE);
  const length = trailer === undefined ? 0 : Number(Buffer.from(trailer).readBigUInt64LE());
  const position = reader.size - TRAILER_SIZE - length;
  if (position < FIXED_SIZE) throw invalid('its second head is damaged');
  return await headAt(reader, position);
}

async function headAt(reader: ByteReader, position: number): Promise<ParityHead> {
  const fixed = await readOrNothing(reader, position, FIXED_SIZE);
  const size = sizeOfHead(Buffer.from(fixed ?? []));
  const bytes = position + size <= reader.size ? await readOrNothing(reader, position, size) : undefined;
  if (bytes === undefined) throw invalid('its head is cut short');
  return decodeHead(Buffer.from(bytes));
}

function named(path: string, { code, message, hint }: SaddlebagError): SaddlebagError {
  const text = message.replace('Cannot use a parity file', `Cannot use parity file ${JSON.stringify(path)}`);
  return new SaddlebagError(code, text, { hint });
}
