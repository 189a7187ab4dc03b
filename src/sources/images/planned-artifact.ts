import type { Origin, PlannedBlob } from '../../bundle/format/item.ts';
import { compareText, uniqueBy } from '../../internal/order.ts';
import {
  type ArtifactFile,
  EMPTY_CONFIG,
  EMPTY_CONFIG_BYTES,
  encodeArtifactOf,
  layerOf,
} from '../../oci/artifact.ts';
import { type ArtifactTree, folderLayerOf, linkLayerOf } from '../../oci/artifact-tree.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestOf } from '../../oci/digest.ts';

const EMPTY: Origin = { type: 'bytes', bytes: EMPTY_CONFIG_BYTES };

/** A file of an artifact and where its bytes come from. */
export interface PlannedFile extends ArtifactFile {
  readonly origin: Origin;
}

/** Files with the links and empty folders between them, by title. */
export interface PlannedTree extends ArtifactTree {
  readonly files: readonly PlannedFile[];
}

/** Returns a file whose bytes are in memory. */
export function fileOfBytes(name: string, bytes: Uint8Array): PlannedFile {
  return {
    name,
    descriptor: { digest: digestOf(bytes), size: bytes.length },
    origin: { type: 'bytes', bytes },
  };
}

/** The root of an artifact, and all of its blobs, children first. */
export interface PlannedArtifact {
  readonly descriptor: Descriptor;
  readonly blobs: readonly PlannedBlob[];
}

/** Returns an artifact of files. Their order does not matter. */
export function planArtifact(artifactType: string, files: readonly PlannedFile[]): PlannedArtifact {
  return planTree(artifactType, { files, links: [], folders: [] });
}

/** Returns an artifact of files with links and empty folders between them. Their order does not matter. */
export function planTree(artifactType: string, tree: PlannedTree): PlannedArtifact {
  const layers = [
    ...tree.files.map((file) => ({ title: file.name, layer: layerOf(file), origin: file.origin })),
    ...tree.links.map((link) => ({ title: link.name, layer: linkLayerOf(link), origin: EMPTY })),
    ...tree.folders.map((name) => ({ title: name, layer: folderLayerOf(name), origin: EMPTY })),
  ].sort((left, right) => compareText(left.title, right.title));
  const { bytes, descriptor } = encodeArtifactOf(
    artifactType,
    layers.map(({ layer }) => layer),
  );
  const blobs: readonly PlannedBlob[] = [
    { descriptor: EMPTY_CONFIG, origin: EMPTY },
    ...layers.map(({ layer, origin }) => ({ descriptor: layer, origin })),
    { descriptor, origin: { type: 'bytes', bytes } },
  ];
  return { descriptor, blobs: uniqueBy(blobs, (blob) => blob.descriptor.digest) };
}
