import { type Digest, digestOf, isDigest } from '../../oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT } from '../../oci/manifest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { findFile } from '../files/find.ts';
import type { SavedFiles } from '../files/files.ts';
import { readWhole } from '../files/content.ts';
import { type SavedBlob, savedInvalid, type SavedImages } from '../images.ts';

const BLOB = /^([0-9a-f]{64})(?:\.manifest\.json)?$/;

/**
 * Returns the image of skopeo's `dir:` and podman's `docker-dir`: `manifest.json` as the registry had it, each blob named by its digest,
 * and nothing that says how the image is called (containers/image, `directory/directory_transport.go`).
 *
 * @throws `ERR_ARCHIVE_INVALID`, `ERR_DOCUMENT_INVALID`
 */
export async function dirImages(
  saved: SavedFiles,
  { top, signal }: WaitOptions & { readonly top: string },
): Promise<SavedImages> {
  const file = findFile(saved, `${top}manifest.json`);
  if (file === undefined) throw savedInvalid(saved, 'it has no "manifest.json"');
  const bytes = await readWhole(saved, file, { limit: MANIFEST_LIMIT, signal });
  const { mediaType } = decodeManifest(bytes);
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  const blobs = new Map<Digest, SavedBlob>();
  for (const path of [...saved.files.keys(), ...saved.links.keys()]) {
    const digest = `sha256:${BLOB.exec(path.startsWith(top) ? path.slice(top.length) : '')?.[1] ?? ''}`;
    const blob = isDigest(digest) ? findFile(saved, path) : undefined;
    if (blob !== undefined && isDigest(digest)) blobs.set(digest, { size: blob.size, file: blob });
  }
  blobs.set(descriptor.digest, { size: bytes.length, bytes });
  return { path: saved.path, images: [{ descriptor }], attachments: [], blobs, others: [] };
}
