import { equalBytes } from '../../internal/bytes.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { PlacedEntry } from '../archive.ts';
import type { ArchiveLayout } from '../layout.ts';
import { decodeTarHeader, isZero } from '../tar/header-decode.ts';
import { encodeTarHeader, TAR_BLOCK } from '../tar/header.ts';

/** Bytes that must be at a position in a volume: a tar header, or the part of one that lies in the volume. */
interface Mark {
  /** From the start of the volume (bytes). */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** The headers in one volume, each encoded on demand: a large bundle has many. */
export type Marks = readonly (() => Mark)[];

/** Whether a volume is the one that belongs in a place; `unknown` if no mark can be compared. */
export type Verdict = 'same' | 'other' | 'unknown';

/** What is in the place of a mark: the mark itself, bytes that are not a header, or a header of something else. */
type Sight = 'same' | 'broken' | 'foreign';

/** Up to this many broken headers count as damage, not as a stranger, if at least one header is right. */
const FORGIVEN = 2;

/**
 * Returns the headers of a tar by the index of their volume; volumes without headers are left out. A header that is
 * split between volumes counts only in a volume without any other.
 */
export function marksOfVolumes(layout: ArchiveLayout, volumeSize: number): ReadonlyMap<number, Marks> {
  const touching = new Map<number, PlacedEntry[]>();
  for (const entry of layout.entries) {
    const last = Math.floor((entry.position - 1) / volumeSize);
    for (let volume = Math.floor((entry.position - TAR_BLOCK) / volumeSize); volume <= last; volume++) {
      const entries = touching.get(volume);
      if (entries === undefined) touching.set(volume, [entry]);
      else entries.push(entry);
    }
  }
  const marks = new Map<number, Marks>();
  for (const [volume, entries] of touching) {
    const start = volume * volumeSize;
    const end = start + volumeSize;
    const whole = entries.filter(({ position }) => position - TAR_BLOCK >= start && position <= end);
    // Zeros are everywhere, so they prove nothing.
    const usable =
      whole.length > 0 ? whole : entries.filter((entry) => !isZero(markIn(entry, start, end).bytes));
    if (usable.length > 0)
      marks.set(
        volume,
        usable.map((entry) => () => markIn(entry, start, end)),
      );
  }
  return marks;
}

/**
 * Compares a volume with up to `most` of the marks of the place it should have, spread from the first to the last. A
 * valid header of something else gives a stranger away, even one from a bundle that is nearly the same: where the two
 * bundles diverge, one header lies in the place of another. That place is searched for between a mark that matches and
 * one that does not. `read` returns bytes of the volume, fewer than asked for past its end.
 */
export async function judge(
  marks: Marks,
  read: (position: number, length: number) => Promise<Uint8Array>,
  most: number,
): Promise<Verdict> {
  const sights: { readonly index: number; readonly sight: Sight }[] = [];
  const look = async (index: number): Promise<Sight | undefined> => {
    const mark = marks[index]?.();
    if (mark === undefined) return undefined;
    const { position, bytes } = mark;
    const found = await read(position, bytes.length);
    return found.length < bytes.length ? undefined : sightOf(found, bytes);
  };
  for (const index of spread(marks.length, most)) {
    const sight = await look(index);
    if (sight === 'foreign') return 'other';
    if (sight !== undefined) sights.push({ index, sight });
  }
  if (sights.length === 0) return 'unknown';
  const broken = sights.filter(({ sight }) => sight === 'broken').length;
  const right = sights.length - broken;
  if (right === 0 || (broken > FORGIVEN && broken > right)) return 'other';
  for (const [place, { index, sight }] of sights.entries()) {
    const before = sights[place - 1];
    if (sight === 'same' || before?.sight !== 'same') continue;
    if ((await sightWhereTheyPart(look, before.index, index)) === 'foreign') return 'other';
  }
  return 'same';
}

/** Searches between an index that matches and one that does not; returns what is at the first that does not. */
async function sightWhereTheyPart(
  look: (index: number) => Promise<Sight | undefined>,
  right: number,
  wrong: number,
): Promise<Sight> {
  let [low, high] = [right, wrong];
  let sight: Sight = 'broken';
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const found = (await look(middle)) ?? 'broken';
    if (found === 'same') low = middle;
    else [high, sight] = [middle, found];
  }
  return sight;
}

function sightOf(found: Uint8Array, expected: Uint8Array): Sight {
  if (equalBytes(found, expected)) return 'same';
  // Part of a header cannot be told from damage.
  if (expected.length < TAR_BLOCK) return 'broken';
  try {
    return decodeTarHeader(found, 'of a volume') === undefined ? 'broken' : 'foreign';
  } catch (error) {
    if (isSaddlebagError(error)) return 'broken';
    throw error;
  }
}

/** Returns up to `most` of `count` indexes, including the first and the last. */
function spread(count: number, most: number): readonly number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  if (most < 2) return [0];
  return Array.from({ length: most }, (_, step) => Math.round((step * (count - 1)) / (most - 1)));
}

/** Returns the part of an entry's header that lies between `start` and `end`. */
function markIn({ path, size, position }: PlacedEntry, start: number, end: number): Mark {
  const header = encodeTarHeader(path, size);
  const at = position - TAR_BLOCK;
  const from = Math.max(at, start);
  return { position: from - start, bytes: header.subarray(from - at, Math.min(position, end) - at) };
}
