import type { Digest } from '../oci/digest.ts';

/** All that is served, for people: what the page at `/` is made of. */
export interface Overview {
  readonly holdings: readonly {
    readonly name: string;
    readonly type: 'bundle' | 'layout';
    /** File name without its folders: those are nobody's business. */
    readonly file: string;
    readonly root?: Digest | undefined;
    /** Of all of its blobs (bytes). */
    readonly bytes: number;
  }[];
  readonly items: readonly OverviewItem[];
}

export interface OverviewItem {
  readonly kind: string;
  readonly name: string;
  readonly digest: Digest;
  /** All that it is made of and that is there (bytes). */
  readonly bytes: number;
  /** Of an image: what it runs on. */
  readonly platforms?: readonly string[] | undefined;
  /** Of anything else: its files, each with the path it is downloaded from, if there is one. */
  readonly files?: readonly {
    readonly name: string;
    /** bytes */
    readonly size: number;
    readonly digest: Digest;
    readonly path?: string | undefined;
  }[];
}
