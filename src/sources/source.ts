import type { PlannedItem } from '../bundle/item.ts';
import type { Finding } from '../internal/finding.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Reference } from '../oci/reference.ts';
import type { WaitOptions } from '../oci/roles.ts';
import type { Upstreams } from '../spec/schema.ts';

/** All that resolving asks of registries. A lock answers the same questions from a file. */
export interface ImageUpstream {
  /** Returns what a reference stands for. @throws `ERR_UPSTREAM_NOT_FOUND` when it does not exist */
  resolve(reference: Reference, options?: WaitOptions): Promise<Descriptor>;
  /** Returns a small blob or a manifest of the reference's repository, verified. */
  document(reference: Reference, target: Descriptor, options?: WaitOptions): Promise<Uint8Array>;
}

/** All that resolving asks of web servers. A lock answers the same questions from a file. */
export interface WebUpstream {
  /**
   * Returns digest and size (bytes) of a download. With `sha256` known, only its size is asked for; without, it is read
   * once from end to end, because nothing else can tell.
   *
   * @throws `ERR_UPSTREAM_NOT_FOUND`
   */
  measure(
    url: string,
    options?: WaitOptions & { readonly digest?: Digest },
  ): Promise<{ readonly digest: Digest; readonly size: number }>;
  /** Returns a small document that never changes at its URL, such as a sums file. @throws `ERR_UPSTREAM_NOT_FOUND` */
  document(url: string, options?: WaitOptions): Promise<Uint8Array>;
  /** Returns a document that may change from one minute to the next, such as a list of releases, and its headers. */
  query(
    url: string,
    options?: WaitOptions & { readonly headers?: Readonly<Record<string, string>> },
  ): Promise<{ readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> }>;
}

/** What every source works with. */
export interface SourceContext extends WaitOptions {
  readonly images: ImageUpstream;
  readonly web: WebUpstream;
  readonly upstreams: Upstreams;
  /** Environment variables that a source may honour, such as `GITHUB_TOKEN`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes warnings as they are found. */
  readonly warn: (finding: Finding) => void;
}

/** A source turns a part of the spec into items with digests. It reports all of its problems at once. */
export type Source<Part> = (part: Part, context: SourceContext) => Promise<readonly PlannedItem[]>;
