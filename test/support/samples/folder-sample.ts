import { ARTIFACT_TYPE, type Item } from '../../../src/bundle/format/item.ts';
import { type ArtifactLink, folderLayerOf, linkLayerOf } from '../../../src/oci/artifact-tree.ts';
import { EMPTY_CONFIG, EMPTY_CONFIG_BYTES, encodeArtifactOf, layerOf } from '../../../src/oci/artifact.ts';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import type { PlannedSample } from '../planned/items.ts';

/** What is in a folder, by title. */
export interface SampleFolder {
  readonly files?: readonly { readonly name: string; readonly text: string; readonly executable?: boolean }[];
  readonly links?: readonly ArtifactLink[];
  readonly folders?: readonly string[];
  /** Layers as they are, in front of the others. */
  readonly layers?: readonly Descriptor[];
}

/** Returns a folder as an item, however wrong; of another kind or for another audience with `changes`. */
export function folderSample(
  name: string,
  { files = [], links = [], folders = [], layers = [] }: SampleFolder,
  type: string = ARTIFACT_TYPE.file,
): PlannedSample {
  const contents = files.map(({ text, ...file }) => {
    const bytes = Buffer.from(text);
    return {
      bytes,
      descriptor: layerOf({ ...file, descriptor: { digest: digestOf(bytes), size: bytes.length } }),
    };
  });
  const sorted = [
    ...contents.map(({ descriptor }) => descriptor),
    ...links.map(linkLayerOf),
    ...folders.map(folderLayerOf),
  ].sort((left, right) => (titleOf(left) < titleOf(right) ? -1 : 1));
  const root = encodeArtifactOf(type, [...layers, ...sorted]);
  const all = [{ bytes: EMPTY_CONFIG_BYTES, descriptor: EMPTY_CONFIG }, ...contents, root];
  const item: Item = { kind: 'file', name, descriptor: root.descriptor, audience: ['files'] };
  const blobs = all.map(({ bytes, descriptor }) => {
    return { descriptor, origin: { type: 'bytes', bytes } as const };
  });
  return { planned: { item, blobs }, contents: all };
}

function titleOf({ annotations = {} }: Descriptor): string {
  return annotations['org.opencontainers.image.title'] ?? '';
}
