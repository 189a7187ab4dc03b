import { ANNOTATION } from './annotation.ts';
import type { Descriptor } from './descriptor.ts';
import { encodeDescriptor } from './descriptor.ts';
import { digestOf } from './digest.ts';
import type { Index, Manifest } from './manifest.ts';
import { MEDIA_TYPE } from './media-type.ts';

/** A file that is a layer of an artifact. */
export interface ArtifactFile {
  /** Its title: a plain file name, or a relative path. */
  readonly name: string;
  readonly descriptor: Pick<Descriptor, 'digest' | 'size'>;
  readonly executable?: boolean | undefined;
}

/**
 * Media types of the config of an image. Beside the two true ones there are those by which registries and builders of old have
 * called it (moby, `distribution/registry.go`, "imageTypes").
 */
const IMAGE_CONFIGS: readonly string[] = [
  MEDIA_TYPE.ociConfig,
  MEDIA_TYPE.dockerConfig,
  MEDIA_TYPE.octetStream,
  'application/json',
  'text/html',
];

/** Returns the type of the artifact that a document is the root of, or `undefined` for that of an image. */
export function artifactTypeIn(document: Manifest | Index): string | undefined {
  const { artifactType } = document;
  if (document.type === 'manifest') {
    const { mediaType } = document.config;
    return IMAGE_CONFIGS.includes(mediaType) ? undefined : (artifactType ?? mediaType);
  }
  if (artifactType !== undefined) return artifactType;
  // An index of artifacts says of each what it is; one of images says what it runs on.
  const types = document.manifests.map((each) =>
    each.platform === undefined ? each.artifactType : undefined,
  );
  return types.every((type) => type !== undefined) ? types[0] : undefined;
}

/** The empty config that OCI image-spec 1.1 artifacts share ("Guidance for an Empty Descriptor"). */
export const EMPTY_CONFIG_BYTES: Uint8Array = Buffer.from('{}');
export const EMPTY_CONFIG: Descriptor = {
  mediaType: MEDIA_TYPE.ociEmpty,
  digest: digestOf(EMPTY_CONFIG_BYTES),
  size: EMPTY_CONFIG_BYTES.length,
};

/** Returns the manifest of an artifact of files. Its bytes depend on the arguments alone. */
export function encodeArtifact(artifactType: string, files: readonly ArtifactFile[]): EncodedArtifact {
  return encodeArtifactOf(artifactType, files.map(layerOf));
}

/** The manifest of an artifact, and its descriptor. */
export interface EncodedArtifact {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

/** Returns the manifest of an artifact of layers. */
export function encodeArtifactOf(artifactType: string, layers: readonly Descriptor[]): EncodedArtifact {
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    artifactType,
    config: encodeDescriptor(EMPTY_CONFIG),
    layers: layers.map((layer) => encodeDescriptor(layer)),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return {
    bytes,
    descriptor: {
      mediaType: MEDIA_TYPE.ociManifest,
      digest: digestOf(bytes),
      size: bytes.length,
      artifactType,
    },
  };
}

/** Returns the layer descriptor of a file in its artifact. */
export function layerOf(file: ArtifactFile): Descriptor {
  const { digest, size } = file.descriptor;
  const title = { [ANNOTATION.title]: file.name };
  const annotations = file.executable === true ? { ...title, [ANNOTATION.executable]: 'true' } : title;
  return { mediaType: MEDIA_TYPE.octetStream, digest, size, annotations };
}
