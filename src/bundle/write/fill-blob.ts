import { WriteBehind } from '../../disk/write/behind.ts';
import { Lease } from '../../internal/lease.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { ContentMismatchError } from '../../oci/verified.ts';
import { BATCH_TIME, BULK, copyInBulk, type FillContext } from './copy-in-bulk.ts';
import {
  blobContent,
  type BlobPiece,
  type ContentContext,
  isFinal,
  type Place,
  refused,
  TRIES,
  wholeContent,
} from './blob-content.ts';

export type { Place } from './blob-content.ts';

/**
 * Puts a blob into its place: every byte is hashed once and written once, at most one write under way.
 *
 * @throws `ERR_SIZE_MISMATCH`, `ERR_DIGEST_MISMATCH` when the source gave something else three times; `ERR_INTERRUPTED`;
 * what the source and the writer throw
 */
export async function fillBlob(place: Place, context: FillContext): Promise<void> {
  await trying(place, (tried) => fillOnce(tried, context));
}

/**
 * Returns the content of a blob that is so small that it is kept until others are written with it.
 *
 * @throws as {@link fillBlob}
 */
export async function fetchSmall(
  place: Place,
  context: Pick<ContentContext, 'source' | 'signal'>,
): Promise<Omit<BlobPiece, 'isHeld'>> {
  return await trying(place, (tried) => wholeContent(tried, context));
}

/** Fetches wrong content again, from its start. */
async function trying<T>(place: Place, fill: (place: Place) => Promise<T>): Promise<T> {
  let { held } = place;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await fill({ ...place, held, attempt });
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
    const copy = place.blob.descriptor.size < BULK ? copyContent : copyInBulk;
    const { source, reader, writer, bulk, signal, onPosition } = context;
    await copy(place, { source, reader, writer, bulk, signal, onBytes, onPosition });
    context.onPosition(place.blob.descriptor.size);
  } catch (error) {
    context.onBytes('fetched', -count.fetched);
    context.onBytes('reused', -count.reused);
    throw error;
  }
}

async function copyContent(place: Place, context: FillContext): Promise<void> {
  const { onBytes } = context;
  let inPlace = 0;
  let writtenAt = performance.now();
  let kind: 'fetched' | 'reused' = 'fetched';
  const behind = new WriteBehind(async (bytes) => {
    throwIfInterrupted(context.signal);
    writtenAt = performance.now();
    await context.writer.write([bytes], place.position + inPlace);
    inPlace += bytes.length;
    onBytes(kind, bytes.length);
    context.onPosition(inPlace);
  });
  const { source, reader, signal } = context;
  const lease = new Lease();
  try {
    for await (const { bytes, isHeld, isReused } of blobContent(place, {
      source,
      reader,
      lease,
      signal,
    })) {
      if (isHeld) {
        inPlace += bytes.length;
        onBytes('reused', bytes.length);
        continue;
      }
      // All bytes of one attempt come from one origin.
      kind = isReused ? 'reused' : 'fetched';
      await behind.add(bytes);
      if (performance.now() - writtenAt >= BATCH_TIME) await behind.flush();
    }
    await behind.end();
  } finally {
    // A write still in progress must not land over those of the next attempt.
    await behind.settled();
    lease.end();
  }
}
