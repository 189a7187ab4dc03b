import type { ByteStream } from '../../internal/bytes.ts';
import type { ContentPlace } from '../../disk/byte-file.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Rows } from '../../internal/table/rows.ts';
import type { Reference } from '../../oci/reference.ts';
import type { FetchOptions } from '../../oci/roles.ts';

export { FewBlobs } from './blobs/few.ts';

/** Who an item is for. An install gives a target only what is intended for it. */
export type Audience = 'rancher-desktop' | 'kuberlr' | 'k3s-node' | 'rke2-node' | 'registry' | 'files';

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
      /** Its names at a registry, `repository:tag`, sorted; left out when the naming of an install gives it one. */
      readonly at?: readonly string[] | undefined;
      /** `os/architecture[/variant]` kept from the upstream index; left out when it is whole. */
      readonly platforms?: readonly string[] | undefined;
      /** How an official image of Docker Hub was written, including `library/busybox:1`; sorted. */
      readonly spellings?: readonly string[] | undefined;
    })
  | (ItemBase & {
      /** The files of one K3s release; `name` is the tag, `v1.30.6+k3s1`. */
      readonly kind: 'k3s';
      /** `amd64`, `arm64`, `arm`, `s390x`; sorted. */
      readonly architectures: readonly string[];
    })
  | (ItemBase & {
      /** The files of one RKE2 release; `name` is the tag, `v1.31.2+rke2r1`. */
      readonly kind: 'rke2';
      /** Of Linux: `amd64`, `arm64`, `s390x`; sorted. */
      readonly architectures: readonly string[];
      /** Builds of Windows that it has images for, `1809`, `2025`, `ltsc2022`; sorted. */
      readonly windows?: readonly string[] | undefined;
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
  | (ItemBase & { readonly kind: 'file' })
  | (ItemBase & {
      /** A Helm chart as Helm pushes it to a registry; `name` is a full reference, `+` of its version written as `_`. */
      readonly kind: 'chart';
      /** Its name and its version in `Chart.yaml`. */
      readonly chart: string;
      readonly version: string;
      /** Images found in it, sorted by name; left out for a chart that was not searched for images. */
      readonly images?: readonly ChartImage[] | undefined;
    })
  | (ItemBase & {
      /** The lists of one Rancher release as they were published, and that of images left out; `name` is its tag, `v2.9.2`. */
      readonly kind: 'rancher';
    })
  | (ItemBase &
      OpenshiftItem & {
        /** The documents and signatures of one OpenShift release; `name` is `4.20.3-x86_64`. Its images are items of their own. */
        readonly kind: 'openshift';
      })
  | (ItemBase & {
      /**
       * What belongs to an image without being part of it: a signature, an attestation, a bill of materials. `name` is a full
       * reference: cosign's tag, or a digest.
       */
      readonly kind: 'signature';
      /** Its names at a registry, `repository:tag` or `repository@digest`, where its image has such names. */
      readonly at?: readonly string[] | undefined;
      /** Digest of the image or manifest it refers to. */
      readonly subject: Digest;
    })
  | (ItemBase & {
      /** A foreign OCI artifact, such as a policy or a model, with its own types; `name` is a full reference. */
      readonly kind: 'artifact';
    })
  | (ItemBase & {
      /** Of a kind that this program does not know: a later version may. Its files can be extracted all the same. */
      readonly kind: 'unknown';
      /** Name of the kind. */
      readonly token: string;
    });

/** What an item of an OpenShift release says, beside its files. */
interface OpenshiftItem {
  /** Version in the tags at a registry: `4.20.3`. */
  readonly version: string;
  /** `amd64`, `arm64`, `ppc64le`, `s390x`, or `multi` for a list of several. */
  readonly architecture: string;
  /** Full reference of the release image, by digest. */
  readonly image: string;
  /** Fingerprints of keys that the builder trusts besides those of Red Hat, 40 hex digits each, sorted. */
  readonly keys?: readonly string[] | undefined;
  /** Whether the builder took it although nobody signed it. */
  readonly unsigned?: boolean | undefined;
}

/** An image that a chart names, and how it was found. */
export interface ChartImage {
  /** Full reference. */
  readonly name: string;
  /** Sorted. */
  readonly methods: readonly ChartImageMethod[];
}

/** How an image of a chart was found; all but `rendered` read the chart as it is. */
export const CHART_IMAGE_METHODS = [
  'annotation',
  'image-lock',
  'known',
  'rendered',
  'template',
  'values',
  'values-inferred',
] as const;

export type ChartImageMethod = (typeof CHART_IMAGE_METHODS)[number];

export type ItemKind = Item['kind'];

/** Every kind that this program knows. */
export const KNOWN_KINDS: readonly Exclude<ItemKind, 'unknown'>[] = [
  'image',
  'k3s',
  'rke2',
  'k3s-versions',
  'kubectl',
  'file',
  'chart',
  'rancher',
  'openshift',
  'signature',
  'artifact',
];

/** Name of a kind: lower-case words with hyphens between them. */
export const KIND: RegExp = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Returns the name of an item's kind, in a bundle and for people. */
export function kindOf(item: Pick<Item, 'kind'> & { readonly token?: string | undefined }): string {
  return item.kind === 'unknown' ? (item.token ?? item.kind) : item.kind;
}

/** Items with foreign content, which itself says what it is. */
type ForeignItem = Extract<Item, { readonly kind: 'image' | 'signature' | 'artifact' }>;
/** Items that are made of files. */
export type FileItem = Exclude<Item, ForeignItem>;

/** Returns whether an item is made of files with names. */
export function hasFiles(item: Item): item is FileItem {
  return item.kind !== 'image' && item.kind !== 'signature' && item.kind !== 'artifact';
}

/** Returns those items whose kind this program does not know. */
export function unknownItems(items: readonly Item[]): readonly Extract<Item, { readonly kind: 'unknown' }>[] {
  return items.filter((item) => item.kind === 'unknown');
}

/** Media types of the artifacts that hold what is not an image; see `bundle-spec/`. */
export const ARTIFACT_TYPE: Readonly<Record<Exclude<FileItem['kind'], 'unknown'>, string>> = {
  k3s: artifactType('k3s'),
  rke2: artifactType('rke2'),
  'k3s-versions': artifactType('k3s-versions'),
  kubectl: artifactType('kubectl'),
  file: artifactType('file'),
  rancher: artifactType('rancher'),
  openshift: artifactType('openshift'),
  // Helm's own: a chart is pushed as Helm would push it, and there the type is that of the config.
  chart: 'application/vnd.cncf.helm.config.v1+json',
};

/** Returns the media type of the artifact that an item is. */
export function artifactTypeOf(item: FileItem): string {
  return item.kind === 'unknown' ? artifactType(item.token) : ARTIFACT_TYPE[item.kind];
}

function artifactType(kind: string): string {
  return `application/vnd.saddlebag.${kind}.v1`;
}

/** An entry of an archive or a folder on this machine, which another program wrote. */
interface ArchiveOrigin {
  readonly type: 'archive';
  /** As the user wrote it. */
  readonly path: string;
  readonly entry: string;
  readonly at: ContentPlace;
}

/** Where the build gets the bytes of a blob. */
export type Origin =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** A blob or manifest of this reference's repository. */
  | { readonly type: 'registry'; readonly reference: Reference }
  | { readonly type: 'url'; readonly url: string }
  /** A file of this machine. */
  | { readonly type: 'file'; readonly path: string }
  | ArchiveOrigin
  /** A bundle on this machine. */
  | { readonly type: 'bundle'; readonly path: string }
  /** Made of other content each time it is read, always the same bytes; `title` is for messages. */
  | {
      readonly type: 'made';
      readonly title: string;
      readonly open: (options: FetchOptions) => ByteStream;
    };

/** A blob that a bundle will hold, and where to fetch it from. */
export interface PlannedBlob {
  readonly descriptor: Descriptor;
  readonly origin: Origin;
}

/** An item with all its blobs, its root included, children before parents. */
export interface PlannedItem {
  readonly item: Item;
  readonly blobs: Rows<PlannedBlob>;
  /** Whether its root was made for this bundle, so that no registry has it. */
  readonly isMade?: boolean | undefined;
}
