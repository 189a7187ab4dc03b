import type { Extent } from '../byte-file.ts';
import { isRecord } from '../../internal/json.ts';
import type { Digest } from '../../oci/digest.ts';

/** Bytes on disk to hash. */
export interface HashJob {
  readonly extents: readonly Extent[];
  /** Whether to compute the CRC-32 as well. */
  readonly crc?: boolean | undefined;
}

/** A part of a request to a worker: the job's identifier, and where its bytes are. */
export interface HashRequest extends HashJob {
  readonly id: number;
}

/** A worker's message: bytes read since its last message (bytes), and when all jobs of a request have ended their outcomes. */
export interface HashReply {
  readonly bytes: number;
  readonly outcomes: readonly { readonly id: number; readonly outcome: HashOutcome }[];
}

/** A digest, and the CRC-32 if it was asked for; or why there is none. */
export type HashOutcome =
  | { readonly digest: Digest; readonly crc?: number | undefined }
  | { readonly failure: ReadFailure };

/** A read that failed, in a form that passes between threads. */
export interface ReadFailure {
  readonly file: string;
  /** bytes */
  readonly position: number;
  /** The system's error code, such as `EIO`; an empty string when the file ended too early. */
  readonly code: string;
  readonly message: string;
}

/** A request about a digest that runs: bytes to add, or nothing when it is to be finished or dropped. Each has one reply, in order. */
export interface DigestRequest {
  readonly run: number;
  readonly step: 'update' | 'finish' | 'drop';
  readonly bytes?: Uint8Array | undefined;
}

/** The answer: bytes were added, or the digest of all. */
export interface DigestReply {
  readonly run: number;
  readonly digest?: Digest | undefined;
}

export function isHashRequests(value: unknown): value is readonly HashRequest[] {
  return Array.isArray(value) && value.every((job) => isRecord(job) && Array.isArray(job['extents']));
}

export function isHashReply(value: unknown): value is HashReply {
  return isRecord(value) && typeof value['bytes'] === 'number' && Array.isArray(value['outcomes']);
}

export function isDigestRequest(value: unknown): value is DigestRequest {
  return isRecord(value) && typeof value['run'] === 'number' && typeof value['step'] === 'string';
}

export function isDigestReply(value: unknown): value is DigestReply {
  return isRecord(value) && typeof value['run'] === 'number';
}
