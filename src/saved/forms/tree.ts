import { SaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import { quote } from '../../internal/quote.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT } from '../../oci/manifest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { SavedFiles } from '../files/files.ts';
import { readWhole } from '../files/content.ts';
import { type SavedBlob, savedInvalid, type SavedImage, type SavedImages } from '../images.ts';
import { fullName } from '../names.ts';

/** A tag in the tree of a mirror. */
export interface TreeTag {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
}

/**
 * Returns the images under the tags of a mirror. It does not say of which registry they are: at the next one they get the same
 * repository and tag, and until then they are called `localhost/…`.
 *
 * @throws `ERR_ARCHIVE_INVALID` for a tag whose manifest is not there, `ERR_DIGEST_MISMATCH`
 */
export async function treeImages(
  saved: SavedFiles,
  tree: {
    readonly tags: readonly TreeTag[];
    readonly blobs: ReadonlyMap<Digest, SavedBlob>;
    readonly others: readonly string[];
    readonly options: WaitOptions;
  },
): Promise<SavedImages> {
  const { blobs, options, others } = tree;
  const known = new Map<Digest, Descriptor>();
  const images: SavedImage[] = [];
  const tags = tree.tags.toSorted((left, right) => compareText(placeOf(left), placeOf(right)));
  for (const each of tags) {
    const descriptor = known.get(each.digest) ?? (await manifestOf(saved, each, { blobs, options }));
    known.set(each.digest, descriptor);
    images.push({ name: fullName(`localhost/${placeOf(each)}`), at: [placeOf(each)], descriptor });
  }
  return { path: saved.path, images, attachments: [], blobs, others };
}

function placeOf({ repository, tag }: TreeTag): string {
  return `${repository}:${tag}`;
}

/** A mirror keeps no media types beside its manifests: each says itself what it is. */
async function manifestOf(
  saved: SavedFiles,
  tag: TreeTag,
  work: { readonly blobs: ReadonlyMap<Digest, SavedBlob>; readonly options: WaitOptions },
): Promise<Descriptor> {
  const { digest } = tag;
  const blob = work.blobs.get(digest);
  if (blob === undefined || !('file' in blob))
    throw savedInvalid(saved, `manifest "${digest}" of ${quote(placeOf(tag))} is not there`, {
      hint: 'If the mirror was made in several pieces, give all of them; otherwise mirror it again.',
    });
  const bytes = await readWhole(saved, blob.file, { limit: MANIFEST_LIMIT, signal: work.options.signal });
  const found = digestOf(bytes);
  if (found !== digest)
    throw new SaddlebagError(
      'ERR_DIGEST_MISMATCH',
      `Cannot verify manifest ${quote(blob.file.path)} of ${quote(saved.path)}: its content has digest "${found}"`,
      { hint: 'It is damaged: mirror it again into an empty folder, or copy it again.' },
    );
  return { mediaType: decodeManifest(bytes).mediaType, digest, size: bytes.length };
}
