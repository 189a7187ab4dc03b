import type { PlacedEntry } from '../../archive/archive.ts';
import type { ByteReader, ByteWriter } from '../../disk/byte-file.ts';
import type { ArchiveLayout } from '../../archive/layout.ts';
import { type ByteStream, equalBytes } from '../../internal/bytes.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { selectRows } from '../../internal/table/rows.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { ContentMismatchError } from '../../oci/verified.ts';
import { blobContent, type BlobSource, isFinal, refused, TRIES } from './blob-content.ts';
import type { AtOnce } from './fill-all.ts';
import type { Positions } from './journal.ts';
import { BlobTable } from '../format/blobs/table.ts';
import type { HeadFile } from '../plan/head-file.ts';
import type { BundlePlan } from '../plan/plan.ts';
import { readAhead } from './read-ahead.ts';
import type { Tally } from './progress.ts';

export interface InOrderContext extends WaitOptions {
  readonly archive: ArchiveLayout;
  readonly source: BlobSource;
  readonly writer: ByteWriter;
  /** The same file, read. */
  readonly reader: ByteReader;
  /** How many bytes from the start of the archive an earlier run has left there. */
  readonly present: number;
  /** Bytes of blobs that an earlier run left in place. */
  readonly positions: Positions;
  readonly tally: Tally;
  readonly atOnce: AtOnce;
  readonly onPosition: (digest: Digest, bytes: number) => void;
  /** Receives all bytes in order, starting over at 0 when something was wrong. */
  readonly onBytes?: ((chunks: readonly Uint8Array[], position: number) => void) | undefined;
}

/** The archive is written in pieces of about this size (bytes). */
const BATCH = 1024 * 1024;

/**
 * Writes a planned bundle from its first byte to its last: for shapes with checksums of the content before the content, and
 * for filesystems that fill gaps with zeros. What is already there is read and compared, and not written again.
 *
 * @throws `ERR_SIZE_MISMATCH`, `ERR_DIGEST_MISMATCH` when the source gave wrong content three times; `ERR_INTERRUPTED`;
 * what the source and the writer throw
 */
export async function fillInOrder(plan: BundlePlan, context: InOrderContext): Promise<void> {
  const positions = Float64Array.from(
    plan.blobs.values().map(({ descriptor: { digest } }) => context.positions.get(digest) ?? 0),
  );
  const onPosition = (index: number, bytes: number): void => {
    positions[index] = bytes;
    const digest = plan.blobs.at(index)?.descriptor.digest;
    if (digest !== undefined) context.onPosition(digest, bytes);
  };
  const places = BlobTable.of(plan.document.blobs);
  for (const tries = new Map<Digest, number>(); ;) {
    const before = context.tally.progress;
    const start = positions.slice();
    try {
      await packOnce(plan, context, { positions, onPosition, tries });
      return;
    } catch (error) {
      if (!(error instanceof ContentMismatchError)) throw error;
      const { digest } = error.expected;
      const tried = (tries.get(digest) ?? 0) + 1;
      const index = places.indexOf(digest);
      const blob = plan.blobs.at(index);
      if (index === -1 || blob === undefined) throw error;
      const held = start[index] ?? 0;
      if (tried === TRIES || isFinal({ blob, held })) throw refused(blob, error);
      tries.set(digest, tried);
      positions[index] = 0;
      // Everything before it is read again from the disk, and counted again.
      context.tally.reset(before);
    }
  }
}

/** One attempt to pack the whole. */
interface Round {
  /** Bytes of each blob of the plan that are in place by now. */
  readonly positions: Float64Array;
  /** Takes how much of which blob of the plan is in place. */
  readonly onPosition: (index: number, bytes: number) => void;
  /** How often each blob was fetched and turned out wrong. */
  readonly tries: ReadonlyMap<Digest, number>;
}

async function packOnce(plan: BundlePlan, context: InOrderContext, round: Round): Promise<void> {
  const { archive, signal } = context;
  const reach = landmarks(plan, archive, round.onPosition);
  let position = 0;
  let writing: Promise<void> = Promise.resolve();
  const write = async (chunks: readonly Uint8Array[], at: number, length: number): Promise<void> => {
    if (!(await isThere(chunks, at, context))) await context.writer.write(chunks, at);
    context.onBytes?.(chunks, at);
    reach(at + length);
  };
  try {
    for await (const { chunks, length } of batched(archive.pack(contentsOf(plan, context, round)))) {
      await writing;
      throwIfInterrupted(signal);
      writing = write(chunks, position, length);
      // It is awaited with the next batch; until then a failure must not count as unhandled.
      writing.catch(() => undefined);
      position += length;
    }
  } finally {
    await writing;
  }
}

/** Returns a function that yields the content of each entry: the head from the plan, then its blobs in order. */
function contentsOf(
  plan: BundlePlan,
  { source: origin, reader, tally, atOnce, signal }: InOrderContext,
  { positions, tries }: Round,
): (entry: PlacedEntry) => ByteStream {
  const head = new Map(plan.files.map((file) => [file.path, file]));
  let next = 0;
  const missing = selectRows(plan.blobs, (_, index) => positions[index] === 0);
  const source = readAhead(origin, missing, {
    concurrency: atOnce.concurrency,
    small: atOnce.small,
    tries,
    signal,
  });
  async function* blobAt(position: number): ByteStream {
    const index = next++;
    const blob = plan.blobs.at(index);
    if (blob === undefined) return;
    const held = positions[index] ?? 0;
    const counted = tally.begin(blob);
    const place = { blob, position, held, attempt: tries.get(blob.descriptor.digest) };
    for await (const piece of blobContent(place, { source, reader, signal })) {
      counted.add(piece.isReused ? 'reused' : 'fetched', piece.bytes.length);
      yield piece.bytes;
    }
    counted.finish();
  }
  return ({ path, position }) => {
    const file = head.get(path);
    return file === undefined ? blobAt(position) : piecesOf(file);
  };
}

async function* piecesOf(file: HeadFile): ByteStream {
  yield* file.pieces();
}

/** Returns a function that records which blobs are in place, wholly or in part, once the archive is written up to a position. */
function landmarks(
  { files, blobs }: BundlePlan,
  archive: ArchiveLayout,
  onPosition: Round['onPosition'],
): (position: number) => void {
  let next = 0;
  return (position) => {
    for (;;) {
      const entry = archive.entries.at(files.length + next);
      if (entry === undefined) return;
      const bytes = Math.min(entry.size, position - entry.position);
      if (bytes < 0) return;
      if (next < blobs.length) onPosition(next, bytes);
      if (bytes < entry.size) return;
      next += 1;
    }
  };
}

/** Returns whether an earlier run left exactly these bytes. */
async function isThere(
  chunks: readonly Uint8Array[],
  position: number,
  { reader, present }: InOrderContext,
): Promise<boolean> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (position + length > present) return false;
  return equalBytes(await reader.read(position, length), Buffer.concat(chunks));
}

async function* batched(
  stream: ByteStream,
): AsyncGenerator<{ readonly chunks: readonly Uint8Array[]; readonly length: number }, void, void> {
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < BATCH) continue;
    yield { chunks, length };
    [chunks, length] = [[], 0];
  }
  if (length > 0) yield { chunks, length };
}
