import { quote } from '../../internal/quote.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { SavedFiles } from '../files/files.ts';
import { readWhole } from '../files/content.ts';
import { type SavedBlob, savedInvalid, type SavedImages } from '../images.ts';
import { treeImages, type TreeTag } from './tree.ts';

/** Where a registry begins in the folder that it keeps its storage in. */
export const REGISTRY_ROOT = 'docker/registry/v2/';
const BLOB = /^blobs\/sha256\/[0-9a-f]{2}\/(?<hex>[0-9a-f]{64})\/data$/;
const TAG = /^repositories\/(?<repository>.+)\/_manifests\/tags\/(?<tag>[^/]+)\/current\/link$/;
/** A digest, and perhaps the end of a line (bytes). */
const LINK_LIMIT = 100;

/**
 * Returns the images in the storage of a registry (distribution, `registry/storage/paths.go`), which oc-mirror's archives hold.
 *
 * @throws `ERR_ARCHIVE_INVALID`, `ERR_DIGEST_MISMATCH`
 */
export async function registryTreeImages(
  saved: SavedFiles,
  options: WaitOptions & { readonly top: string },
): Promise<SavedImages> {
  const root = `${options.top}${REGISTRY_ROOT}`;
  const blobs = new Map<Digest, SavedBlob>();
  const tags: TreeTag[] = [];
  for (const [path, file] of saved.files) {
    if (!path.startsWith(root)) continue;
    const inner = path.slice(root.length);
    const digest = `sha256:${BLOB.exec(inner)?.groups?.['hex'] ?? ''}`;
    if (isDigest(digest)) blobs.set(digest, { size: file.size, file });
    const { repository, tag } = TAG.exec(inner)?.groups ?? {};
    if (repository === undefined || tag === undefined) continue;
    const link = await readWhole(saved, file, { limit: LINK_LIMIT, signal: options.signal });
    const target = Buffer.from(link).toString('utf8').trim();
    if (!isDigest(target)) throw savedInvalid(saved, `${quote(path)} holds no digest`);
    tags.push({ repository, tag, digest: target });
  }
  return await treeImages(saved, { tags, blobs, others: [], options });
}
