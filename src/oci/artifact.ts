import { ANNOTATION } from './annotation.ts';
import type { Descriptor } from './descriptor.ts';
import { encodeDescriptor } from './descriptor.ts';
import { digestOf } from './digest.ts';
import { MEDIA_TYPE } from './media-type.ts';

/** A file that is a layer of an artifact. */
export interface ArtifactFile {
  /** Its title: a plain file name. */
  readonly name: string;
  readonly descriptor: Pick<Descriptor, 'digest' | 'size'>;
  readonly executable?: boolean | undefined;
}

/** The empty config that OCI image-spec 1.1 artifacts share ("Guidance for an Empty Descriptor"). */
export const EMPTY_CONFIG_BYTES: Uint8Array = Buffer.from('{}');
export const EMPTY_CONFIG: Descriptor = {
  mediaType: MEDIA_TYPE.ociEmpty,
  digest: digestOf(EMPTY_CONFIG_BYTES),
  size: EMPTY_CONFIG_BYTES.length,
};

/** Returns the manifest of an artifact. Its bytes depend on the arguments alone. */
export function encodeArtifact(
  artifactType: string,
  files: readonly ArtifactFile[],
): { readonly bytes: Uint8Array; readonly descriptor: Descriptor } {
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    artifactType,
    config: encodeDescriptor(EMPTY_CONFIG),
    layers: files.map((file) => encodeDescriptor(layerOf(file))),
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
  return {
    mediaType: MEDIA_TYPE.octetStream,
    digest: file.descriptor.digest,
    size: file.descriptor.size,
    annotations: {
      [ANNOTATION.title]: file.name,
      ...(file.executable === true ? { [ANNOTATION.executable]: 'true' } : {}),
    },
  };
}
