import type { ByteStream } from '../internal/bytes.ts';
import type { Digest } from '../oci/digest.ts';
import type { WaitOptions } from '../oci/roles.ts';

/** What an engine has under a name. */
export interface HeldImage {
  /** Digest by which the engine knows it: that of its root, its manifest or its config. */
  readonly id: Digest;
  /** Whether the engine has all of it. */
  readonly isWhole: boolean;
}

/** A local container runtime. */
export interface Engine {
  /** For messages: `docker at /var/run/docker.sock`. */
  readonly title: string;
  /** Unique among the places of an install, and stable: receipts have it. */
  readonly place: string;
  /** Whether it keeps a name that has a digest and no tag. */
  readonly keepsDigests: boolean;
  /** Makes sure that it answers, and is what it should be. @throws `ERR_TARGET_REFUSED` */
  reach(options?: WaitOptions): Promise<void>;
  /** Returns what it has under a name. @throws `ERR_TARGET_FAILED` */
  find(name: string, options?: WaitOptions): Promise<HeldImage | undefined>;
  /**
   * Loads an archive with one image, which may have to be opened again. @throws `ERR_TARGET_FAILED`, `ERR_DISK_FULL`, and what the
   * archive throws
   */
  load(
    open: () => ByteStream,
    options: WaitOptions & { readonly name: string; readonly platform: string },
  ): Promise<void>;
  /** Takes a name away; returns why the engine keeps it, or `undefined`. @throws `ERR_TARGET_FAILED` */
  remove(name: string, options?: WaitOptions): Promise<string | undefined>;
}
