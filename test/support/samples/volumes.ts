import { writeFileSync } from 'node:fs';
import { cutVolumes } from '../../../src/archive/volumes/volumes.ts';

/** Writes `bytes` in volumes named after `base`, and returns the path of the first. */
export function writeVolumes(base: string, bytes: Uint8Array, size: number): string {
  const volumes = cutVolumes(base, bytes.length, size);
  for (const [index, volume] of volumes.entries()) {
    writeFileSync(volume.file, bytes.subarray(index * size, index * size + volume.size));
  }
  return volumes[0]?.file ?? base;
}
