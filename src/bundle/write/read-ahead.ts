import type { ByteStream } from '../../internal/bytes.ts';
import type { Digest } from '../../oci/digest.ts';
import { SMALL_TRANSFER } from '../../internal/http/host.ts';
import type { Rows } from '../../internal/table/rows.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { BlobSource } from './blob-content.ts';
import type { AtOnce } from './fill-all.ts';
import { BlobTable } from '../format/blobs/table.ts';
import type { PlannedBlob } from '../format/item.ts';

/** A larger blob is fetched when its turn comes (bytes): it does not wait long for an answer, compared to its transfer. */
const SMALL = 4 * 1024 * 1024;

/**
 * Returns a source for blobs that are asked for one after the other: while one is being read, the next few small ones are
 * fetched into memory, `concurrency` blobs ahead, and `small` more of those that cost little. `upcoming` has the blobs in the order they will be asked for.
 */
export function readAhead(
  source: BlobSource,
  upcoming: Rows<PlannedBlob>,
  options: WaitOptions &
    AtOnce & {
      /** How often each blob was fetched and turned out wrong. */
      readonly tries?: ReadonlyMap<Digest, number> | undefined;
    },
): BlobSource {
  const { concurrency, small = 0, signal, tries } = options;
  const order = BlobTable.of(upcoming.values().map(({ descriptor }) => descriptor));
  /** Which of them were read: one that was wrong is read again, with nothing ahead. */
  const passed = new Uint8Array(order.length);
  const fetched = new Map<Digest, Promise<readonly Uint8Array[]>>();
  const start = (blob: PlannedBlob): void => {
    const { digest, size } = blob.descriptor;
    if (size === 0 || size > SMALL || isNear(blob) || fetched.has(digest)) return;
    const chunks = chunksOf(
      () => source.open(blob, { offset: 0, attempt: tries?.get(digest), signal }),
      size,
    );
    // The caller who asks for the blob gets the failure.
    chunks.catch(() => undefined);
    fetched.set(digest, chunks);
  };
  return {
    isAtHand: (blob) => source.isAtHand?.(blob) === true,
    async *open(blob, request) {
      const { digest } = blob.descriptor;
      const index = order.indexOf(digest);
      if (index !== -1 && passed[index] === 0) {
        const near = index + concurrency;
        upcoming.slice(index, near).forEach(start);
        const beyond = upcoming.slice(near, near + small);
        beyond.filter(({ descriptor }) => descriptor.size <= SMALL_TRANSFER).forEach(start);
      }
      const ahead = (request.offset ?? 0) === 0 ? fetched.get(digest) : undefined;
      yield* ahead === undefined ? source.open(blob, request) : await ahead;
      // A blob that was wrong is fetched again.
      fetched.delete(digest);
      if (index !== -1) passed[index] = 1;
    },
  };
}

/** What is on this machine waits for no answer; a compressed archive would be unpacked once more for each that is read ahead. */
function isNear({ origin }: PlannedBlob): boolean {
  return origin.type === 'bytes' || origin.type === 'archive';
}

/** Stops one chunk after `limit` (bytes): the consumer notices that it is too much. */
async function chunksOf(open: () => ByteStream, limit: number): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of open()) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) break;
  }
  return chunks;
}
