import type { ByteWriter } from '../../disk/byte-file.ts';
import { type Digests, openDigests } from '../../disk/hash/digests.ts';
import { AlignedMemory } from '../../disk/write/aligned.ts';
import { BATCH, BATCHES, Batches } from '../../disk/write/batches.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { Lease } from '../../internal/lease.ts';
import { ContentMismatchError } from '../../oci/verified.ts';
import { blobContent, type ContentContext, type Place } from './blob-content.ts';
import type { AtOnce } from './fill-all.ts';

/** From this size (bytes) on, a blob is worth the message that a thread is sent for each batch. */
export const BULK: number = 1024 * 1024;
/** A slow network fills no write in this time (milliseconds), and its bytes are counted all the same. */
export const BATCH_TIME = 1000;

/** What large blobs share. */
export interface Bulk extends AsyncDisposable {
  readonly digests: Digests;
  readonly memory: AlignedMemory;
}

/** What it takes to put a blob into its place. */
export interface FillContext extends ContentContext {
  readonly writer: ByteWriter;
  readonly bulk: Bulk;
  /**
   * Called when more bytes are in place, with their number and whether they were already there. A negative number takes
   * bytes back.
   */
  readonly onBytes: (kind: 'fetched' | 'reused', count: number) => void;
  /** Called when the first `bytes` of the blob are in place. */
  readonly onPosition: (bytes: number) => void;
}

/** Returns what so many large blobs at once need. */
export function openBulk({ concurrency }: AtOnce): Bulk {
  const digests = openDigests();
  return {
    digests,
    memory: new AlignedMemory(BATCH, BATCHES * concurrency),
    [Symbol.asyncDispose]: () => digests[Symbol.asyncDispose](),
  };
}

/**
 * Puts the content of a large blob into its place, in batches that are hashed by a thread while they are written.
 *
 * @throws `ContentMismatchError`; what the source, the reader and the writer throw
 */
export async function copyInBulk(place: Place, context: FillContext): Promise<void> {
  const { source, reader, writer, bulk, signal, onBytes, onPosition } = context;
  const { descriptor } = place.blob;
  const digest = bulk.digests.start();
  let [received, inPlace] = [0, 0];
  let writtenAt = performance.now();
  let kind: 'fetched' | 'reused' = 'fetched';
  let lease: Lease | undefined;
  try {
    await using batches = new Batches(bulk.memory, async (bytes, position) => {
      throwIfInterrupted(signal);
      writtenAt = performance.now();
      const hashed = digest.update(bytes);
      try {
        await writer.write([bytes], position);
      } finally {
        // The thread may still read what could not be written.
        await hashed;
      }
      inPlace += bytes.length;
      onBytes(kind, bytes.length);
      onPosition(inPlace);
    });
    lease = new Lease({ landing: batches.landing(() => place.position + received) });
    const content = blobContent(place, { source, reader, digest: 'reader', lease, signal });
    for await (const { bytes, isHeld, isReused } of content) {
      if (isHeld) {
        await digest.update(bytes);
        inPlace += bytes.length;
        onBytes('reused', bytes.length);
      } else {
        // All bytes of one attempt come from one origin.
        kind = isReused ? 'reused' : 'fetched';
        await batches.add(bytes, place.position + received);
        lease.release();
        if (performance.now() - writtenAt >= BATCH_TIME) await batches.flush();
      }
      received += bytes.length;
    }
    await batches.end();
    const found = await digest.finish();
    if (found !== descriptor.digest)
      throw new ContentMismatchError(descriptor, { size: received, digest: found });
  } finally {
    digest.drop();
    lease?.end();
  }
}
