import { dirname } from 'node:path';
import type { ByteReader, ByteWriter } from '../../disk/byte-file.ts';
import type { Filesystem } from '../../disk/filesystem.ts';
import { type HeldPath, holdPath } from '../../disk/sharing/held-path.ts';
import { type FramedLayout, isFramed } from '../../archive/layout.ts';
import { openVolumeReader } from '../../archive/volumes/reader.ts';
import { openVolumeWriter } from '../../archive/volumes/writer.ts';
import { GatheredWrites } from '../../disk/write/gathered.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import { Handles } from '../../internal/handles.ts';
import type { Finding } from '../../internal/finding.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { Digest } from '../../oci/digest.ts';
import { mapRows, type Rows } from '../../internal/table/rows.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { BlobSource, Place } from './blob-content.ts';
import { requireOurs } from '../output/complete.ts';
import { Checkpoints } from './checkpoints.ts';
import { earlierWork, type EarlierWork, makeFolders } from './earlier-work.ts';
import { type AtOnce, fillAll, incomplete, isFatal, untilStopped } from './fill-all.ts';
import { type Bulk, openBulk } from './copy-in-bulk.ts';
import { fetchSmall, fillBlob } from './fill-blob.ts';
import { fillInOrder } from './fill-in-order.ts';
import { type JournalHead, startJournal } from './journal.ts';
import { journalPath, type OutputLayout } from '../output/layout.ts';
import type { BundlePlan } from '../plan/plan.ts';
import type { BlobTally, Tally } from './progress.ts';
import { VolumeHasher } from '../volumes/hasher.ts';
import { writeVolumeSums } from '../volumes/sums.ts';

/** Blobs up to this size (bytes) are written together. */
const GATHERED = 64 * 1024;

export interface PartialOptions extends WaitOptions {
  readonly output: OutputLayout;
  readonly filesystem: Filesystem;
  readonly head: JournalHead;
  readonly source: BlobSource;
  readonly tally: Tally;
  readonly atOnce: AtOnce;
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/**
 * Writes every byte of a planned bundle to its partial file, and returns when all of it is on the disk: with a handle that
 * later shows whether it is still the same file. An earlier partial of the same plan is continued; one of another plan is
 * started over with a warning.
 */
export async function writePartial(plan: BundlePlan, options: PartialOptions): Promise<HeldPath> {
  const { output, filesystem, head, onFinding, signal } = options;
  const { volumes, kind } = output;
  // A file that holds a single entry is written from start to end anyway, and need not exist before.
  const reserve = !filesystem.fillsGaps && kind !== 'folder';
  const earlier = await earlierWork(head, { output, reserve, onFinding });
  const stop = new AbortController();
  await using journal = await startJournal(journalPath(output.path), head, earlier.positions);
  await makeFolders(output);
  await using stack = new Handles();
  const held = stack.use(await holdPath(output.partial, { file: kind === 'file' }));
  await using writer = await openVolumeWriter(volumes, { reserve });
  await using reader = openVolumeReader(volumes, { growing: true });
  await using checkpoints = new Checkpoints(writer, journal, { onFailure: (error) => stop.abort(error) });
  const onPosition = (digest: Digest, bytes: number): void => checkpoints.note(digest, bytes);
  const hasher = new VolumeHasher(volumes);
  await using bulk = openBulk(options.atOnce);
  const work = { options, hasher, bulk, writer, reader, earlier, stop, onPosition };
  try {
    if (isFramed(output.archive) && (kind === 'folder' || !filesystem.fillsGaps)) {
      await writeAnywhere(plan, output.archive, work);
    } else {
      await writeInOrder(plan, work);
    }
  } finally {
    // However it ended: what has been written need not be fetched again.
    await checkpoints.save();
  }
  await writer.sync();
  await requireOurs(output, held);
  await writeVolumeSums(output.cuts, { signal, known: hasher.digests, workFolder: dirname(output.path) });
  stack.move();
  return held;
}

interface Work {
  readonly options: PartialOptions;
  readonly writer: ByteWriter;
  /** The same files, read. */
  readonly reader: ByteReader;
  readonly earlier: EarlierWork;
  readonly hasher: VolumeHasher;
  readonly bulk: Bulk;
  /** Ends everything at once. */
  readonly stop: AbortController;
  readonly onPosition: (digest: Digest, bytes: number) => void;
}

/** The fastest way, for layouts whose content may be written in any order: many blobs at once. */
async function writeAnywhere(plan: BundlePlan, layout: FramedLayout, work: Work): Promise<void> {
  const { writer, reader, bulk, onPosition, stop } = work;
  const { source, tally, atOnce } = work.options;
  const places = placesOf(plan, layout, work);
  await writeFrame(plan, layout, places, work);
  const gathered = new GatheredWrites<Gathered>(writer, (written) =>
    tally.together(() => {
      for (const { place, kind, counted } of written) {
        const { digest, size } = place.blob.descriptor;
        counted.add(kind, size);
        counted.finish();
        onPosition(digest, size);
      }
    }),
  );
  const gather = async (place: Place, counted: BlobTally, signal: AbortSignal): Promise<void> => {
    const { bytes, isReused } = await fetchSmall(place, { source, signal });
    // A source that was slow to stop comes when nobody writes any more.
    throwIfInterrupted(signal);
    const { start, chunks: all } = framed(layout, place.position, [bytes]);
    const kind = isReused ? 'reused' : 'fetched';
    await gathered.add({ position: start, chunks: all, of: { place, kind, counted } });
  };
  const fill = async (place: Place, signal: AbortSignal): Promise<void> => {
    const counted = tally.begin(place.blob);
    try {
      if (isGathered(place, work.options)) return await gather(place, counted, signal);
      await fillBlob(place, {
        source,
        writer,
        reader,
        bulk,
        signal,
        onBytes: (kind, count) => counted.add(kind, count),
        onPosition: (bytes) => onPosition(place.blob.descriptor.digest, bytes),
      });
      counted.finish();
    } finally {
      counted.end();
    }
  };
  try {
    await fillAll(places, fill, {
      concurrency: atOnce.concurrency,
      small: atOnce.small,
      stop,
      signal: work.options.signal,
    });
  } finally {
    await gathered.flush();
  }
  throwIfInterrupted(work.options.signal);
}

/** A small blob that is written together with others, and with what lies between them. */
interface Gathered {
  readonly place: Place;
  readonly kind: 'fetched' | 'reused';
  readonly counted: BlobTally;
}

/** The files of a folder are written each for itself, some at once. */
function isGathered({ blob, held }: Place, { output }: PartialOptions): boolean {
  return output.kind !== 'folder' && held === 0 && blob.descriptor.size <= GATHERED;
}

/** One blob after the other. The first that cannot be fetched ends it: nothing after it could be written. */
async function writeInOrder(plan: BundlePlan, work: Work): Promise<void> {
  const { options, writer, reader, earlier, hasher, stop, onPosition } = work;
  const { output, source, tally, atOnce } = options;
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  try {
    const isCut = output.cuts.length > 0;
    const filling = fillInOrder(plan, {
      archive: output.archive,
      source,
      writer,
      reader,
      present: earlier.present,
      positions: earlier.positions,
      tally,
      atOnce,
      signal,
      onPosition,
      onBytes: isCut ? (chunks, position) => hasher.take(chunks, position) : undefined,
    });
    await untilStopped(filling, signal);
  } catch (error) {
    if (!signal.aborted && isSaddlebagError(error) && !isFatal(error)) throw incomplete(error.code, [error]);
    if (!signal.aborted) throw error;
  }
  if (stop.signal.aborted) throw stop.signal.reason;
  throwIfInterrupted(options.signal);
}

/** The head of the bundle, and what lies between contents that are not gathered. Cheap enough to be written again each time. */
async function writeFrame(
  plan: BundlePlan,
  layout: FramedLayout,
  places: Iterable<Place>,
  { writer, options }: Work,
): Promise<void> {
  const write = async (bytes: Uint8Array, position: number): Promise<void> => {
    throwIfInterrupted(options.signal);
    await writer.write([bytes], position);
  };
  const writeBefore = async (position: number): Promise<void> => {
    const frame = layout.frameBefore(position);
    if (frame !== undefined) await write(frame.bytes, frame.position);
  };
  for (const [index, file] of plan.files.entries()) {
    let position = positionOf(layout, index);
    await writeBefore(position);
    for (const piece of file.pieces()) {
      await write(piece, position);
      position += piece.length;
    }
  }
  for (const place of places) if (!isGathered(place, options)) await writeBefore(place.position);
  await writeBefore(layout.size);
}

/** Returns content that goes to a position (bytes) with the piece of the frame before it, and where that starts. */
function framed(
  layout: FramedLayout,
  position: number,
  content: readonly Uint8Array[],
): { readonly chunks: readonly Uint8Array[]; readonly start: number } {
  const frame = layout.frameBefore(position);
  return frame === undefined
    ? { chunks: content, start: position }
    : { chunks: [frame.bytes, ...content], start: frame.position };
}

function placesOf(plan: BundlePlan, layout: FramedLayout, { earlier }: Work): Rows<Place> {
  return mapRows(plan.blobs, (blob, index) => ({
    blob,
    position: positionOf(layout, plan.files.length + index),
    held: earlier.positions.get(blob.descriptor.digest) ?? 0,
  }));
}

function positionOf({ entries }: FramedLayout, index: number): number {
  const position = entries.positionAt(index);
  if (position === undefined) throw new RangeError(`no entry ${index} of ${entries.length}`);
  return position;
}
