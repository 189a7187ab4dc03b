import type * as z from 'zod';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';

/** Version of the lock format that this program reads and writes. */
export const LOCK_VERSION = 1;
/** A pin takes some 200 bytes, so this (bytes) is room for 80,000 of them; a larger file is something else. */
export const LOCK_LIMIT: number = 16 * 1024 * 1024;

/** What a download was when it was resolved. */
export interface Pin {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
}

/** What a reference stood for when it was resolved. */
export type ReferencePin = Pick<Descriptor, 'mediaType' | 'digest' | 'size'>;

/** Words that the world gave to questions of one source: group → name → word, `null` for nothing. */
export type Facts = ReadonlyMap<string, ReadonlyMap<string, string | null>>;

/** A part of the lock that one source fills. */
export interface LockSection {
  /** Its key. */
  readonly name: string;
  /** What may stand there. */
  readonly schema: z.ZodType<Facts>;
  /** Whether a group is one pin, on one line; otherwise each of its words is one. */
  readonly isGroupPinned: boolean;
  /** What to call the pins of a group where one of them moved: `K3s channel`. */
  readonly title: (group: string) => string;
  /** Whether only what the spec mentions is worth a word when it moved. */
  readonly isVast: boolean;
}

/**
 * A spec, resolved: what the world answered to every question that resolving asks of it. The same lock gives the same
 * bundle, byte for byte. It holds no credential: neither a URL's user nor its query is in it.
 */
export interface Lock {
  /** That of the spec. */
  readonly name: string;
  /** By full reference; `null` when there was no such thing. */
  readonly references: ReadonlyMap<string, ReferencePin | null>;
  /** By URL in the form of `lockedUrl`; `null` when there was nothing at that address. */
  readonly urls: ReadonlyMap<string, Pin | null>;
  /** One word that changes with time, such as the newest release of a line, by URL; `null` when there was none. */
  readonly answers: ReadonlyMap<string, string | null>;
  /** Those that anything was asked for. */
  readonly sections: ReadonlyMap<LockSection, Facts>;
}
