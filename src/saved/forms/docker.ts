import { SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { quote } from '../../internal/quote.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { findFile } from '../files/find.ts';
import type { SavedFiles } from '../files/files.ts';
import { readWhole } from '../files/content.ts';
import {
  madeBlob,
  readJson,
  type SavedBlob,
  savedInvalid,
  type SavedImage,
  type SavedImages,
} from '../images.ts';
import { fullName } from '../names.ts';
import { configOf, type SavedConfig } from './config.ts';
import { layerFor } from './docker-layer.ts';
import { encodeManifest } from './made-manifest.ts';

/** An entry has a few hundred bytes for each layer (bytes). */
const LIST_LIMIT = 64 * 1024 * 1024;
const CONFIG_LIMIT = 8 * 1024 * 1024;
const HEX = /(?:^|[/:])([0-9a-f]{64})(?:\.json)?$/;

/** One image of a `manifest.json`. */
interface DockerEntry {
  readonly config: string;
  readonly tags: readonly string[];
  readonly layers: readonly string[];
}

/**
 * Returns the images of `docker save` (moby, `image/spec/v1.2.md`), podman, skopeo, crane, Jib and Bazel: by `manifest.json`. None of
 * them kept a manifest, so one is made of what is there, the same each time; the config is unchanged, so that the image has its ID.
 * A layer must be what the config says it is.
 *
 * @throws `ERR_ARCHIVE_INVALID`, `ERR_DIGEST_MISMATCH`
 */
export async function dockerImages(
  saved: SavedFiles,
  options: WaitOptions & { readonly top: string },
): Promise<SavedImages> {
  const blobs = new Map<Digest, SavedBlob>();
  const images: SavedImage[] = [];
  for (const entry of await entriesOf(saved, options)) {
    const descriptor = await imageOf(saved, entry, { blobs, options });
    const names = entry.tags.flatMap((tag) => fullName(tag) ?? []);
    if (names.length === 0) images.push({ descriptor, isMade: true });
    for (const name of names) images.push({ name, descriptor, isMade: true });
  }
  return { path: saved.path, images, attachments: [], blobs, others: [] };
}

async function entriesOf(
  saved: SavedFiles,
  { top, signal }: WaitOptions & { readonly top: string },
): Promise<readonly DockerEntry[]> {
  const path = `${top}manifest.json`;
  const file = findFile(saved, path);
  if (file === undefined) throw savedInvalid(saved, `it has no "${path}"`);
  const list = await readJson(saved, file, { limit: LIST_LIMIT, signal });
  if (!Array.isArray(list)) throw savedInvalid(saved, `its "${path}" is no list`);
  return list.map((entry: unknown, at) => {
    const { Config, RepoTags, Layers } = isRecord(entry) ? entry : {};
    const isWhole =
      typeof Config === 'string' &&
      isTexts(Layers) &&
      (RepoTags === undefined || RepoTags === null || isTexts(RepoTags));
    if (!isWhole) throw savedInvalid(saved, `entry ${at + 1} of its "${path}" is none of an image`);
    const tags = isTexts(RepoTags) ? RepoTags : [];
    return { config: `${top}${Config}`, tags, layers: Layers.map((layer) => `${top}${layer}`) };
  });
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

async function imageOf(
  saved: SavedFiles,
  entry: DockerEntry,
  work: { readonly blobs: Map<Digest, SavedBlob>; readonly options: WaitOptions },
): Promise<Descriptor> {
  const { blobs, options } = work;
  const config = await readConfig(saved, entry, options);
  const { diffIds } = config;
  if (diffIds.length !== entry.layers.length)
    throw savedInvalid(
      saved,
      `image ${titleOf(entry)} has ${entry.layers.length} layers, and ${diffIds.length} by its config`,
    );
  const layers: Descriptor[] = [];
  for (const [at, diffId] of diffIds.entries()) {
    const path = entry.layers[at] ?? '';
    const file = findFile(saved, path);
    if (file === undefined)
      throw savedInvalid(saved, `layer ${quote(path)} of image ${titleOf(entry)} is not there`);
    const layer = await layerFor(saved, { file, diffId }, options);
    layers.push(layer);
    blobs.set(layer.digest, { size: file.size, file });
  }
  blobs.set(...madeBlob(config.bytes));
  const manifest = encodeManifest(config.bytes, layers);
  blobs.set(...madeBlob(manifest));
  return { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(manifest), size: manifest.length };
}

/** Its name is its digest, if it has one; so the ID of the image is proven. */
async function readConfig(saved: SavedFiles, entry: DockerEntry, options: WaitOptions): Promise<SavedConfig> {
  const file = findFile(saved, entry.config);
  if (file === undefined)
    throw savedInvalid(saved, `config ${quote(entry.config)} of image ${titleOf(entry)} is not there`);
  const bytes = await readWhole(saved, file, { limit: CONFIG_LIMIT, signal: options.signal });
  const hex = HEX.exec(entry.config)?.[1];
  const found = digestOf(bytes);
  if (hex !== undefined && found !== `sha256:${hex}`)
    throw new SaddlebagError(
      'ERR_DIGEST_MISMATCH',
      `Cannot verify config ${quote(entry.config)} of ${quote(saved.path)}: its content has digest "${found}"`,
      { hint: 'It is damaged: save the image again, or copy it again.' },
    );
  return configOf(saved, file.path, bytes);
}

function titleOf({ tags, config }: DockerEntry): string {
  return quote(tags[0] ?? config);
}
