import { basename } from 'node:path';
import { equalBytes } from '../internal/bytes.ts';
import type { SaddlebagError } from '../internal/error.ts';
import type { ByteReader } from './byte-file.ts';
import type { FramedLayout, FramePiece } from './layout.ts';
import { isZero } from './tar-header-decode.ts';
import { volumeFault } from './volume-set.ts';
import { volumeName, type VolumeSet } from './volumes.ts';

/** So many marks of a volume are compared; one that was damaged does not make it a stranger. */
const MARKS = 4;

/** Bytes that must be at a place in a volume. */
type Mark = FramePiece;

/** What is known about the volumes of an archive, and the bytes that are there. */
interface Evidence {
  readonly set: VolumeSet;
  /** Of the volumes as they are, laid end to end. */
  readonly reader: ByteReader;
  /** Size of every volume but the last (bytes). */
  readonly volumeSize: number;
  /** Size of the whole archive (bytes). */
  readonly total: number;
  /** By volume: some of the headers that lie in it. */
  readonly marks: readonly (readonly Mark[])[];
}

/**
 * Compares volumes with the layout of the archive that the first one begins: how many there must be and how long, and the
 * headers that lie in each, which name the content behind them. Returns what is wrong, each with the name of the volume. A
 * volume that lies in the middle of one large content has no header, and passes.
 */
export async function faultsOfVolumes(
  set: VolumeSet,
  reader: ByteReader,
  layout: FramedLayout,
): Promise<readonly SaddlebagError[]> {
  const evidence = await weigh(set, reader, layout);
  // Someone has packed the files again: nothing is known of where they should be.
  if ((await compare(evidence, 0, 0)) !== 'same') return [];
  const faults: SaddlebagError[] = [];
  const strangers: SaddlebagError[] = [];
  for (const [volume, { file }] of set.volumes.entries()) {
    const verdict = await compare(evidence, volume, volume);
    const twin = verdict === 'same' ? undefined : await findTwin(evidence, volume);
    if (twin !== undefined) faults.push(volumeFault(file, twinFact(set, twin)));
    else if (verdict === 'other') strangers.push(volumeFault(file, 'it is from another bundle, or damaged'));
    else faults.push(...faultsOfSize(evidence, volume));
  }
  const count = Math.ceil(evidence.total / evidence.volumeSize);
  for (let number = set.volumes.length + 1; number <= count; number++) {
    faults.push(volumeFault(volumeName(set.base, number), missingFact(set, evidence.total)));
  }
  // Where all the others speak against it, the first one is the stranger.
  if (strangers.length > 1 && strangers.length === set.volumes.length - 1) {
    return [volumeFault(set.volumes[0]?.file ?? '', 'it is from another bundle than all other volumes')];
  }
  return [...faults, ...strangers];
}

/** Works out how large the volumes should be: one that was cut short is smaller than it should be, none is larger. */
async function weigh(set: VolumeSet, reader: ByteReader, layout: FramedLayout): Promise<Evidence> {
  const total = layout.size;
  const evidenceOf = (volumeSize: number): Evidence => {
    return { set, reader, total, volumeSize, marks: marksOf(layout, volumeSize) };
  };
  const [first, second] = set.volumes;
  const usual = evidenceOf(Math.max(...set.volumes.map(({ size }) => size)));
  if (set.volumes.length !== 2 || first === undefined || second === undefined) return usual;
  // Of two volumes either may be the one that was cut short; the second tells where it belongs.
  const unusual = total - second.size;
  if (unusual <= first.size || unusual < second.size) return usual;
  const other = evidenceOf(unusual);
  const isOther = (await compare(usual, 1, 1)) !== 'same' && (await compare(other, 1, 1)) === 'same';
  return isOther ? other : usual;
}

/** Returns for each volume some of the frame that lies in it, placed from its start. */
function marksOf(layout: FramedLayout, volumeSize: number): readonly (readonly Mark[])[] {
  const marks: Mark[][] = [];
  for (const { position, bytes } of layout.frame()) {
    for (let at = 0; at < bytes.length;) {
      const within = (position + at) % volumeSize;
      const piece = bytes.subarray(at, at + volumeSize - within);
      const list = (marks[Math.floor((position + at) / volumeSize)] ??= []);
      // Zeros are everywhere.
      if (list.length < MARKS && !isZero(piece)) list.push({ position: within, bytes: piece });
      at += piece.length;
    }
  }
  return marks;
}

/** Says whether the volume at one place is the one that belongs to another: it has a mark of it, none, or there are none. */
async function compare(
  { set, reader, marks }: Evidence,
  place: number,
  belongs: number,
): Promise<'same' | 'other' | 'unknown'> {
  const start = set.volumes.slice(0, place).reduce((sum, { size }) => sum + size, 0);
  const size = set.volumes[place]?.size ?? 0;
  let isKnown = false;
  // Every first volume of every bundle begins in the same way.
  const tried = belongs === 0 && place !== 0 ? marks[0]?.slice(0, 1) : marks[belongs];
  for (const { position, bytes } of tried ?? []) {
    if (position + bytes.length > size) continue;
    isKnown = true;
    if (equalBytes(await reader.read(start + position, bytes.length), bytes)) return 'same';
  }
  return isKnown ? 'other' : 'unknown';
}

/** Returns which other volume the one at this place is. */
async function findTwin(evidence: Evidence, place: number): Promise<number | undefined> {
  for (const other of evidence.marks.keys()) {
    if (other !== place && (await compare(evidence, place, other)) === 'same') return other;
  }
  return undefined;
}

function twinFact({ base }: VolumeSet, twin: number): string {
  if (twin === 0) return 'it is a first volume, of this bundle or of another';
  return `it holds what belongs in "${basename(volumeName(base, twin + 1))}"`;
}

/** One volume alone does not tell how large it should be. */
function missingFact({ volumes }: VolumeSet, total: number): string {
  const [first, second] = volumes;
  if (first === undefined || second !== undefined) return 'it is missing';
  return `it is missing, unless "${basename(first.file)}" is cut short: of ${total} bytes there are ${first.size}`;
}

function* faultsOfSize(
  { set, total, volumeSize }: Evidence,
  volume: number,
): Generator<SaddlebagError, void, void> {
  const { file, size } = set.volumes[volume] ?? { file: '', size: 0 };
  const expected = Math.min(volumeSize, total - volume * volumeSize);
  if (expected <= 0) yield volumeFault(file, 'it is one too many');
  else if (size < expected)
    yield volumeFault(file, `it is cut short: expected ${expected} bytes, found ${size}`);
  else if (size > expected)
    yield volumeFault(file, `it is too long: expected ${expected} bytes, found ${size}`);
}
