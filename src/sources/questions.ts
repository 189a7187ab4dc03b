import type { ByteStream } from '../internal/bytes.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Reference } from '../oci/reference.ts';
import type { Attachment, AttachmentOptions, WaitOptions } from '../oci/roles.ts';
import type { Facts, LockSection } from '../spec/lock/lock.ts';
import type { Upstreams } from '../spec/schema.ts';

/** Everything resolving asks of registries. */
export interface ImageUpstream {
  /** Returns the manifest a reference points to. @throws `ERR_UPSTREAM_NOT_FOUND` when it does not exist */
  resolve(reference: Reference, options?: WaitOptions): Promise<Descriptor>;
  /** Returns a small blob or a manifest of the reference's repository, verified. */
  document(reference: Reference, target: Descriptor, options?: WaitOptions): Promise<Uint8Array>;
  /** Yields a blob of the reference's repository, of any size; not verified. */
  content(reference: Reference, target: Descriptor, options?: WaitOptions): ByteStream;
  /** Optional: returns what `document` has fetched before, from any place, so that it need not be fetched again. */
  held?(digest: Digest): Uint8Array | undefined;
  /** Optional: returns all tags of the reference's repository; `undefined` when there is no way to list them. */
  tags?(reference: Reference, options?: WaitOptions): Promise<readonly string[] | undefined>;
  /**
   * Optional: returns what the reference's repository keeps beside a manifest, such as signatures, as far as the registry
   * tells.
   */
  attached?(
    reference: Reference,
    digest: Digest,
    options?: AttachmentOptions,
  ): Promise<readonly Attachment[]>;
}

/** Everything resolving asks of web servers. */
export interface WebUpstream {
  /**
   * Returns digest and size (bytes) of a download. With a known `sha256`, it only asks for the size; otherwise it reads the
   * file once from end to end, because nothing else gives the digest. With `integrity`, an SRI string of another algorithm, it
   * reads the file and compares that too.
   *
   * @throws `ERR_UPSTREAM_NOT_FOUND`, `ERR_DIGEST_MISMATCH`
   */
  measure(
    url: string,
    options?: WaitOptions & { readonly digest?: Digest | undefined; readonly integrity?: string | undefined },
  ): Promise<{ readonly digest: Digest; readonly size: number }>;
  /** Returns a small document that never changes at its URL, such as a sums file. @throws `ERR_UPSTREAM_NOT_FOUND` */
  document(url: string, options?: WaitOptions): Promise<Uint8Array>;
  /** Returns a document that may change at any time, such as the name of the newest release, and its headers. */
  query(
    url: string,
    options?: WaitOptions & {
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** Whether this is GitHub's API, which has its own ways to ask for a pause. */
      readonly isGithub?: boolean | undefined;
    },
  ): Promise<{ readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> }>;
}

/** A question that only one source asks; its answers are a section of the lock. */
export interface Question<Key, Answer> {
  readonly section: LockSection;
  /** Returns what messages call it: `the list of K3s releases`. */
  readonly title: (key: Key) => string;
  /** Asks upstream. @throws `ERR_UPSTREAM_NOT_FOUND`, and what `world.web` throws */
  ask(key: Key, world: Asking): Promise<Answer>;
  /** Returns what a lock keeps of an answer: enough for {@link recall} to rebuild it, and no credential. */
  facts(key: Key, answer: Answer): Facts;
  /** Returns the answer that facts of a lock stand for, or `undefined` when they hold none. */
  recall(key: Key, facts: Facts): Answer | undefined;
}

/** What a question needs to get its answer. */
export interface Asking extends WaitOptions {
  readonly images: ImageUpstream;
  readonly web: WebUpstream;
  readonly upstreams: Upstreams;
  /** Environment variables that a source may honour, such as `GITHUB_TOKEN`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Everything resolving asks. A lock answers the same questions from a file. */
export interface Questions {
  readonly images: ImageUpstream;
  readonly web: WebUpstream;
  /** Asks a question of a single source. @throws what the question throws; `ERR_LOCK_INCOMPLETE` */
  readonly ask: <Key, Answer>(question: Question<Key, Answer>, key: Key) => Promise<Answer>;
}
