import { type Digest, digestOf, isDigest } from '../../oci/digest.ts';
import { MANIFEST_LIMIT } from '../../oci/manifest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { findFile } from '../files/find.ts';
import type { SavedFiles } from '../files/files.ts';
import { readWhole } from '../files/content.ts';
import type { SavedBlob, SavedImages } from '../images.ts';
import { treeImages, type TreeTag } from './tree.ts';

/** `v2/<repository>/{blobs,manifests}/<name>` */
const PLACE = /^v2\/(?<repository>.+)\/(?<kind>blobs|manifests)\/(?<name>[^/]+)$/;
/** On Windows `oc` writes a hyphen. */
const DIGEST = /^sha256[:-](?<hex>[0-9a-f]{64})$/;

/** Returns whether a path is one of the tree. */
export function isInOcTree(path: string): boolean {
  return PLACE.test(path);
}

/**
 * Returns the images in the tree that `oc adm release mirror --to-dir` and `oc image mirror --dir` write (openshift/oc,
 * `pkg/cli/image/imagesource/file.go`): blobs and manifests by digest, and a tag as a link, whose target is a digest, in older trees
 * behind a path. A copy that turned the links into files is read too.
 *
 * @throws `ERR_ARCHIVE_INVALID`, `ERR_DIGEST_MISMATCH`
 */
export async function ocTreeImages(
  saved: SavedFiles,
  options: WaitOptions & { readonly top: string },
): Promise<SavedImages> {
  const { top } = options;
  const blobs = new Map<Digest, SavedBlob>();
  const tags: TreeTag[] = [];
  for (const path of [...saved.files.keys(), ...saved.links.keys()]) {
    if (!path.startsWith(top)) continue;
    const { repository, kind, name } = PLACE.exec(path.slice(top.length))?.groups ?? {};
    if (repository === undefined || name === undefined) continue;
    const own = digestIn(name);
    if (own !== undefined) {
      const file = findFile(saved, path);
      if (file !== undefined && !blobs.has(own)) blobs.set(own, { size: file.size, file });
    } else if (kind === 'manifests' && !name.endsWith('.download')) {
      const digest = await targetOf(saved, path, { blobs, options });
      if (digest !== undefined) tags.push({ repository, tag: name, digest });
    }
  }
  const hasConfig =
    saved.files.has(`${top}config`) ||
    [...saved.files.keys()].some((path) => path.startsWith(`${top}config/`));
  const others = hasConfig ? ['signatures of releases under "config"'] : [];
  return await treeImages(saved, { tags, blobs, others, options });
}

async function targetOf(
  saved: SavedFiles,
  path: string,
  work: { readonly blobs: Map<Digest, SavedBlob>; readonly options: WaitOptions },
): Promise<Digest | undefined> {
  const link = saved.links.get(path);
  if (link !== undefined) return digestIn(link.target.replace(/^.*[/\\]/, ''));
  const file = findFile(saved, path);
  if (file === undefined) return undefined;
  const bytes = await readWhole(saved, file, { limit: MANIFEST_LIMIT, signal: work.options.signal });
  const digest = digestOf(bytes);
  work.blobs.set(digest, { size: file.size, file });
  return digest;
}

function digestIn(name: string): Digest | undefined {
  const digest = `sha256:${DIGEST.exec(name)?.groups?.['hex'] ?? ''}`;
  return isDigest(digest) ? digest : undefined;
}
