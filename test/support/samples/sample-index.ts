import { encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { SampleImage } from './sample-image.ts';

export interface SampleIndexEntry {
  readonly image: SampleImage;
  /** As it is written in the index; left out: none. */
  readonly platform?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Returns an index of these images, written field by field, so that a test can have in it what it likes. */
export function sampleIndex(
  entries: readonly SampleIndexEntry[],
  options: { readonly mediaType?: string; readonly annotations?: Readonly<Record<string, string>> } = {},
): SampleImage {
  const mediaType = options.mediaType ?? MEDIA_TYPE.ociIndex;
  const document = {
    schemaVersion: 2,
    mediaType,
    manifests: entries.map(({ image, platform, annotations }) => {
      const { mediaType: type, digest, size, artifactType } = image.root;
      return {
        ...encodeDescriptor({ mediaType: type, digest, size, artifactType }),
        ...(platform === undefined ? {} : { platform }),
        ...(annotations === undefined ? {} : { annotations }),
      };
    }),
    ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
  };
  const bytes = Buffer.from(JSON.stringify(document, undefined, 1));
  const root = { mediaType, digest: digestOf(bytes), size: bytes.length };
  return {
    root,
    blobs: entries.flatMap(({ image }) => image.blobs),
    manifests: [...entries.flatMap(({ image }) => image.manifests), { descriptor: root, bytes }],
  };
}
