import { jsonListTexts } from '../../internal/json.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { decodeManifest, type Index, type Manifest } from '../../oci/manifest.ts';
import { isManifestType, MEDIA_TYPE } from '../../oci/media-type.ts';
import type { Platform } from '../../oci/platform.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import type { PlannedBlobs } from './blobs/planned.ts';
import type { Item } from './item.ts';
import { blobPath } from './layout.ts';

/** One image as `docker save` lists it (moby, `image/spec/v1.2.md`, "manifest.json"). */
interface DockerEntry {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

const LAYER_TYPE = /[.]tar(?:[.+](?:gzip|zstd))?$/;
const CONFIG_TYPES: readonly string[] = [MEDIA_TYPE.ociConfig, MEDIA_TYPE.dockerConfig];

/**
 * Returns the bytes of `manifest.json`, by which `docker load` and `podman load` find the images: for each, the one for
 * linux/amd64, or else the first. They read the whole list or nothing, so what they could not load is left out: images for
 * systems other than Linux, without a real config, or with layers that are not a tar or not in the bundle.
 */
export function encodeDockerList(items: readonly Item[], blobs: PlannedBlobs): Uint8Array {
  return Buffer.from([...dockerListTexts(items, blobs)].join(''));
}

/** Yields the same as text, in pieces. */
export function dockerListTexts(
  items: readonly Item[],
  blobs: PlannedBlobs,
): Generator<string, void, undefined> {
  const entries = new Map<Digest, Named>();
  const taken = new Set<string>();
  for (const { kind, name, descriptor } of items) {
    if (kind !== 'image') continue;
    const image = chooseImage(descriptor, blobs);
    if (image === undefined) continue;
    const entry = entries.get(image.digest) ?? { image: image.descriptor, tags: [] };
    // Two images can share a tag when both have a digest in their name; the first keeps it.
    const tag = dockerTagOf(name);
    const isNew = tag !== undefined && !taken.has(tag);
    if (isNew) taken.add(tag);
    entries.set(image.digest, isNew ? { ...entry, tags: [...entry.tags, tag] } : entry);
  }
  return jsonListTexts(entries.values().flatMap((entry) => entryOf(entry, blobs)));
}

/** An image by its manifest, and its names for `docker load`. */
interface Named {
  readonly image: Descriptor;
  readonly tags: readonly string[];
}

/** Its manifest is decoded once more: to keep all that were chosen would take more memory than their list. */
function entryOf({ image, tags }: Named, held: PlannedBlobs): readonly DockerEntry[] {
  const manifest = documentOf(image, held);
  if (manifest?.type !== 'manifest') return [];
  return [
    {
      Config: blobPath(manifest.config.digest),
      RepoTags: tags.length === 0 ? null : tags,
      Layers: manifest.layers.map(({ digest }) => blobPath(digest)),
    },
  ];
}

interface Image {
  readonly digest: Digest;
  readonly descriptor: Descriptor;
}

function chooseImage(root: Descriptor, held: PlannedBlobs): Image | undefined {
  const images = loadableImages(root, held);
  return images.find(({ platform }) => platform?.architecture === 'amd64') ?? images[0];
}

function loadableImages(
  root: Descriptor,
  held: PlannedBlobs,
): (Image & { platform: Platform | undefined })[] {
  const document = documentOf(root, held);
  if (document === undefined) return [];
  // An index inside an index is allowed, but no program is known to load it.
  if (document.type === 'index') {
    return document.manifests
      .filter(
        ({ mediaType }) => mediaType === MEDIA_TYPE.ociManifest || mediaType === MEDIA_TYPE.dockerManifest,
      )
      .flatMap((child) => loadableImages(child, held));
  }
  const { platform, digest } = root;
  // Attestations are listed as manifests of the platform unknown/unknown, which is not Linux either.
  const isLinux = platform === undefined || platform.os === 'linux';
  return isLinux && isLoadable(document, held) ? [{ digest, descriptor: root, platform }] : [];
}

function isLoadable({ config, layers }: Manifest, held: PlannedBlobs): boolean {
  return (
    CONFIG_TYPES.includes(config.mediaType) &&
    held.refs.has(config.digest) &&
    layers.every(({ mediaType, digest }) => LAYER_TYPE.test(mediaType) && held.refs.has(digest))
  );
}

function documentOf({ mediaType, digest }: Descriptor, held: PlannedBlobs): Manifest | Index | undefined {
  const origin = held.at(held.refs.indexOf(digest))?.origin;
  if (origin?.type !== 'bytes' || !isManifestType(mediaType)) return undefined;
  return decodeManifest(origin.bytes, mediaType);
}

/**
 * Returns the name of an image in `RepoTags`. Docker refuses one with a digest there; such an image is loaded by its tag, or
 * with no name, `undefined`, when it has none.
 */
export function dockerTagOf(name: string): string | undefined {
  const { registry, repository, tag } = parseReference(name);
  return tag === undefined ? undefined : formatReference({ registry, repository, tag });
}
