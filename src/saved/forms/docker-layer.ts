import { SaddlebagError } from '../../internal/error.ts';
import { quote } from '../../internal/quote.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, finishDigest, startDigest } from '../../oci/digest.ts';
import { decompressed } from '../../oci/layer/decompressed.ts';
import { limited } from '../../oci/layer/entries.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { SavedFile, SavedFiles } from '../files/files.ts';
import { headOf, streamSaved } from '../files/content.ts';

/** Nothing in a layer is compressed better than this; a small one may still grow to `FLOOR` bytes. */
const RATIO = 1100;
const FLOOR = 64 * 1024 * 1024;
const ZSTD = `${MEDIA_TYPE.ociLayer}+zstd`;

/**
 * Returns the descriptor of a layer that its config calls `diffId`. A plain tar has that digest, which is proven when the bundle is
 * written. A compressed one, as crane and Jib keep it, is read now: for the digest of its bytes, and of what they unpack to.
 *
 * @throws `ERR_DIGEST_MISMATCH` when it unpacks to something else
 */
export async function layerFor(
  saved: SavedFiles,
  { file, diffId }: { readonly file: SavedFile; readonly diffId: Digest },
  options: WaitOptions,
): Promise<Descriptor> {
  const magic = Buffer.from(await headOf(file, options)).toString('hex', 0, 4);
  const mediaType = magic.startsWith('1f8b')
    ? MEDIA_TYPE.ociLayerGzip
    : magic === '28b52ffd'
      ? ZSTD
      : undefined;
  if (mediaType === undefined) {
    if (file.seen !== undefined && file.seen.digest !== diffId) throw wrong(saved, file, file.seen.digest);
    return { mediaType: MEDIA_TYPE.ociLayer, digest: diffId, size: file.size };
  }
  const packed = startDigest();
  const plain = startDigest();
  const content = tapped(streamSaved(file, options), (chunk) => packed.update(chunk));
  for await (const chunk of limited(decompressed(content), Math.max(FLOOR, file.size * RATIO)))
    plain.update(chunk);
  const found = finishDigest(plain);
  if (found !== diffId) throw wrong(saved, file, found);
  return { mediaType, digest: finishDigest(packed), size: file.size };
}

async function* tapped(stream: ByteStream, tap: (chunk: Uint8Array) => void): ByteStream {
  for await (const chunk of stream) {
    tap(chunk);
    yield chunk;
  }
}

function wrong(saved: SavedFiles, file: SavedFile, found: Digest): SaddlebagError {
  return new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot verify layer ${quote(file.path)} of ${quote(saved.path)}: its config has no layer "${found}" there`,
    { hint: 'It is damaged: save the image again, or copy it again.' },
  );
}
