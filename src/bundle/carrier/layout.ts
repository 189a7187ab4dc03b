import { ANNOTATION } from '../../oci/annotation.ts';
import { EMPTY_CONFIG, EMPTY_CONFIG_BYTES } from '../../oci/artifact.ts';
import { type Descriptor, encodeDescriptor } from '../../oci/descriptor.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { BUNDLE_MEDIA_TYPE } from '../format/document.ts';
import { blobPath, LAYOUT } from '../format/layout.ts';

/**
 * How a bundle lies in a repository of a registry (`bundle-spec/carriers.md`). Only what every registry takes is used: a manifest
 * whose layers are the files of the bundle, or an index of such manifests.
 */
export const CARRIER = {
  /** Artifact type of the root. */
  type: 'application/vnd.saddlebag.carrier.v1',
  /** Artifact type of each manifest of a root that is an index. */
  partType: 'application/vnd.saddlebag.carrier.part.v1',
  /** On the root: the root digest of the bundle, and its name. */
  rootAnnotation: 'dev.saddlebag.bundle.root',
  nameAnnotation: 'dev.saddlebag.bundle.name',
} as const;

/** Layers of one manifest: Amazon ECR refuses more than 500. */
const LAYERS = 400;
/** Parts of one carrier that are read: more than the blobs of any bundle need. */
export const PARTS_LIMIT = 4000;

/** How a registry is asked to keep it: as an artifact, or, where it refuses those, as what it takes for an image. */
export type CarrierForm = 'artifact' | 'image';

/** The config of a carrier that is kept as an image: none can be run of it. */
const IMAGE_CONFIG_BYTES: Uint8Array = Buffer.from(
  '{"architecture":"unknown","os":"unknown","config":{},"rootfs":{"type":"layers","diff_ids":[]}}',
);

/** A file of a bundle, as a carrier has it. */
export interface CarriedFile {
  readonly path: string;
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
}

/** A small document of a carrier, with its bytes. */
interface CarrierDocument {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** The documents of a carrier. */
export interface EncodedCarrier {
  readonly root: Descriptor;
  /** The manifests under the root, if it is an index. */
  readonly parts: readonly Descriptor[];
  /** Everything that a registry has of it, each once; manifests behind what they are made of. */
  readonly contents: readonly Descriptor[];
  /** Everything that the bundle itself does not have: root, parts and config. */
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
}

/** Returns the documents with which a registry carries these files of a bundle. The same files give the same bytes. */
export function encodeCarrier(
  files: readonly CarriedFile[],
  bundle: {
    readonly root: Digest;
    readonly name: string;
    readonly form: CarrierForm;
    /** Layers of one manifest at most; 400 when left out. */
    readonly layers?: number | undefined;
  },
): EncodedCarrier {
  const { form } = bundle;
  const config = form === 'artifact' ? EMPTY_CONFIG_BYTES : IMAGE_CONFIG_BYTES;
  const annotations = { [CARRIER.rootAnnotation]: bundle.root, [CARRIER.nameAnnotation]: bundle.name };
  const groups = groupsOf(files.map(layerOf), bundle.layers ?? LAYERS);
  const isOne = groups.length === 1;
  const parts = groups.map((layers) =>
    documentOf(MEDIA_TYPE.ociManifest, {
      artifactType: artifactType(form, isOne ? CARRIER.type : CARRIER.partType),
      config: encodeDescriptor(configOf(form)),
      layers: layers.map(encodeDescriptor),
      annotations: isOne ? annotations : undefined,
    }),
  );
  const [only] = parts;
  const root =
    isOne && only !== undefined
      ? only
      : documentOf(MEDIA_TYPE.ociIndex, {
          artifactType: artifactType(form, CARRIER.type),
          manifests: parts.map(({ descriptor }) => encodeDescriptor(descriptor)),
          annotations,
        });
  return {
    root: root.descriptor,
    parts: isOne ? [] : parts.map(({ descriptor }) => descriptor),
    contents: eachOnce([
      configOf(form),
      ...groups.flat(),
      ...[...parts, root].map(({ descriptor }) => descriptor),
    ]),
    documents: new Map<Digest, Uint8Array>([
      [digestOf(config), config],
      ...[...parts, root].map(({ descriptor, bytes }): [Digest, Uint8Array] => [descriptor.digest, bytes]),
    ]),
  };
}

/** Returns the path of the file that a layer is: its title, and for a blob its place in a bundle. */
export function pathOfLayer({ digest, annotations }: Descriptor): string {
  return annotations?.[ANNOTATION.title] ?? blobPath(digest);
}

/** Returns the tag that keeps a part: where what has no tag is removed, an index alone does not keep its manifests. */
export function partTag(tag: string, { digest }: Descriptor): string {
  return `${tag.slice(0, 115)}.${digest.slice('sha256:'.length).slice(0, 12)}`;
}

function eachOnce(contents: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(contents.map((content) => [content.digest, content])).values()];
}

function groupsOf(layers: readonly Descriptor[], most: number): readonly (readonly Descriptor[])[] {
  const count = Math.max(1, Math.ceil(layers.length / most));
  return Array.from({ length: count }, (_, at) => layers.slice(at * most, (at + 1) * most));
}

function layerOf({ path, digest, size }: CarriedFile): Descriptor {
  if (path === blobPath(digest)) return { mediaType: MEDIA_TYPE.octetStream, digest, size };
  const mediaType = path === LAYOUT.document ? BUNDLE_MEDIA_TYPE : MEDIA_TYPE.octetStream;
  return { mediaType, digest, size, annotations: { [ANNOTATION.title]: path } };
}

function configOf(form: CarrierForm): Descriptor {
  if (form === 'artifact') return EMPTY_CONFIG;
  const { length: size } = IMAGE_CONFIG_BYTES;
  return { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf(IMAGE_CONFIG_BYTES), size };
}

/** A registry that knows no artifacts may refuse their type as well. */
function artifactType(form: CarrierForm, type: string): string | undefined {
  return form === 'artifact' ? type : undefined;
}

function documentOf(mediaType: string, content: Readonly<Record<string, unknown>>): CarrierDocument {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}
