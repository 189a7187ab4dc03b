import { isRecord } from '../../internal/json.ts';
import { compareText } from '../../internal/order.ts';
import { quote } from '../../internal/quote.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, digestOf, finishDigest, startDigest } from '../../oci/digest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { streamSaved } from '../files/content.ts';
import { findFile } from '../files/find.ts';
import type { SavedFile, SavedFiles } from '../files/files.ts';
import {
  madeBlob,
  readJson,
  type SavedBlob,
  savedInvalid,
  type SavedImage,
  type SavedImages,
} from '../images.ts';
import { fullName } from '../names.ts';
import { encodeManifest } from './made-manifest.ts';

const DOCUMENT_LIMIT = 8 * 1024 * 1024;
/** Docker itself stopped at 127 layers. */
const CHAIN_LIMIT = 1000;
/** What moby leaves out when it makes a config of such a document (`image/v1/imagev1.go`, `MakeConfigFromV1Config`). */
const DROPPED: readonly string[] = ['id', 'parent', 'parent_id', 'layer_id', 'Size', 'throwaway'];

/** One step of the chain that an image is. */
interface Step {
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/**
 * Returns the images that Docker before 1.10 saved: `repositories` names the last of a chain of folders, each with a `json` that names
 * its `parent`, and a `layer.tar`. Config and manifest are made of them as moby's `legacyLoad` does it.
 *
 * @throws `ERR_ARCHIVE_INVALID`
 */
export async function v1Images(
  saved: SavedFiles,
  options: WaitOptions & { readonly top: string },
): Promise<SavedImages> {
  const blobs = new Map<Digest, SavedBlob>();
  const digests = new Map<string, Digest>();
  const images: SavedImage[] = [];
  for (const { name, id } of await namesIn(saved, options)) {
    const chain = await chainOf(saved, id, options);
    const layers = await layersOf(saved, chain, { blobs, digests, options });
    const config = encodeConfig(chain, layers);
    const manifest = encodeManifest(config, layers);
    blobs.set(...madeBlob(config));
    blobs.set(...madeBlob(manifest));
    const descriptor = {
      mediaType: MEDIA_TYPE.ociManifest,
      digest: digestOf(manifest),
      size: manifest.length,
    };
    images.push({ name: fullName(name), descriptor, isMade: true });
  }
  return { path: saved.path, images, attachments: [], blobs, others: [] };
}

/** `{"busybox": {"1.36": "<id>"}}` */
async function namesIn(
  saved: SavedFiles,
  { top, signal }: WaitOptions & { readonly top: string },
): Promise<readonly { readonly name: string; readonly id: string }[]> {
  const path = `${top}repositories`;
  const file = findFile(saved, path);
  const value =
    file === undefined ? undefined : await readJson(saved, file, { limit: DOCUMENT_LIMIT, signal });
  if (!isRecord(value)) throw savedInvalid(saved, `its "${path}" names no images`);
  return Object.entries(value).flatMap(([repository, tags]) =>
    Object.entries(isRecord(tags) ? tags : {}).map(([tag, id]) => {
      if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id))
        throw savedInvalid(saved, `its "${path}" gives ${quote(`${repository}:${tag}`)} no ID`);
      return { name: `${repository}:${tag}`, id: `${top}${id}` };
    }),
  );
}

/** Returns the steps of an image, the first one first. */
async function chainOf(
  saved: SavedFiles,
  last: string,
  { signal, top }: WaitOptions & { readonly top: string },
): Promise<readonly Step[]> {
  const chain: Step[] = [];
  for (let id: string | undefined = last; id !== undefined;) {
    const file = findFile(saved, `${id}/json`);
    if (file === undefined) throw savedInvalid(saved, `step ${quote(id)} of an image is not there`);
    const document = await readJson(saved, file, { limit: DOCUMENT_LIMIT, signal });
    if (!isRecord(document)) throw savedInvalid(saved, `${quote(file.path)} is no object`);
    chain.unshift({ id, document });
    if (chain.length > CHAIN_LIMIT)
      throw savedInvalid(saved, `an image of it has more than ${CHAIN_LIMIT} steps`);
    const { parent } = document;
    id = typeof parent === 'string' && parent !== '' ? `${top}${parent}` : undefined;
  }
  return chain;
}

async function layersOf(
  saved: SavedFiles,
  chain: readonly Step[],
  work: {
    readonly blobs: Map<Digest, SavedBlob>;
    readonly digests: Map<string, Digest>;
    readonly options: WaitOptions;
  },
): Promise<readonly Descriptor[]> {
  const layers: Descriptor[] = [];
  for (const { id } of chain) {
    const file = findFile(saved, `${id}/layer.tar`);
    if (file === undefined) throw savedInvalid(saved, `layer ${quote(`${id}/layer.tar`)} is not there`);
    const digest = work.digests.get(file.path) ?? (await digestIn(file, work.options));
    work.digests.set(file.path, digest);
    work.blobs.set(digest, { size: file.size, file });
    layers.push({ mediaType: MEDIA_TYPE.ociLayer, digest, size: file.size });
  }
  return layers;
}

/** Nothing in such an archive says what a layer should be: it is what it is now. */
async function digestIn(file: SavedFile, options: WaitOptions): Promise<Digest> {
  if (file.seen !== undefined) return file.seen.digest;
  const hash = startDigest();
  for await (const chunk of streamSaved(file, options)) hash.update(chunk);
  return finishDigest(hash);
}

function encodeConfig(chain: readonly Step[], layers: readonly Descriptor[]): Uint8Array {
  const last = chain.at(-1)?.document ?? {};
  const kept = Object.entries(last).filter(([key]) => !DROPPED.includes(key));
  const made = {
    history: chain.map(({ document }) => historyOf(document)),
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  };
  const entries = [...kept.filter(([key]) => !(key in made)), ...Object.entries(made)];
  const sorted = entries.sort(([left], [right]) => compareText(left, right));
  return Buffer.from(JSON.stringify(Object.fromEntries(sorted)));
}

function historyOf(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { created, author, comment, container_config: container } = document;
  const command = isRecord(container) ? container['Cmd'] : undefined;
  const createdBy = Array.isArray(command)
    ? command.filter((word) => typeof word === 'string').join(' ')
    : undefined;
  return { created, author, created_by: createdBy, comment };
}
