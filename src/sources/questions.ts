import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Reference } from '../oci/reference.ts';
import type { Attachment, AttachmentOptions, WaitOptions } from '../oci/roles.ts';
import type { K3sCatalogue } from './k3s/catalogue.ts';

/** All that resolving asks of registries. */
export interface ImageUpstream {
  /** Returns what a reference stands for. @throws `ERR_UPSTREAM_NOT_FOUND` when it does not exist */
  resolve(reference: Reference, options?: WaitOptions): Promise<Descriptor>;
  /** Returns a small blob or a manifest of the reference's repository, verified. */
  document(reference: Reference, target: Descriptor, options?: WaitOptions): Promise<Uint8Array>;
  /** Optional: returns what `document` has given already, wherever from, so that it need not be fetched again. */
  held?(digest: Digest): Uint8Array | undefined;
  /** Optional: returns what the reference's repository keeps beside a manifest, such as signatures, as far as it tells. */
  attached?(
    reference: Reference,
    digest: Digest,
    options?: AttachmentOptions,
  ): Promise<readonly Attachment[]>;
}

/** All that resolving asks of web servers. */
export interface WebUpstream {
  /**
   * Returns digest and size (bytes) of a download. With `sha256` known, only its size is asked for; without, it is read
   * once from end to end, because nothing else can tell. With `integrity`, an SRI string of another algorithm, it is read
   * and compared as well.
   *
   * @throws `ERR_UPSTREAM_NOT_FOUND`, `ERR_DIGEST_MISMATCH`
   */
  measure(
    url: string,
    options?: WaitOptions & { readonly digest?: Digest | undefined; readonly integrity?: string | undefined },
  ): Promise<{ readonly digest: Digest; readonly size: number }>;
  /** Returns a small document that never changes at its URL, such as a sums file. @throws `ERR_UPSTREAM_NOT_FOUND` */
  document(url: string, options?: WaitOptions): Promise<Uint8Array>;
  /** Returns a document that may change from one minute to the next, such as the name of the newest release, and its headers. */
  query(
    url: string,
    options?: WaitOptions & { readonly headers?: Readonly<Record<string, string>> },
  ): Promise<{ readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> }>;
}

/** A chart somebody asks for. */
export type ChartQuestion =
  | { readonly repository: string; readonly name: string; readonly version: string }
  /** A packed chart of this machine, as it is now. */
  | { readonly path: string; readonly digest: Digest };

/** Where a chart is; of a chart of this machine, what it is to be. */
export interface ChartLocation {
  /** `http`, `https` or `oci`. */
  readonly url?: string | undefined;
  /** Of the packed chart, where the repository says so. */
  readonly digest?: Digest | undefined;
}

/** All that resolving asks of the indexes of Helm repositories. */
export interface ChartUpstream {
  /** @throws `ERR_UPSTREAM_NOT_FOUND` with the nearest there is */
  find(wanted: ChartQuestion, options?: WaitOptions): Promise<ChartLocation>;
}

/** All that resolving asks of the world. A lock answers the same questions from a file. */
export interface Questions {
  readonly images: ImageUpstream;
  readonly web: WebUpstream;
  readonly charts: ChartUpstream;
  /** Returns every release of K3s and its channels. */
  readonly catalogue: () => Promise<K3sCatalogue>;
}
