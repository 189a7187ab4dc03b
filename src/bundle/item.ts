import type { Descriptor } from '../oci/descriptor.ts';
import type { Reference } from '../oci/reference.ts';

/** Who an item is for. An install hands a target only what is meant for it. */
export type Audience = 'rancher-desktop' | 'kuberlr' | 'k3s-node' | 'registry' | 'files';

interface ItemBase {
  /** What a user calls it; unique within its kind. */
  readonly name: string;
  /** Root of its content: an image manifest or index, or the manifest of an artifact. */
  readonly descriptor: Descriptor;
  /** Sorted. */
  readonly audience: readonly Audience[];
}

/** One thing in the bundle in the user's terms. */
export type Item =
  | (ItemBase & {
      readonly kind: 'image';
      /** `os/architecture[/variant]` kept from the upstream index; left out when it is whole. */
      readonly platforms?: readonly string[];
    })
  | (ItemBase & {
      /** The files of one K3s release; `name` is the tag, `v1.30.6+k3s1`. */
      readonly kind: 'k3s';
      /** `amd64`, `arm64`, `arm`; sorted. */
      readonly architectures: readonly string[];
    })
  | (ItemBase & { readonly kind: 'k3s-versions' })
  | (ItemBase & {
      /** One client; `name` is `v1.30.6 linux/amd64`. */
      readonly kind: 'kubectl';
      /** `1.30.6` */
      readonly version: string;
      /** `os/architecture` */
      readonly platform: string;
    })
  | (ItemBase & { readonly kind: 'file' });

export type ItemKind = Item['kind'];

/** Media types of the artifacts that hold what is not an image; see `bundle-spec/`. */
export const ARTIFACT_TYPE: Readonly<Record<Exclude<ItemKind, 'image'>, string>> = {
  k3s: 'application/vnd.saddlebag.k3s.v1',
  'k3s-versions': 'application/vnd.saddlebag.k3s-versions.v1',
  kubectl: 'application/vnd.saddlebag.kubectl.v1',
  file: 'application/vnd.saddlebag.file.v1',
};

/** Where the bytes of a blob come from when a bundle is built. */
export type Origin =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** A blob or manifest of this reference's repository. */
  | { readonly type: 'registry'; readonly reference: Reference }
  | { readonly type: 'url'; readonly url: string };

/** A blob that a bundle will hold, and where to fetch it. */
export interface PlannedBlob {
  readonly descriptor: Descriptor;
  readonly origin: Origin;
}

/** An item with every blob it is made of, its root included, children before parents. */
export interface PlannedItem {
  readonly item: Item;
  readonly blobs: readonly PlannedBlob[];
}
