import { basename } from 'node:path';
import type { SaddlebagError } from '../../internal/error.ts';
import type { ByteReader } from '../../disk/byte-file.ts';
import type { ArchiveLayout } from '../layout.ts';
import { judge, type Marks, marksOfVolumes, type Verdict } from './marks.ts';
import { volumeFault } from './set.ts';
import { volumeName } from './volumes.ts';
import type { VolumeSet } from '../../disk/byte-file.ts';

/** At most this many headers of each volume are compared when opening. */
const MARKS = 16;
/**
 * This many headers tell whether a volume belongs elsewhere in the set; every pair of volumes needs that comparison.
 */
const TWIN_MARKS = 4;

/** What is known about the volumes of an archive, and a reader of their bytes. */
interface Evidence {
  readonly set: VolumeSet;
  /** Reads the volumes as they are, concatenated. */
  readonly reader: ByteReader;
  /** Size of every volume but the last (bytes). */
  readonly volumeSize: number;
  /** Size of the whole archive (bytes). */
  readonly total: number;
  /** How many headers to compare when a volume is in its own place. */
  readonly most: number;
  /** The headers in each volume, by its index. */
  readonly marks: ReadonlyMap<number, Marks>;
}

/**
 * Compares volumes with the layout of the archive that the first one begins: how many there must be, how long they must
 * be, and the headers in each, which name the content behind them. Returns what is wrong, with the name of each volume.
 * A volume in the middle of one large file has no header, and passes. A few headers of each volume are compared; with
 * `every`, all of them.
 */
export async function faultsOfVolumes(
  set: VolumeSet,
  reader: ByteReader,
  layout: ArchiveLayout,
  options: { readonly every?: boolean | undefined } = {},
): Promise<readonly SaddlebagError[]> {
  const most = options.every === true ? Number.POSITIVE_INFINITY : MARKS;
  const evidence = { ...(await weigh(set, reader, layout)), most };
  // Someone has repacked the files: we cannot know where anything should be.
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
  // If all the others disagree with the first volume, it is the stranger.
  if (strangers.length > 1 && strangers.length === set.volumes.length - 1) {
    return [volumeFault(set.volumes[0]?.file ?? '', 'it is from another bundle than the other volumes')];
  }
  return [...faults, ...strangers];
}

/** Works out the right size of the volumes: a truncated one is smaller, and none is larger. */
async function weigh(set: VolumeSet, reader: ByteReader, layout: ArchiveLayout): Promise<Evidence> {
  const total = layout.size;
  const evidenceOf = (volumeSize: number): Evidence => {
    return { set, reader, total, volumeSize, most: MARKS, marks: marksOfVolumes(layout, volumeSize) };
  };
  const [first, second] = set.volumes;
  const usual = evidenceOf(Math.max(...set.volumes.map(({ size }) => size)));
  if (set.volumes.length !== 2 || first === undefined || second === undefined) return usual;
  // Of two volumes, either may be truncated; the headers of the second tell where it belongs.
  const unusual = total - second.size;
  if (unusual <= first.size || unusual < second.size) return usual;
  const other = evidenceOf(unusual);
  const isOther = (await compare(usual, 1, 1)) !== 'same' && (await compare(other, 1, 1)) === 'same';
  return isOther ? other : usual;
}

/** Returns whether the volume at `place` is the one that belongs at another place. */
async function compare(
  { set, reader, marks, most }: Evidence,
  place: number,
  belongs: number,
): Promise<Verdict> {
  const start = set.volumes.slice(0, place).reduce((sum, { size }) => sum + size, 0);
  const size = set.volumes[place]?.size ?? 0;
  const expected = marks.get(belongs) ?? [];
  // Every first volume of every bundle begins the same way.
  const tried = belongs === 0 && place !== 0 ? expected.slice(0, 1) : expected;
  return await judge(
    tried,
    (position, length) => reader.read(start + position, Math.max(0, Math.min(length, size - position))),
    place === belongs ? most : TWIN_MARKS,
  );
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
  return `it is missing, unless "${basename(first.file)}" is cut short: it has ${first.size} of ${total} bytes`;
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
