import { basename } from 'node:path';
import { VolumeMap } from '../../archive/volumes/volumes.ts';
import type { Extent } from '../../disk/byte-file.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { placeOf } from '../../parity/geometry.ts';
import type { Scan } from '../../parity/scan.ts';
import type { BesideParity } from './beside.ts';

/** Returns an error for each run of bytes that cannot be repaired, by file. */
export function errorsOfLost({ parity, volumes }: BesideParity, { beyond }: Scan): readonly SaddlebagError[] {
  const { geometry } = parity.head;
  const map = new VolumeMap(volumes);
  const shards = beyond.flatMap(({ lost }) => lost).sort((left, right) => left - right);
  const extents = shards.flatMap((shard) => {
    const { position, length } = placeOf(shard, geometry);
    return map.extents(position, length);
  });
  const runs: Extent[] = [];
  for (const extent of extents) {
    const last = runs.at(-1);
    const isNext = last?.file === extent.file && last.position + last.length === extent.position;
    if (last === undefined || !isNext) runs.push(extent);
    else runs[runs.length - 1] = { ...last, length: last.length + extent.length };
  }
  return runs.map(({ file, position, length }) => {
    return new SaddlebagError(
      'ERR_BUNDLE_DAMAGED',
      `Cannot repair "${basename(file)}" from byte ${position} to ${position + length - 1}: more is damaged than its parity file can repair`,
    );
  });
}
