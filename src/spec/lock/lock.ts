import type * as z from 'zod';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';

/** Version of the lock format that this program reads and writes. */
export const LOCK_VERSION = 1;
/** Ceiling (bytes) of a lock file. A pin takes some 200 bytes, so there is room for 80,000 of them. */
export const LOCK_LIMIT: number = 16 * 1024 * 1024;

/** A download, as it was when resolved. */
export interface Pin {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
}

/** What a reference pointed to when it was resolved. */
export type ReferencePin = Pick<Descriptor, 'mediaType' | 'digest' | 'size'>;

/** One-word answers to the questions of one source: group → name → word, `null` for nothing. */
export type Facts = ReadonlyMap<string, ReadonlyMap<string, string | null>>;

/** A section of the lock that one source fills. */
export interface LockSection {
  /** Its key. */
  readonly name: string;
  /** Schema of its content. */
  readonly schema: z.ZodType<Facts>;
  /** Whether a group is one pin, on one line; otherwise each of its words is one. */
  readonly isGroupPinned: boolean;
  /** What messages call a group's pins: `K3s channel`. */
  readonly title: (group: string) => string;
  /** Whether to report a moved pin only if the spec mentions it. */
  readonly isVast: boolean;
}

/**
 * A resolved spec: the answer to every question that resolving asks. The same lock gives the same bundle, byte for byte. It
 * holds no credential: neither the user nor the query of a URL is in it.
 */
export interface Lock {
  /** The spec's name. */
  readonly name: string;
  /** By full reference; `null` when it did not exist. */
  readonly references: ReadonlyMap<string, ReferencePin | null>;
  /** By URL in the form of `lockedUrl`; `null` when nothing was at that address. */
  readonly urls: ReadonlyMap<string, Pin | null>;
  /** Words that change with time, such as the newest release of a line, by URL; `null` when there was none. */
  readonly answers: ReadonlyMap<string, string | null>;
  /** The sections with at least one answer. */
  readonly sections: ReadonlyMap<LockSection, Facts>;
}
