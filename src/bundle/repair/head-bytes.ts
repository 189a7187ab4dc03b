import { collectBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { mapRows } from '../../internal/table/rows.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { fetchDocument } from '../../oci/verified.ts';
import type { BundleFile } from '../format/blobs/contents.ts';
import { PlannedBlobs } from '../format/blobs/planned.ts';
import { DOCUMENT_LIMIT } from '../format/decode.ts';
import { encodeDockerList } from '../format/encode-docker-list.ts';
import { encodeIndex } from '../format/encode-index.ts';
import { encodeReadme } from '../format/encode-readme.ts';
import { encodeSums } from '../format/encode-sums.ts';
import { walkItem } from '../plan/graph.ts';
import type { PlannedBlob } from '../format/item.ts';
import { LAYOUT, OCI_LAYOUT_BYTES } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';
import { unsigned } from '../format/signature-lines.ts';

/**
 * Returns the bytes of a file of the head: unchanged if `sound`, otherwise derived from `bundle.json`. A damaged
 * signature cannot be recovered; the unsigned placeholder takes its place.
 *
 * @throws `ERR_BUNDLE_DAMAGED` for a file that does not follow from `bundle.json` in the way of this program
 */
export async function headBytes(
  bundle: OpenBundle,
  file: BundleFile,
  options: WaitOptions & { readonly isSound: boolean },
): Promise<Uint8Array> {
  const { path } = file;
  const damaged = (): SaddlebagError =>
    new SaddlebagError(
      'ERR_BUNDLE_DAMAGED',
      `Cannot repair "${path}": it cannot be worked out from bundle.json`,
      {
        hint: 'Copy the bundle again, or build it again.',
      },
    );
  if (options.isSound) {
    return await collectBytes(bundle.stream(path, options), { limit: DOCUMENT_LIMIT, onExcess: damaged });
  }
  const bytes = await workOut(bundle, path, options);
  const isRight = bytes !== undefined && (file.digest === undefined || digestOf(bytes) === file.digest);
  if (!isRight) throw damaged();
  return bytes;
}

async function workOut(
  bundle: OpenBundle,
  path: string,
  options: WaitOptions,
): Promise<Uint8Array | undefined> {
  const { document, root } = bundle;
  switch (path) {
    case LAYOUT.ociLayout:
      return OCI_LAYOUT_BYTES;
    case LAYOUT.signature:
      return unsigned(document.signatureRoom);
    case LAYOUT.readme:
      return encodeReadme(document.name);
    case LAYOUT.index:
      return encodeIndex(document.items);
    case LAYOUT.dockerList:
      return encodeDockerList(document.items, await heldBlobs(bundle, options));
    case LAYOUT.sums:
      return encodeSums(document, root);
    default:
      return undefined;
  }
}

/** Returns the blobs in the form of a plan, with the manifests loaded. */
async function heldBlobs(bundle: OpenBundle, { signal }: WaitOptions): Promise<PlannedBlobs> {
  const bytes = new Map<Digest, Uint8Array>();
  for (const item of bundle.document.items) {
    for await (const { descriptor, document } of walkItem(bundle, item, { signal })) {
      if (document === undefined || bytes.has(descriptor.digest)) continue;
      bytes.set(
        descriptor.digest,
        await fetchDocument(bundle, descriptor, { limit: MANIFEST_LIMIT, signal }),
      );
    }
  }
  const elsewhere = { type: 'bundle', path: bundle.path } as const;
  const planned = mapRows(bundle.document.blobs, ({ digest, size }): PlannedBlob => {
    const own = bytes.get(digest);
    return {
      descriptor: { mediaType: MEDIA_TYPE.octetStream, digest, size },
      origin: own === undefined ? elsewhere : { type: 'bytes', bytes: own },
    };
  });
  return PlannedBlobs.of(planned);
}
