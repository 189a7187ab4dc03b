import { collectBytes } from '../../../src/internal/bytes.ts';
import { isDigest } from '../../../src/oci/digest.ts';
import { decodeManifest, successorsOf } from '../../../src/oci/manifest.ts';
import { isManifestType } from '../../../src/oci/media-type.ts';
import type { RegistryContent } from './content.ts';

/**
 * Copies a repository as Harbor's replication does (`src/controller/replication/transfer/image`): artifact by artifact as they are
 * tagged, of each the children of an index first, by digest, whatever types blobs have; the tag last. Returns what was copied, in
 * order. Throws where Harbor refuses: an index with a child twice, or with one that is no manifest.
 */
export async function replicate(
  from: RegistryContent,
  to: RegistryContent,
  { name, tags = /^/ }: { readonly name: string; readonly tags?: RegExp },
): Promise<readonly string[]> {
  const copied: string[] = [];
  const bytesOf = async (digest: string): Promise<Uint8Array> => {
    const size = isDigest(digest) ? await from.store.sizeOf(digest) : undefined;
    if (!isDigest(digest) || size === undefined)
      throw new Error(`Cannot replicate ${digest}: it is not there`);
    const onExcess = (): Error => new Error('too long');
    return await collectBytes(from.store.read(digest, 0, size), { limit: size, onExcess });
  };
  const copy = async (digest: string, reference: string): Promise<void> => {
    const { mediaType = '' } = from.manifest(name, digest) ?? {};
    const bytes = await bytesOf(digest);
    const document = decodeManifest(bytes, mediaType);
    const children = successorsOf(document).map((child) => child.digest);
    if (document.type === 'index') {
      if (new Set(children).size < children.length)
        throw new Error(`Cannot store ${digest}: a child is there twice`);
      if (document.manifests.some((child) => !isManifestType(child.mediaType)))
        throw new Error(`Cannot store ${digest}: a child is no manifest`);
    }
    for (const child of children) {
      if (document.type === 'index') await copy(child, child);
      else if (to.find(name)?.blobs.has(child) !== true) {
        to.open(name).blobs.add(await to.store.write(await bytesOf(child)));
        copied.push(child);
      }
    }
    const outcome = await to.putManifest(name, reference, { bytes, mediaType });
    if (typeof outcome !== 'string') throw new Error(`Cannot store ${digest}: ${outcome.code}`);
    copied.push(reference);
  };
  for (const [tag, digest] of from.find(name)?.tags ?? []) if (tags.test(tag)) await copy(digest, tag);
  return copied;
}
