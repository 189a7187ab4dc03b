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

/** Where a chart was when it was resolved. */
export interface ChartPin {
  /** In the form of `lockedUrl`; left out for a chart of this machine. */
  readonly url?: string | undefined;
  /** Of the packed chart; left out where the repository names none. */
  readonly digest?: Digest | undefined;
}

/** Every release of K3s when it was resolved. */
export interface K3sPins {
  /** Name → newest tag; `null` for a channel without one. */
  readonly channels: ReadonlyMap<string, string | null>;
  /** Tag → the architectures that the release can be used on, sorted, with a space between them. */
  readonly releases: ReadonlyMap<string, string>;
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
  /** By repository, name and version with spaces between them, or by path. Left out when there is none. */
  readonly charts?: ReadonlyMap<string, ChartPin> | undefined;
  /** Left out when nobody asked for the releases. */
  readonly k3s?: K3sPins | undefined;
}
