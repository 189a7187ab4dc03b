import { createCipheriv, createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { type Descriptor, encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { parsePlatform, type Platform } from '../../../src/oci/platform.ts';

export interface SampleImageOptions {
  /** Images of the same name, and of the same options, have the same bytes. */
  readonly name?: string;
  readonly format?: 'oci' | 'docker';
  /** `os/architecture`; more than one, or `index: true`, makes an index. `linux/amd64` when left out. */
  readonly platforms?: readonly string[];
  readonly index?: boolean;
  /** `os.version` of the config, which an index of this image does not repeat. */
  readonly osVersion?: string;
  /** `os.features` of the config. */
  readonly osFeatures?: readonly string[];
  /** Layers of each platform's image; 2 when left out. */
  readonly layers?: number;
  /** Incompressible bytes in each layer; a short text when left out. */
  readonly layerBytes?: number;
  /** Names of layers shared by every image that names them too. */
  readonly sharedLayers?: readonly string[];
}

export interface SampleContent {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** An image in memory. */
export interface SampleImage {
  readonly root: Descriptor;
  /** Configs and layers, each once. */
  readonly blobs: readonly SampleContent[];
  /** Children before the index. */
  readonly manifests: readonly SampleContent[];
}

/** Returns a small real image: gzip'd layer tars, a config whose diff_ids are true, a manifest; always the same bytes. */
export function sampleImage(options: SampleImageOptions = {}): SampleImage {
  const platforms = options.platforms ?? ['linux/amd64'];
  const images = platforms.map((platform) => imageOf(platform, options));
  const blobs = [
    ...new Map(images.flatMap((image) => image.blobs).map((blob) => [blob.descriptor.digest, blob])).values(),
  ];
  const [only] = images;
  if (only !== undefined && images.length === 1 && options.index !== true)
    return { root: only.manifest.descriptor, blobs, manifests: [only.manifest] };
  const manifests = images.map(({ manifest, platform }) => ({
    ...manifest,
    descriptor: { ...manifest.descriptor, platform },
  }));
  const index = contentOf(
    options.format === 'docker' ? MEDIA_TYPE.dockerList : MEDIA_TYPE.ociIndex,
    (mediaType) => ({
      schemaVersion: 2,
      mediaType,
      manifests: manifests.map(({ descriptor }) => encodeDescriptor(descriptor)),
    }),
  );
  return { root: index.descriptor, blobs, manifests: [...manifests, index] };
}

/** Returns bytes that no compressor shrinks, always the same for a seed. */
export function incompressibleBytes(seed: string, length: number): Uint8Array {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

function imageOf(
  platform: string,
  options: SampleImageOptions,
): { manifest: SampleContent; platform: Platform; blobs: readonly SampleContent[] } {
  const isDocker = options.format === 'docker';
  const own = Array.from(
    { length: options.layers ?? 2 },
    (_, index) => `${options.name ?? 'sample'} ${platform} layer ${index}`,
  );
  const layers = [...(options.sharedLayers ?? []), ...own].map((name) =>
    layerOf(name, options.layerBytes, isDocker ? MEDIA_TYPE.dockerLayerGzip : MEDIA_TYPE.ociLayerGzip),
  );
  const { os, architecture, variant } = parsePlatform(platform);
  const config = contentOf(isDocker ? MEDIA_TYPE.dockerConfig : MEDIA_TYPE.ociConfig, () => ({
    architecture,
    ...(variant === undefined ? {} : { variant }),
    os,
    ...(options.osVersion === undefined ? {} : { 'os.version': options.osVersion }),
    ...(options.osFeatures === undefined ? {} : { 'os.features': options.osFeatures }),
    created: '2024-01-01T00:00:00Z',
    config: { Cmd: ['/bin/true'], Labels: { sample: options.name ?? 'sample' } },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map(() => ({ created: '2024-01-01T00:00:00Z' })),
  }));
  const manifest = contentOf(isDocker ? MEDIA_TYPE.dockerManifest : MEDIA_TYPE.ociManifest, (mediaType) => ({
    schemaVersion: 2,
    mediaType,
    config: encodeDescriptor(config.descriptor),
    layers: layers.map((layer) => encodeDescriptor(layer.descriptor)),
  }));
  return { manifest, platform: parsePlatform(platform), blobs: [config, ...layers] };
}

function layerOf(
  name: string,
  layerBytes: number | undefined,
  mediaType: string,
): SampleContent & { readonly diffId: string } {
  const content = layerBytes === undefined ? Buffer.from(`${name}\n`) : incompressibleBytes(name, layerBytes);
  const tar = tarOf(`sample/${digestOf(name).slice(7, 19)}`, content);
  // Deflating what cannot shrink is time lost: large layers are stored.
  const bytes = gzipSync(tar, { level: layerBytes === undefined ? 6 : 0 });
  // The operating system that gzip names in its header would make the digest differ by machine.
  bytes.writeUInt8(255, 9);
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  return { descriptor, bytes, diffId: digestOf(tar) };
}

function tarOf(path: string, content: Uint8Array): Uint8Array {
  const header = new Header({
    path,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: content.length,
    mtime: new Date('2024-01-01T00:00:00Z'),
    type: 'File',
  });
  const block = Buffer.alloc(512);
  header.encode(block);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([block, content, padding, Buffer.alloc(1024)]);
}

function contentOf(mediaType: string, document: (mediaType: string) => unknown): SampleContent {
  const bytes = Buffer.from(JSON.stringify(document(mediaType)));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
