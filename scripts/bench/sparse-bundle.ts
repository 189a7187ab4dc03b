import { open } from 'node:fs/promises';
import { layoutTar } from '../../src/archive/tar/layout.ts';
import { blobPath } from '../../src/bundle/format/layout.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { encodeDescriptor } from '../../src/oci/descriptor.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import { parseReference } from '../../src/oci/reference.ts';

/** Number of layers in its image. */
const LAYERS = 2000;

/** Writes a bundle of `size` bytes that takes almost no disk space: its layers are holes, so their digests are wrong. */
export async function writeSparseBundle(path: string, size: number): Promise<void> {
  const name = 'docker.io/bench/sparse:v1';
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' } }),
  );
  const configOf = { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf(config), size: config.length };
  const layers = Array.from({ length: LAYERS }, (_, index) => ({
    mediaType: MEDIA_TYPE.ociLayerGzip,
    digest: digestOf(`layer ${index}`),
    size: Math.floor(size / LAYERS),
  }));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: encodeDescriptor(configOf),
      layers: layers.map((layer) => encodeDescriptor(layer)),
    }),
  );
  const root = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(manifest), size: manifest.length };
  const origin = { type: 'registry', reference: parseReference(name) } as const;
  const plan = planBundle('sparse', [
    {
      item: { kind: 'image', name, descriptor: root, audience: ['registry'] },
      blobs: [
        { descriptor: configOf, origin: { type: 'bytes', bytes: config } },
        ...layers.map((descriptor) => ({ descriptor, origin })),
        { descriptor: root, origin: { type: 'bytes', bytes: manifest } },
      ],
    },
  ]);
  const contents = new Map<string, Uint8Array>([
    ...plan.files.map((file) => [file.path, file.bytes] as const),
    [blobPath(root.digest), manifest],
    [blobPath(configOf.digest), config],
  ]);
  const files = [
    ...plan.files.map((file) => ({ path: file.path, size: file.bytes.length })),
    ...plan.blobs.map(({ descriptor }) => ({ path: blobPath(descriptor.digest), size: descriptor.size })),
  ];
  const layout = layoutTar(files);
  await using handle = await open(path, 'w');
  await handle.truncate(layout.size);
  for (const { position, bytes } of layout.frame()) await handle.write(bytes, 0, bytes.length, position);
  for (const entry of layout.entries) {
    const bytes = contents.get(entry.path);
    if (bytes !== undefined) await handle.write(bytes, 0, bytes.length, entry.position);
  }
}
