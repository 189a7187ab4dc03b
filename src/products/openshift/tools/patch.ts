import type { ByteStream } from '../../../internal/bytes.ts';
import { type Marker, MARKERS, markerText, type MarkerValues } from './marker.ts';

const LONGEST = Math.max(...MARKERS.map(({ bytes }) => bytes.length));

/**
 * Yields a program with the first whole marker of each kind overwritten; its size stays. `onEnd` hears which were there. Chunks
 * may cut a marker anywhere. Values must fit: see {@link markerText}.
 */
export async function* patched(
  program: ByteStream,
  values: Partial<MarkerValues>,
  onEnd: (found: ReadonlySet<Marker['name']>) => void,
): ByteStream {
  const found = new Set<Marker['name']>();
  const wanted = MARKERS.filter(({ name }) => values[name] !== undefined);
  let held = Buffer.alloc(0);
  for await (const chunk of program) {
    // A copy, because the source may reuse its memory.
    held = Buffer.concat([held, chunk]);
    for (const marker of wanted)
      if (!found.has(marker.name) && overwrite(held, marker, values)) found.add(marker.name);
    const ready = Math.max(0, held.length - LONGEST + 1);
    if (ready > 0) yield held.subarray(0, ready);
    held = held.subarray(ready);
  }
  if (held.length > 0) yield held;
  onEnd(found);
}

function overwrite(held: Buffer, marker: Marker, values: Partial<MarkerValues>): boolean {
  const at = held.indexOf(marker.bytes);
  const text = markerText(marker, values[marker.name] ?? '');
  if (at === -1 || text === undefined) return false;
  held.set(text, at);
  return true;
}
