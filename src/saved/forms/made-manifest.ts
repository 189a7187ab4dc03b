import type { Descriptor } from '../../oci/descriptor.ts';
import { digestOf } from '../../oci/digest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';

/**
 * Returns the manifest of an image that was saved without one. It follows from config and layers alone, and is, byte for byte, what
 * Docker 25 and later make when they save the same image (moby, `image/tarexport/save.go`).
 */
export function encodeManifest(config: Uint8Array, layers: readonly Descriptor[]): Uint8Array {
  const descriptors = layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf(config), size: config.length },
      layers: descriptors,
    }),
  );
}
