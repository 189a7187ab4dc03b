import type { ByteWriter } from '../../disk/byte-file.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { ContentMismatchError } from '../../oci/verified.ts';
import { blobContent, type ContentContext, isFinal, type Place, refused, TRIES } from './blob-content.ts';

export type { Place } from './blob-content.ts';

export interface FillContext extends ContentContext {
  readonly writer: ByteWriter;
  /**
   * Called when more bytes are in place, with their number and whether they were already there. A negative number takes
   * bytes back.
   */
  readonly onBytes: (kind: 'fetched' | 'reused', count: number) => void;
  /** Called when the first `bytes` of the blob are in place. */
  readonly onPosition: (bytes: number) => void;
}

/** Chunks of the network are gathered to writes of about this size (bytes); two such batches a blob is all that is held. */
const BATCH = 1024 * 1024;
/** A slow network fills no batch in this time (milliseconds), and its bytes are counted all the same. */
const BATCH_TIME = 1000;
/** So many chunks fit into one system call everywhere (POSIX, IOV_MAX). */
const BATCH_CHUNKS = 1024;

/**
 * Puts a blob into its place: every byte is hashed once and written once, at most one write under way.
 *
 * @throws `ERR_SIZE_MISMATCH`, `ERR_DIGEST_MISMATCH` when the source gave something else three times; `ERR_INTERRUPTED`;
 * what the source and the writer throw
 */
export async function fillBlob(place: Place, context: FillContext): Promise<void> {
  let { held } = place;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await fillOnce({ ...place, held, attempt }, context);
      return;
    } catch (error) {
      if (!(error instanceof ContentMismatchError)) throw error;
      if (attempt + 1 === TRIES || isFinal({ ...place, held })) throw refused(place.blob, error);
      held = 0;
    }
  }
}

async function fillOnce(place: Place, context: FillContext): Promise<void> {
  const count = { fetched: 0, reused: 0 };
  const onBytes = (kind: 'fetched' | 'reused', bytes: number): void => {
    count[kind] += bytes;
    context.onBytes(kind, bytes);
  };
  try {
    await copyContent(place, context, onBytes);
    context.onPosition(place.blob.descriptor.size);
  } catch (error) {
    context.onBytes('fetched', -count.fetched);
    context.onBytes('reused', -count.reused);
    throw error;
  }
}

async function copyContent(
  place: Place,
  context: FillContext,
  onBytes: FillContext['onBytes'],
): Promise<void> {
  let received = 0;
  let batch: Uint8Array[] = [];
  let batched = 0;
  let flushedAt = performance.now();
  let kind: 'fetched' | 'reused' = 'fetched';
  let writing: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    throwIfInterrupted(context.signal);
    writing = writeBatch(batch, received - batched);
    // The write is awaited at the next flush; until then, a failure must not count as an unhandled rejection.
    writing.catch(() => undefined);
    [batch, batched] = [[], 0];
    flushedAt = performance.now();
  };
  const writeBatch = async (chunks: readonly Uint8Array[], offset: number): Promise<void> => {
    await context.writer.write(chunks, place.position + offset);
    const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
    onBytes(kind, bytes);
    context.onPosition(offset + bytes);
  };
  try {
    for await (const { bytes, isHeld, isReused } of blobContent(place, context)) {
      received += bytes.length;
      if (isHeld) {
        onBytes('reused', bytes.length);
        continue;
      }
      // All bytes of one attempt come from one origin.
      kind = isReused ? 'reused' : 'fetched';
      batch.push(bytes);
      batched += bytes.length;
      const isDue = performance.now() - flushedAt >= BATCH_TIME;
      if (batched >= BATCH || batch.length >= BATCH_CHUNKS || isDue) await flush();
    }
    if (batched > 0) await flush();
  } finally {
    // A write still in progress must not land over those of the next attempt.
    await writing;
  }
}
