import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LAYOUT, OCI_LAYOUT_BYTES } from '../../bundle/format/layout.ts';
import { decodeLayoutIndex, INDEX_LIMIT, type NamedImage } from '../../bundle/open-layout.ts';
import { SaddlebagError, systemCode } from '../../internal/error.ts';
import { encodeJson, isRecord } from '../../internal/json.ts';
import { ANNOTATION } from '../../oci/annotation.ts';
import { encodeDescriptor } from '../../oci/descriptor.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { lockDocument } from '../../disk/sharing/lock.ts';
import type { Owner } from '../../disk/owner.ts';
import { place } from '../../disk/place.ts';
import { atTarget } from '../../disk/errno.ts';

export interface LayoutWrite extends WaitOptions {
  readonly owner?: Owner | undefined;
}

/**
 * Makes sure that a folder is an OCI image layout or can become one.
 *
 * @throws `ERR_TARGET_REFUSED` when a bundle is there: adding images would invalidate it
 */
export async function requireLayoutFolder(folder: string): Promise<void> {
  const found = await readIfThere(join(folder, LAYOUT.document));
  if (found === undefined) return;
  throw new SaddlebagError('ERR_TARGET_REFUSED', `Cannot put images into "${folder}": a bundle is there`, {
    hint: 'Choose another directory; "bundle serve" serves both together.',
  });
}

/** Returns the images named in a layout; none when there is no layout. @throws `ERR_DOCUMENT_INVALID` */
export async function imagesIn(folder: string): Promise<readonly NamedImage[]> {
  const bytes = await readIfThere(join(folder, LAYOUT.index));
  return bytes === undefined ? [] : decodeLayoutIndex(bytes);
}

/** Names an image in a layout; all other entries stay. The list is replaced atomically. */
export async function nameImage(folder: string, image: NamedImage, options: LayoutWrite): Promise<void> {
  await writeDocument(join(folder, LAYOUT.ociLayout), OCI_LAYOUT_BYTES, options);
  const path = join(folder, LAYOUT.index);
  await using _lock = await lockDocument(path, options);
  const { name, descriptor } = image;
  const annotations = { [ANNOTATION.containerdName]: name, [ANNOTATION.refName]: name };
  const others = entriesOf(await readIfThere(path)).filter((entry) => nameOf(entry) !== name);
  const { mediaType, digest, size } = descriptor;
  const manifests = [...others, encodeDescriptor({ mediaType, digest, size, annotations })];
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests };
  await writeDocument(path, encodeJson(index), options);
}

async function writeDocument(path: string, bytes: Uint8Array, options: LayoutWrite): Promise<void> {
  const { owner, signal } = options;
  await place(path, bytes, { mode: 0o644, owner, kind: 'target', signal });
}

/** Keeps the raw document, so that fields we do not know survive. */
function entriesOf(bytes: Uint8Array | undefined): readonly Record<string, unknown>[] {
  if (bytes === undefined) return [];
  decodeLayoutIndex(bytes);
  const index: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return isRecord(index) && Array.isArray(index['manifests']) ? index['manifests'].filter(isRecord) : [];
}

function nameOf({ annotations }: Record<string, unknown>): unknown {
  if (!isRecord(annotations)) return undefined;
  return annotations[ANNOTATION.containerdName] ?? annotations[ANNOTATION.refName];
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  return await atTarget('read', path, async () => {
    try {
      const { size } = await stat(path);
      if (size <= INDEX_LIMIT) return await readFile(path);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    throw new SaddlebagError(
      'ERR_DOCUMENT_INVALID',
      `Cannot read "${path}": it is larger than any list of images`,
    );
  });
}
