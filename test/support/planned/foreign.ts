import type { PlannedBlob } from '../../../src/bundle/format/item.ts';
import { encodeArtifact, EMPTY_CONFIG, EMPTY_CONFIG_BYTES, layerOf } from '../../../src/oci/artifact.ts';
import { type Descriptor, encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { SampleImage } from '../samples/sample-image.ts';
import type { PlannedSample } from './items.ts';

interface Content {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** An artifact of somebody else as it is at a registry: a policy, a model, a module of Wasm. */
export function foreignArtifact(
  types: { readonly artifactType?: string; readonly config?: string; readonly layer?: string } = {},
): SampleImage {
  const { artifactType, config: configType = MEDIA_TYPE.ociEmpty, layer = 'application/wasm' } = types;
  const config = contentOf(configType, '{}');
  const part = contentOf(layer, 'a module\n');
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    artifactType,
    config: encodeDescriptor(config.descriptor),
    layers: [encodeDescriptor(part.descriptor)],
  };
  const root = contentOf(MEDIA_TYPE.ociManifest, JSON.stringify(manifest));
  return { root: root.descriptor, blobs: [config, part], manifests: [root] };
}

/** The same as an item. */
export function artifactItem(name: string, artifactType: string): PlannedSample {
  const { root, blobs, manifests } = foreignArtifact({ artifactType });
  const descriptor = { ...root, artifactType };
  const item = { kind: 'artifact', name, descriptor, audience: ['registry'] } as const;
  return planned(item, [...blobs, ...manifests]);
}

/** Files as an item of a kind that this program does not know, as a later one would write it. */
export function unknownItem(
  token: string,
  name: string,
  files: Readonly<Record<string, string>>,
): PlannedSample {
  const layers = Object.entries(files).map(([title, text]) => {
    const bytes = Buffer.from(text);
    return { bytes, file: { name: title, descriptor: { digest: digestOf(bytes), size: bytes.length } } };
  });
  const root = encodeArtifact(
    `application/vnd.saddlebag.${token}.v1`,
    layers.map(({ file }) => file),
  );
  const contents = [
    { descriptor: EMPTY_CONFIG, bytes: EMPTY_CONFIG_BYTES },
    ...layers.map(({ bytes, file }) => ({ bytes, descriptor: layerOf(file) })),
    root,
  ];
  return planned({ kind: 'unknown', token, name, descriptor: root.descriptor, audience: [] }, contents);
}

function planned(item: PlannedSample['planned']['item'], contents: readonly Content[]): PlannedSample {
  const blobs = contents.map(({ descriptor, bytes }): PlannedBlob => {
    return { descriptor, origin: { type: 'bytes', bytes } };
  });
  return { planned: { item, blobs }, contents };
}

function contentOf(mediaType: string, text: string): Content {
  const bytes = Buffer.from(text);
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
