import type { ByteStream } from '../internal/bytes.ts';
import type { Digest } from '../oci/digest.ts';
import type { FetchOptions, WaitOptions } from '../oci/roles.ts';

/** How a user names an image of an engine: by its ID or the start of it, or by a reference as it was written. */
export type AskedImage =
  | { readonly by: 'id'; readonly text: string }
  | { readonly by: 'name'; readonly text: string };

/** An image that an engine has. */
export interface StoredImage {
  /** Digest by which the engine knows it: that of its root, its manifest or its config. */
  readonly id: Digest;
}

/**
 * The images of a local container runtime, to be taken out of it.
 *
 * Its functions throw `ERR_ENGINE_FAILED` when it does not answer as it should, and `ERR_INTERRUPTED`.
 */
export interface EngineStore {
  /** For messages: `docker at /var/run/docker.sock`. */
  readonly title: string;
  /** Makes sure that it answers, and is what it should be. */
  reach(options?: WaitOptions): Promise<void>;
  find(asked: AskedImage, options?: WaitOptions): Promise<StoredImage | undefined>;
  /** Returns the names of all of its images, as it writes them. */
  names(options?: WaitOptions): Promise<readonly string[]>;
  readonly content: SavedContents | LooseContents;
}

/** Docker and Podman hand an image out as an archive, from its start to its end. */
interface SavedContents {
  readonly type: 'archive';
  save(image: StoredImage, options?: WaitOptions): ByteStream;
}

/** containerd hands out each blob by its digest. */
export interface LooseContents {
  readonly type: 'blobs';
  list(options?: WaitOptions): Promise<ReadonlySet<Digest>>;
  fetch(digest: Digest, options?: FetchOptions): ByteStream;
}
