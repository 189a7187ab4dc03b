import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { Bundle } from '../bundle.ts';
import { allBlobs } from '../format/document.ts';
import { kindOf } from '../format/item.ts';
import { walkItem } from './walk-item.ts';

/** Which blobs items share with each other. */
export interface Sharing {
  /** Returns whether several items have a blob. */
  isShared(digest: Digest): boolean;
  /** Returns how large all blobs of the items of a kind are together, each counted once (bytes). */
  bytesOf(kind: string): number;
}

/** Reads all manifests of a bundle, and returns what its items share. Throws as {@link walkItem}. */
export async function sharingOf(bundle: Bundle, { signal }: WaitOptions = {}): Promise<Sharing> {
  const blobs = allBlobs(bundle.document);
  const isUsed = new Uint8Array(blobs.length);
  const isShared = new Uint8Array(blobs.length);
  /** The last kind that a blob was counted for, by its number from 1 on. */
  const counted = new Uint32Array(blobs.length);
  const bytes = new Map<string, number>();
  for (const [kind, items] of Map.groupBy(bundle.document.items, kindOf)) {
    const number = bytes.size + 1;
    let sum = 0;
    for (const item of items) {
      for await (const { descriptor } of walkItem(bundle, item, { signal })) {
        const index = blobs.indexOf(descriptor.digest);
        if (isUsed[index] === 1) isShared[index] = 1;
        isUsed[index] = 1;
        if (counted[index] !== number) sum += descriptor.size;
        counted[index] = number;
      }
    }
    bytes.set(kind, sum);
  }
  return {
    isShared: (digest) => isShared[blobs.indexOf(digest)] === 1,
    bytesOf: (kind) => bytes.get(kind) ?? 0,
  };
}
