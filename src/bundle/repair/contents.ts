import { type ByteStream, streamOf } from '../../internal/bytes.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { BundleFile } from '../format/blobs/contents.ts';
import { BlobTable } from '../format/blobs/table.ts';
import { BLOB_FOLDER, blobPath } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';
import type { Damage } from './damage.ts';
import { headBytes } from './head-bytes.ts';

/** What every file of a bundle should hold. */
export interface RightContents {
  /** Files that do not, in archive order. */
  readonly wrong: readonly BundleFile[];
  /** Yields what a file should hold, verified where it comes from a patch. */
  open(path: string, options?: WaitOptions): ByteStream;
}

/**
 * Returns what the files of a bundle should hold: its head from `bundle.json`, damaged blobs from where `bundle` reads them.
 *
 * @throws `ERR_BUNDLE_DAMAGED` for a file of the head that cannot be worked out
 */
export async function rightContents(
  bundle: OpenBundle,
  damage: Damage,
  { signal }: WaitOptions = {},
): Promise<RightContents> {
  const { contents, document } = bundle;
  const heads = new Map<string, Uint8Array>();
  for (const file of contents.head) {
    const isSound = !damage.files.includes(file.path);
    heads.set(file.path, await headBytes(bundle, file, { isSound, signal }));
  }
  const blobs = BlobTable.of(document.blobs);
  const wrong = new Set([...damage.files, ...damage.blobs.map(({ digest }) => blobPath(digest))]);
  return {
    wrong: contents.filter(({ path }) => wrong.has(path)),
    open: (path, wait) => {
      const head = heads.get(path);
      if (head !== undefined) return streamOf(head);
      const blob = blobs.at(blobs.indexOfHex(path, BLOB_FOLDER.length));
      if (blob === undefined) throw new TypeError(`no file of the bundle is called "${path}"`);
      return bundle.fetch({ mediaType: MEDIA_TYPE.octetStream, ...blob }, { signal: wait?.signal });
    },
  };
}
