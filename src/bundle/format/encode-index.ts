import { jsonTexts } from '../../internal/json.ts';
import { ANNOTATION } from '../../oci/annotation.ts';
import { type Descriptor, encodeDescriptor } from '../../oci/descriptor.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { artifactTypeOf, hasFiles, type Item } from './item.ts';

/** Returns the bytes of `index.json`: an OCI image index with one entry for each item, in the order of the items. */
export function encodeIndex(items: readonly Item[]): Uint8Array {
  return Buffer.from([...indexTexts(items)].join(''));
}

/** Yields the same as text, in pieces. */
export function indexTexts(items: readonly Item[]): Generator<string, void, undefined> {
  return jsonTexts({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociIndex,
    manifests: items.values().map((item) => encodeDescriptor(entryOf(item))),
  });
}

/**
 * An image is found by its full name, under the key of containerd and K3s and the key of skopeo. An artifact must have no
 * name: containerd unpacks whatever is named and fails on what is not an image.
 */
function entryOf(item: Item): Descriptor {
  const { name, kind, descriptor } = item;
  if (kind === 'image') {
    return {
      ...descriptor,
      annotations: {
        ...descriptor.annotations,
        [ANNOTATION.containerdName]: name,
        [ANNOTATION.refName]: name,
      },
    };
  }
  const { mediaType, digest, size, artifactType } = descriptor;
  // It is a foreign manifest, which itself says what it is.
  if (kind === 'signature') return { mediaType, digest, size };
  if (!hasFiles(item)) return { mediaType, digest, size, artifactType };
  return { mediaType, digest, size, artifactType: artifactTypeOf(item) };
}
