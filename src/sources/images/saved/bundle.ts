import { blobPath } from '../../../bundle/format/layout.ts';
import { openBundle } from '../../../bundle/open.ts';
import { throwIfInterrupted } from '../../../internal/interrupt.ts';
import type { Digest } from '../../../oci/digest.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { parseReference } from '../../../oci/reference.ts';
import type { WaitOptions } from '../../../oci/roles.ts';
import type { SavedBlob, SavedImage, SavedImages } from '../../../saved/images.ts';

/**
 * Returns the images of another bundle, with the signatures beside them, in whatever shape it is.
 *
 * @throws what `openBundle` throws
 */
export async function bundleImages(
  path: string,
  { written, signal }: WaitOptions & { readonly written: string },
): Promise<SavedImages> {
  await using bundle = await openBundle(path, { signal });
  const images: SavedImage[] = [];
  const attachments: Descriptor[] = [];
  for (const item of bundle.document.items) {
    const { name, descriptor } = item;
    if (item.kind === 'image') images.push({ name, descriptor, at: item.at, spellings: item.spellings });
    else if (item.kind === 'artifact') images.push({ name, descriptor });
    else if (item.kind !== 'signature') continue;
    // One with a tag is found by its name, as at a registry.
    else if (parseReference(name).tag === undefined) attachments.push(descriptor);
    else images.push({ name, descriptor });
  }
  const blobs = new Map<Digest, SavedBlob>();
  for (const { digest, size } of bundle.document.blobs) {
    throwIfInterrupted(signal);
    const entry = blobPath(digest);
    const at = (await bundle.archive.extents?.(entry)) ?? [];
    blobs.set(digest, { size, file: { path: entry, size, at } });
  }
  return { path: written, images, attachments, blobs, others: [] };
}
