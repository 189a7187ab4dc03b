import type { About } from '../oci/about/about.ts';
import type { Digest } from '../oci/digest.ts';

/** Everything that is served, as the page at `/` shows it. */
export interface Overview {
  readonly holdings: readonly {
    readonly name: string;
    readonly type: 'bundle' | 'layout';
    /** File name without its folders, which the page must not reveal. */
    readonly file: string;
    readonly root?: Digest | undefined;
    /** Whether a bundle is signed; a layout cannot be. */
    readonly signature?: ServedSignature | undefined;
    /** What whoever built it tells about it. */
    readonly about?: About | undefined;
    /** Total size of its blobs (bytes). */
    readonly bytes: number;
    /** Paths by which its own files are downloaded here; a folder has none. */
    readonly downloads?: readonly string[] | undefined;
  }[];
  /** The kit that this server hands on. */
  readonly kit?: ServedKit | undefined;
  readonly items: readonly OverviewItem[];
}

export interface ServedSignature {
  /** `proven` was checked by this server with keys trusted on its host; `present` was not checked; `wrong` is no signature at all. */
  readonly state: 'none' | 'present' | 'wrong' | 'proven';
  /** The keys that signed it, or that are said to have; `undefined` for a signature that does not say whose it is. */
  readonly keys: readonly (Digest | undefined)[];
}

export interface ServedKit {
  /** Of its `SHA256SUMS`. */
  readonly digest: Digest;
  /** `os/architecture` of its runtimes. */
  readonly platforms: readonly string[];
}

export interface OverviewItem {
  readonly kind: string;
  readonly name: string;
  readonly digest: Digest;
  /** Total size of its content that is present (bytes). */
  readonly bytes: number;
  /** For an image: its platforms. */
  readonly platforms?: readonly string[] | undefined;
  /** For other items: the files, each with its download path, if any. */
  readonly files?: readonly {
    readonly name: string;
    /** bytes */
    readonly size: number;
    readonly digest: Digest;
    readonly path?: string | undefined;
  }[];
  /** Where all its files are one download, if it has several. */
  readonly zip?: string | undefined;
}
