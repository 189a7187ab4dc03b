import type { Origin, PlannedBlob } from '../../bundle/format/item.ts';
import { compareText, uniqueBy } from '../../internal/order.ts';
import {
  type ArtifactFile,
  EMPTY_CONFIG,
  EMPTY_CONFIG_BYTES,
  encodeArtifact,
  layerOf,
} from '../../oci/artifact.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestOf } from '../../oci/digest.ts';

/** A file of an artifact and where its bytes come from. */
export interface PlannedFile extends ArtifactFile {
  readonly origin: Origin;
}

/** Returns a file whose bytes are in memory. */
export function fileOfBytes(name: string, bytes: Uint8Array): PlannedFile {
  return {
    name,
    descriptor: { digest: digestOf(bytes), size: bytes.length },
    origin: { type: 'bytes', bytes },
  };
}

/** Returns the root of an artifact and all of its blobs, children first. The order of `files` does not matter. */
export function planArtifact(
  artifactType: string,
  files: readonly PlannedFile[],
): { readonly descriptor: Descriptor; readonly blobs: readonly PlannedBlob[] } {
  const sorted = [...files].sort((left, right) => compareText(left.name, right.name));
  const { bytes, descriptor } = encodeArtifact(artifactType, sorted);
  const blobs: readonly PlannedBlob[] = [
    { descriptor: EMPTY_CONFIG, origin: { type: 'bytes', bytes: EMPTY_CONFIG_BYTES } },
    ...sorted.map((file) => ({ descriptor: layerOf(file), origin: file.origin })),
    { descriptor, origin: { type: 'bytes', bytes } },
  ];
  return { descriptor, blobs: uniqueBy(blobs, (blob) => blob.descriptor.digest) };
}
