import { isRecord } from '../../internal/json.ts';
import { decodeDescriptor, type Descriptor } from '../../oci/descriptor.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { isManifestType } from '../../oci/media-type.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { readWhole } from '../files/content.ts';
import { findFile } from '../files/find.ts';
import type { SavedFile, SavedFiles } from '../files/files.ts';
import { readJson, type SavedBlob, savedInvalid, type SavedImage, type SavedImages } from '../images.ts';
import { nameIn } from '../names.ts';

/** A list has a few hundred bytes for each image (bytes). */
const LIST_LIMIT = 64 * 1024 * 1024;
const BLOB = /^blobs\/sha256\/([0-9a-f]{64})$/;
/** What hauler, and cosign before it, write on every entry: what the entry is. */
const HAULER_KIND = /^dev\.(?:hauler|cosignproject\.cosign)\//;

/**
 * Returns the images of an OCI image layout (image-spec, image-layout.md), as containerd, Docker, podman, skopeo, buildx, hauler
 * and Zarf write it: by its `index.json`, whose bytes and digests are kept. `oci-layout` is not asked for, for hauler writes none.
 *
 * @throws `ERR_ARCHIVE_INVALID`
 */
export async function layoutImages(
  saved: SavedFiles,
  options: WaitOptions & {
    /** Folder of the layout in the archive, with a slash at its end. */
    readonly top: string;
    readonly isZarf: boolean;
  },
): Promise<SavedImages> {
  const { top, isZarf } = options;
  const entries = await entriesOf(saved, `${top}index.json`, options);
  const isHaul = entries.some(({ annotations }) => HAULER_KIND.test(annotations?.['kind'] ?? ''));
  const isRemade = await hasLayerSources(saved, `${top}manifest.json`, options);
  const images: SavedImage[] = [];
  const attachments: { readonly descriptor: Descriptor; readonly isAttached: boolean }[] = [];
  const blobs = blobsIn(saved, top);
  for (const { annotations, ...descriptor } of entries) {
    const { name, tag } = nameIn(annotations, { isZarf, isHaul });
    const isOther = isHaul && (name === undefined || !isImageOfHaul(annotations));
    const isAttached = name === undefined && (await hasSubject(saved, blobs.get(descriptor.digest), options));
    if (isOther || isAttached) attachments.push({ descriptor, isAttached });
    else images.push({ name, tag, descriptor, isMade: isRemade || undefined });
  }
  const hasOthers = attachments.some(({ isAttached }) => !isAttached);
  return {
    path: saved.path,
    images,
    attachments: attachments.map(({ descriptor }) => descriptor),
    blobs,
    others: hasOthers ? ['charts, files or signatures without a name'] : [],
  };
}

/** What refers to an image names it itself: such an entry needs no name. */
async function hasSubject(
  saved: SavedFiles,
  blob: SavedBlob | undefined,
  { signal }: WaitOptions,
): Promise<boolean> {
  if (blob === undefined || !('file' in blob) || blob.size > MANIFEST_LIMIT) return false;
  const bytes = await readWhole(saved, blob.file, { limit: MANIFEST_LIMIT, signal });
  return decodeManifest(bytes).subject !== undefined;
}

function isImageOfHaul(annotations: Readonly<Record<string, string>> | undefined): boolean {
  return /\/image(?:Index)?$/.test(annotations?.['kind'] ?? '');
}

async function entriesOf(
  saved: SavedFiles,
  path: string,
  { signal }: WaitOptions,
): Promise<readonly Descriptor[]> {
  const file = findFile(saved, path);
  if (file === undefined) throw savedInvalid(saved, `it has no "${path}"`);
  const value = await readJson(saved, file, { limit: LIST_LIMIT, signal });
  const list = isRecord(value) ? value['manifests'] : undefined;
  if (!Array.isArray(list)) throw savedInvalid(saved, `its "${path}" lists no "manifests"`);
  return list
    .map((entry: unknown, at) => decodeDescriptor(entry, `"${path}", "manifests[${at}]"`))
    .filter(({ mediaType }) => isManifestType(mediaType));
}

/** Docker 25 and later, without the store of containerd, make the manifest when they save: no registry knows its digest. */
async function hasLayerSources(saved: SavedFiles, path: string, { signal }: WaitOptions): Promise<boolean> {
  const file = findFile(saved, path);
  if (file === undefined) return false;
  const list = await readJson(saved, file, { limit: LIST_LIMIT, signal });
  return (
    Array.isArray(list) && list.some((entry: unknown) => isRecord(entry) && isRecord(entry['LayerSources']))
  );
}

/** Blobs are where the layout puts them; links among them lead to others, as some programs save a layer once. */
function blobsIn(saved: SavedFiles, top: string): ReadonlyMap<Digest, SavedBlob> {
  const blobs = new Map<Digest, SavedBlob>();
  for (const path of [...saved.files.keys(), ...saved.links.keys()]) {
    const digest = `sha256:${BLOB.exec(path.startsWith(top) ? path.slice(top.length) : '')?.[1] ?? ''}`;
    const file: SavedFile | undefined = isDigest(digest) ? findFile(saved, path) : undefined;
    if (file !== undefined && isDigest(digest)) blobs.set(digest, { size: file.size, file });
  }
  return blobs;
}
