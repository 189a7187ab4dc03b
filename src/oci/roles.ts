import type { ByteStream } from '../internal/bytes.ts';
import type { Lease } from '../internal/lease.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';

/** Options of everything that waits. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface FetchOptions extends WaitOptions {
  /** First byte wanted (bytes); 0 when left out. */
  readonly offset?: number | undefined;
  /** How many earlier fetches were wrong, 0 when left out: content with several locations then comes from another one. */
  readonly attempt?: number | undefined;
  /** See {@link StreamOptions}. */
  readonly lease?: Lease | undefined;
}

/** Fetches content by descriptor. The bytes are **not** verified: wrap them with `verified`. */
export interface Fetcher {
  fetch(target: Descriptor, options?: FetchOptions): ByteStream;
  /** Optional: returns a whole verified document, and caches it. */
  readonly fetchWhole?: ((target: Descriptor, options?: WaitOptions) => Promise<Uint8Array>) | undefined;
}

/** Stores content if it matches `expected`. Content comes as a fetcher, so that a retry can read it again. */
interface Pusher {
  push(expected: Descriptor, content: Fetcher, options?: WaitOptions): Promise<void>;
}

interface ResolveOptions extends WaitOptions {
  /** Set when nothing depends on the answer: an unclear one counts as no, and a registry in trouble is not waited for. */
  readonly doubtIsNo?: boolean | undefined;
}

/** Returns what a tag or a digest points to; `undefined` when it does not exist. */
interface Resolver {
  resolve(tagOrDigest: string, options?: ResolveOptions): Promise<Descriptor | undefined>;
}

/** Content with its bytes. */
export interface WholeDocument {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** Optional: returns what a tag or a digest points to with its bytes, verified; `undefined` when it does not exist. */
interface WholeResolver {
  resolveWhole(tagOrDigest: string, options?: WaitOptions): Promise<WholeDocument | undefined>;
}

/** Gives pushed content a name. */
interface Tagger {
  tag(target: Descriptor, content: Fetcher, tag: string, options?: WaitOptions): Promise<void>;
}

/** Tells whether content is there, without transferring it. An unclear answer from the registry counts as no. */
interface Holder {
  has(target: Descriptor, options?: WaitOptions): Promise<boolean>;
}

/** Optional: takes content over from another repository of the registry instead of receiving it; false when it declines. */
interface Mounter {
  mount(target: Descriptor, fromRepository: string, options?: WaitOptions): Promise<boolean>;
}

/** Optional: finds out, leaving nothing behind, whether a push would be allowed. @throws in the registry's own words */
interface Prober {
  probe(options?: WaitOptions): Promise<void>;
}

/** Something that belongs to a manifest without being part of it, such as a signature. */
export interface Attachment {
  /** The tag where cosign looks for it; left out when it names the manifest as its `subject`. */
  readonly tag?: string | undefined;
  readonly descriptor: Descriptor;
}

/** Why a list of attachments may be incomplete. */
export interface Doubt {
  /** Host with its port. */
  readonly host: string;
  /** What is the case: `the registry answered 403`. */
  readonly fact: string;
}

export interface AttachmentOptions extends WaitOptions {
  /** Receives each question that a registry did not answer; the list continues without it. */
  readonly onDoubt?: ((doubt: Doubt) => void) | undefined;
}

/** Optional: lists what is kept beside a manifest, as far as the registry tells. */
interface AttachmentLister {
  attachments(subject: Digest, options?: AttachmentOptions): Promise<readonly Attachment[]>;
}

/** Optional: lists the tags of a repository, each once, in no particular order. @throws in the registry's own words */
interface TagLister {
  listTags(options?: WaitOptions): Promise<readonly string[]>;
}

/** Optional: deletes a manifest with all its tags; false when this registry deletes nothing. A missing manifest is no error. */
interface Remover {
  remove(manifest: Digest, options?: WaitOptions): Promise<boolean>;
}

/** A repository of a registry that can be read and written. */
export type Repository = Fetcher &
  Pusher &
  Resolver &
  Tagger &
  Holder &
  Mounter &
  Partial<WholeResolver> &
  Partial<Prober> &
  Partial<Remover> &
  Partial<TagLister> &
  Partial<AttachmentLister>;

/** Places that a registry requires before anything is pushed to them: Harbor's projects, the repositories of Amazon ECR. */
export interface Spaces {
  /** The registry's word for one, and for several. */
  readonly term: string;
  readonly terms: string;
  /** Whether they are created unless the user says no; otherwise only when the user says so. */
  readonly isMadeUnasked: boolean;
  /** A command that creates one, where `NAME` stands for its name. */
  readonly byHand?: string | undefined;
  /** Returns the name of the place that a repository belongs to. */
  nameOf(repository: string): string;
  /** `undefined` when this user is not allowed to know. */
  has(name: string, options?: WaitOptions): Promise<boolean | undefined>;
  /** Creating a place that exists is no error. */
  make(name: string, options?: WaitOptions): Promise<void>;
}

/** A registry: repositories by name. */
export interface Registry {
  /** Host with its port, as in a reference. */
  readonly host: string;
  repository(name: string): Repository;
  /** Checks that the registry answers at all. @throws `ERR_REGISTRY_UNREACHABLE`, `ERR_REGISTRY_DENIED` */
  ping(options?: WaitOptions): Promise<void>;
  /** Optional: how many layers it takes in one manifest, as far as is known. */
  readonly layerLimit?: number | undefined;
  /** Optional: `undefined` where a push creates its repository, as far as is known. */
  spaces?(options?: WaitOptions): Promise<Spaces | undefined>;
}

/** Content addressed by digest alone, such as a bundle's blobs. */
export interface BlobStore extends Fetcher {
  /** The size in bytes of a blob, or `undefined` when it is not there. */
  sizeOf(digest: Digest): number | undefined;
}
