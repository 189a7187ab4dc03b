import type { ByteStream } from '../../internal/bytes.ts';
import type { Digest } from '../../oci/digest.ts';
import type { FetchOptions } from '../../oci/roles.ts';
import { checkContent, type ContentOptions } from './content.ts';
import { CheckReport } from './report.ts';
import type { OpenBundle } from '../bundle.ts';
import type { KnownFile } from '../format/blobs/contents.ts';
import { BlobTable } from '../format/blobs/table.ts';
import type { BlobRef } from '../format/document.ts';
import { blobPath } from '../format/layout.ts';

/** A place besides the bundle that may have its blobs: another bundle, or what an earlier install filled. */
export interface BlobBase {
  /** For people. */
  readonly name: string;
  /** Root digests of the bundles that this base vouches for: they were complete when it was made. */
  readonly vouchesFor: readonly Digest[];
  /** Looks for blobs, and reads those on disk to verify them. */
  find(blobs: readonly BlobRef[], options?: ContentOptions): Promise<Found>;
  /** Yields the bytes of a blob that was found, unverified. */
  open(blob: BlobRef, options?: FetchOptions): ByteStream;
}

interface Found {
  /** Present, and right as far as we can know without transferring them. */
  readonly held: ReadonlySet<Digest>;
  /** Present, but with the wrong content. */
  readonly damaged: ReadonlySet<Digest>;
}

/** Where blobs were found, and which were not. */
export interface Supply {
  readonly sources: ReadonlyMap<Digest, BlobBase>;
  readonly absent: readonly BlobRef[];
  /** Bases that have a damaged copy of a blob. */
  readonly damagedIn: ReadonlyMap<Digest, readonly BlobBase[]>;
}

/** Looks for blobs in one base after the other; a blob comes from the first base that has it intact. */
export async function findInBases(
  blobs: readonly BlobRef[],
  bases: readonly BlobBase[],
  options: ContentOptions = {},
): Promise<Supply> {
  const sources = new Map<Digest, BlobBase>();
  const damagedIn = new Map<Digest, BlobBase[]>();
  let absent = blobs;
  for (const base of bases) {
    if (absent.length === 0) break;
    const { held, damaged } = await base.find(absent, options);
    for (const digest of held) sources.set(digest, base);
    for (const digest of damaged) damagedIn.set(digest, [...(damagedIn.get(digest) ?? []), base]);
    absent = absent.filter(({ digest }) => !held.has(digest));
  }
  return { sources, absent, damagedIn };
}

/** Returns a bundle as a source of blobs for another one. */
export function bundleBase(bundle: OpenBundle): BlobBase {
  const { document, root, archive, path } = bundle;
  const own = BlobTable.of(document.blobs);
  return {
    name: path,
    vouchesFor: document.patchOf === undefined ? [root] : [root, document.patchOf],
    async find(blobs, { onProgress, workers, signal } = {}) {
      const report = new CheckReport();
      const files = new Map<Digest, KnownFile>();
      for (const { digest, size } of blobs) {
        if (own.sizeOf(digest) === size) files.set(digest, { path: blobPath(digest), digest, size });
      }
      await checkContent(bundle, [...files.values()], { report, onProgress, workers, signal });
      const isHeld = (digest: Digest): boolean => report.isSound(blobPath(digest));
      return {
        held: new Set([...files.keys()].filter(isHeld)),
        damaged: new Set([...files.keys()].filter((digest) => !isHeld(digest))),
      };
    },
    open: ({ digest }, options) => archive.stream(blobPath(digest), options),
  };
}
