import { streamOf, type ByteStream } from '../internal/bytes.ts';
import { encodeJson } from '../internal/json.ts';
import { layoutTar } from '../archive/tar/layout.ts';
import { ANNOTATION } from '../oci/annotation.ts';
import { type Descriptor, encodeDescriptor } from '../oci/descriptor.ts';
import type { Manifest } from '../oci/manifest.ts';
import { MEDIA_TYPE } from '../oci/media-type.ts';
import type { Fetcher, WaitOptions } from '../oci/roles.ts';
import { verified } from '../oci/verified.ts';
import { blobPath, LAYOUT, OCI_LAYOUT_BYTES } from './format/layout.ts';

/** An image of one platform, as a local engine is given it. */
export interface EngineImage {
  /** Full name with a tag. */
  readonly name: string;
  /** The manifest, or the index that has it. */
  readonly root: Descriptor;
  /** The manifest of the platform; the root itself when that is no index. */
  readonly image: Descriptor;
  readonly manifest: Manifest;
}

export interface EngineArchive {
  /** bytes */
  readonly size: number;
  /** Yields the archive, its content verified on the way. @throws `ERR_SIZE_MISMATCH`, `ERR_DIGEST_MISMATCH` */
  open(options?: WaitOptions): ByteStream;
}

/** Returns the blobs of an image, each once: what an engine is sent. */
export function engineBlobs({ root, image, manifest }: EngineImage): readonly Descriptor[] {
  const all = [root, image, manifest.config, ...manifest.layers];
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()];
}

/**
 * Returns the one archive that Docker, Podman and containerd all load, in both of Docker's stores: an OCI layout that has a
 * `manifest.json` in front. Of an index it has one platform; the root keeps its digest.
 */
export function engineArchive(content: Fetcher, image: EngineImage): EngineArchive {
  const { name, root, manifest } = image;
  const annotations = { [ANNOTATION.containerdName]: name, [ANNOTATION.refName]: name };
  const { mediaType, digest, size } = root;
  const heads = new Map<string, Uint8Array>([
    [
      LAYOUT.dockerList,
      encodeJson([
        {
          Config: blobPath(manifest.config.digest),
          RepoTags: [name],
          Layers: manifest.layers.map((layer) => blobPath(layer.digest)),
        },
      ]),
    ],
    [LAYOUT.ociLayout, OCI_LAYOUT_BYTES],
    [
      LAYOUT.index,
      encodeJson({
        schemaVersion: 2,
        mediaType: MEDIA_TYPE.ociIndex,
        manifests: [encodeDescriptor({ mediaType, digest, size, annotations })],
      }),
    ],
  ]);
  const blobs = new Map(engineBlobs(image).map((blob) => [blobPath(blob.digest), blob]));
  const layout = layoutTar([
    ...[...heads].map(([path, bytes]) => ({ path, size: bytes.length })),
    ...[...blobs].map(([path, blob]) => ({ path, size: blob.size })),
  ]);
  return {
    size: layout.size,
    open: (options = {}) =>
      layout.pack(({ path }) => {
        const blob = blobs.get(path);
        if (blob === undefined) return streamOf(heads.get(path) ?? new Uint8Array());
        return verified(content.fetch(blob, options), blob);
      }),
  };
}
