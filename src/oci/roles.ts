import type { ByteStream } from '../internal/bytes.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';

/** Options of anything that waits. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface FetchOptions extends WaitOptions {
  /** First byte wanted (bytes); 0 when left out. */
  readonly offset?: number | undefined;
  /** How often it was wrong so far, 0 when left out: what is kept at several places is then taken from another. */
  readonly attempt?: number | undefined;
  /** See {@link StreamOptions}. */
  readonly recycle?: boolean | undefined;
}

/** Gives content by descriptor. What it yields is **not** verified: wrap it with `verified`. */
export interface Fetcher {
  fetch(target: Descriptor, options?: FetchOptions): ByteStream;
  /** Optional: gives a document whole and verified, and has at hand what it gave before. */
  readonly fetchWhole?: ((target: Descriptor, options?: WaitOptions) => Promise<Uint8Array>) | undefined;
}

/** Stores content, and only what matches `expected`. Content comes as a fetcher, so that a retry can read it again. */
interface Pusher {
  push(expected: Descriptor, content: Fetcher, options?: WaitOptions): Promise<void>;
}

interface ResolveOptions extends WaitOptions {
  /** Nothing depends on the answer: whatever is no clear yes is a no, and a registry in trouble is not waited for. */
  readonly doubtIsNo?: boolean | undefined;
}

/** Answers what a tag or a digest stands for; `undefined` when there is no such thing. */
interface Resolver {
  resolve(tagOrDigest: string, options?: ResolveOptions): Promise<Descriptor | undefined>;
}

/** Gives pushed content a name. */
interface Tagger {
  tag(target: Descriptor, content: Fetcher, tag: string, options?: WaitOptions): Promise<void>;
}

/** Tells whether content is there already, without moving it; what a registry does not say clearly is a no. */
interface Holder {
  has(target: Descriptor, options?: WaitOptions): Promise<boolean>;
}

/** Optional: takes content over from a repository beside it instead of receiving it; false when it would not. */
interface Mounter {
  mount(target: Descriptor, fromRepository: string, options?: WaitOptions): Promise<boolean>;
}

/** Optional: finds out, leaving nothing behind, whether anything could be pushed. @throws in the registry's own words */
interface Prober {
  probe(options?: WaitOptions): Promise<void>;
}

/** What belongs to a manifest without being part of it, such as a signature. */
export interface Attachment {
  /** cosign finds it by this tag; left out for what names the manifest as its `subject`. */
  readonly tag?: string | undefined;
  readonly descriptor: Descriptor;
}

/** Why nobody knows whether there is more. */
export interface Doubt {
  /** Host with its port. */
  readonly host: string;
  /** What is the case: `the registry answered 403`. */
  readonly fact: string;
}

export interface AttachmentOptions extends WaitOptions {
  /** Told of what a registry did not answer; the rest is listed without it. */
  readonly onDoubt?: ((doubt: Doubt) => void) | undefined;
}

/** Optional: lists what is kept beside a manifest, as far as the registry tells. */
interface AttachmentLister {
  attachments(subject: Digest, options?: AttachmentOptions): Promise<readonly Attachment[]>;
}

/** Optional: takes a manifest away with all its names; false when this registry deletes nothing. What is gone is no error. */
interface Remover {
  remove(manifest: Digest, options?: WaitOptions): Promise<boolean>;
}

/** One repository of a registry that can be read and written. */
export type Repository = Fetcher &
  Pusher &
  Resolver &
  Tagger &
  Holder &
  Mounter &
  Partial<Prober> &
  Partial<Remover> &
  Partial<AttachmentLister>;

/** Places that a registry wants made before anything is pushed to them, such as the projects of Harbor. */
export interface Spaces {
  /** What it calls one. */
  readonly term: string;
  /** Returns the name of the place a repository belongs to. */
  nameOf(repository: string): string;
  /** `undefined` when this user may not know. */
  has(name: string, options?: WaitOptions): Promise<boolean | undefined>;
  /** Making what is there already is no error. */
  make(name: string, options?: WaitOptions): Promise<void>;
}

/** A registry: repositories by name. */
export interface Registry {
  /** Host with its port, as in a reference. */
  readonly host: string;
  repository(name: string): Repository;
  /** Makes sure that the registry answers at all. @throws `ERR_REGISTRY_UNREACHABLE`, `ERR_REGISTRY_DENIED` */
  ping(options?: WaitOptions): Promise<void>;
  /** Optional: `undefined` where repositories come into being by themselves, as far as is known. */
  spaces?(options?: WaitOptions): Promise<Spaces | undefined>;
}

/** Content addressed by digest alone, such as a bundle's blobs. */
export interface BlobStore extends Fetcher {
  /** The size in bytes of a blob that is there, or `undefined`. */
  sizeOf(digest: Digest): number | undefined;
}
