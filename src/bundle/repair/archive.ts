import { dirname } from 'node:path';
import type { Rows } from '../../internal/table/rows.ts';
import type { PlacedEntry } from '../../archive/archive.ts';
import type { ByteReader, ByteWriter } from '../../disk/byte-file.ts';
import { attempt } from '../../disk/errno.ts';
import { syncFolder } from '../../disk/folder.ts';
import { type ArchiveLayout, isFramed } from '../../archive/layout.ts';
import { cutVolumes } from '../../archive/volumes/volumes.ts';
import type { Volume } from '../../disk/byte-file.ts';
import { openVolumeWriter } from '../../archive/volumes/writer.ts';
import { type ByteStream, equalBytes, streamOf } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { OpenBundle } from '../bundle.ts';
import type { RightContents } from './contents.ts';

export interface RepairOptions extends WaitOptions {
  /** Called after bytes are written, with their number. */
  readonly onBytes: (count: number) => void;
}

/**
 * Makes every byte of an archive, in one piece or in volumes, match its layout, and writes only what differs. Truncated
 * parts are restored.
 *
 * @throws `ERR_BUNDLE_INVALID` when the archive is laid out in another way, before anything is written;
 * `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`, `ERR_INTERRUPTED`; what a patch throws that fails
 */
export async function repairArchive(
  bundle: OpenBundle,
  layout: ArchiveLayout,
  options: RepairOptions & { readonly right: RightContents; readonly reader: ByteReader },
): Promise<void> {
  const { reader, right, onBytes, signal } = options;
  await requirePlaces(bundle, layout, options);
  const volumes = volumesOf(bundle, layout, reader);
  await using writer = await openVolumeWriter(volumes, { reserve: false });
  const repair = { reader, writer, onBytes, signal };
  if (isFramed(layout)) {
    for (const { position, open } of piecesOf(layout.entries, right, layout.frame())) {
      await writeWrong(open(options), position, repair);
    }
  } else {
    await writeWrong(
      layout.pack(({ path }) => right.open(path, options)),
      0,
      repair,
    );
  }
  await writer.sync();
  // A lost volume has a name again, which must survive a power cut.
  await attempt('repair', bundle.path, () => syncFolder(dirname(bundle.path)));
}

/** If another program repacked the files, our layout would destroy sound content. */
async function requirePlaces(
  bundle: OpenBundle,
  { entries }: ArchiveLayout,
  { signal }: WaitOptions,
): Promise<void> {
  const places = new Map(entries.map((entry) => [entry.path, entry]));
  for await (const found of bundle.archive.entries({ signal, onProblem: () => undefined })) {
    const place = places.get(found.path);
    const isThere = place !== undefined && 'position' in found && found.position === place.position;
    if (isThere && found.size === place.size) continue;
    throw new SaddlebagError(
      'ERR_BUNDLE_INVALID',
      `Cannot repair "${bundle.path}": "${found.path}" is not where "bundle build" would put it`,
      { hint: 'Another program has packed it again. Unpack it into a folder, and repair that.' },
    );
  }
}

function volumesOf(
  bundle: OpenBundle,
  { size }: ArchiveLayout,
  { volumes: set }: ByteReader,
): readonly Volume[] {
  if (set === undefined) return [{ file: bundle.path, size }];
  // Of volumes that were cut short the largest tells how large all were; a set of one is as large as it must be.
  const largest = Math.max(...set.volumes.map((volume) => volume.size));
  return cutVolumes(set.base, size, set.volumes.length === 1 ? size : largest);
}

interface Piece {
  readonly position: number;
  readonly open: (options: WaitOptions) => ByteStream;
}

/** Returns the frame and the files to be written in the order of their places: what was cut off grows without gaps. */
function piecesOf(
  entries: Rows<PlacedEntry>,
  right: RightContents,
  frame: Iterable<{ readonly position: number; readonly bytes: Uint8Array }>,
): readonly Piece[] {
  const wrong = new Set(right.wrong.map(({ path }) => path));
  return [
    ...Array.from(frame, ({ position, bytes }): Piece => ({ position, open: () => streamOf(bytes) })),
    ...entries
      .filter(({ path }) => wrong.has(path))
      .map(({ path, position }): Piece => ({ position, open: (options) => right.open(path, options) })),
  ].sort((left, next) => left.position - next.position);
}

/** Writes the bytes that differ. */
async function writeWrong(
  stream: ByteStream,
  start: number,
  options: RepairOptions & { readonly reader: ByteReader; readonly writer: ByteWriter },
): Promise<void> {
  let position = start;
  for await (const chunk of stream) {
    throwIfInterrupted(options.signal);
    if (!equalBytes(await present(options.reader, position, chunk.length), chunk)) {
      await options.writer.write([chunk], position);
      options.onBytes(chunk.length);
    }
    position += chunk.length;
  }
}

/** A bad spot on the medium cannot be read, but may well be writable. */
async function present(reader: ByteReader, position: number, length: number): Promise<Uint8Array> {
  try {
    return await reader.read(position, length);
  } catch (error) {
    if (error instanceof SaddlebagError && error.code === 'ERR_DISK_FAILED') return new Uint8Array();
    throw error;
  }
}
