import { dirname } from 'node:path';
import { freeSpace } from '../../disk/space.ts';
import type { Volume } from '../../disk/byte-file.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { formatBytes } from '../../internal/format.ts';
import { statOf } from '../../disk/stat.ts';
import { chooseGeometry } from '../../parity/geometry.ts';
import { parityPath } from '../../parity/place.ts';
import { paritySize } from '../../parity/write.ts';
import type { OutputLayout } from './layout.ts';

/** The space an output needs beyond what its partial holds already, and the space there is (bytes). */
export interface OutputSpace {
  readonly needed: number;
  /** `Infinity` where the filesystem does not say. */
  readonly free: number;
}

/** What needs space: an output at `path`, and the files it grows in. */
export interface Growing {
  readonly path: string;
  readonly volumes: readonly Volume[];
}

/** Returns what needs space: an output, and with `percent` its parity file. */
export function growingWith(output: OutputLayout, percent: number | undefined): Growing {
  const { path, volumes } = output;
  if (percent === undefined) return output;
  // It replaces an existing one only once it is complete.
  return {
    path,
    volumes: [...volumes, { file: `${parityPath(path)}.new`, size: parityBytes(output, percent) }],
  };
}

/** Returns the size of the parity file of an output (bytes); the few bytes of the bundle that it keeps do not matter here. */
export function parityBytes({ archive }: OutputLayout, percent: number): number {
  return paritySize({ geometry: chooseGeometry(archive.size, percent), volatile: [] });
}

/**
 * Makes sure, before anything is fetched, that there is space for an output.
 *
 * @throws `ERR_DISK_FULL`
 */
export async function checkSpace(output: Growing): Promise<OutputSpace> {
  const space = await measureSpace(output);
  if (space.free < space.needed) throw outOfSpace(output.path, space);
  return space;
}

/** Returns what is still needed to complete an output, and what is free. */
export async function measureSpace({ path, volumes }: Growing): Promise<OutputSpace> {
  const { free, unit: block } = await freeSpace(dirname(path));
  // One file is measured to the byte; many waste half a block each, which on a stick may be 64 KiB.
  const unit = volumes.length > 1 ? block : 1;
  let needed = 0;
  for (const { file, size } of volumes) {
    const stats = await statOf(file);
    const whole = Math.ceil(size / unit) * unit;
    // A partial has holes: what counts is the space it takes, not its size.
    needed += whole - Math.min((stats?.blocks ?? 0) * 512, whole);
  }
  return { needed, free };
}

/** Returns the error for a disk that is too small, whether that shows before or during the build. */
export function outOfSpace(path: string, space: OutputSpace, cause?: unknown): SaddlebagError {
  const { needed, free } = space;
  return new SaddlebagError(
    'ERR_DISK_FULL',
    `Cannot write "${path}": it needs ${formatBytes(needed)} more, and ${formatBytes(free)} are free`,
    {
      hint: 'Free some space and run the same command again: it continues where it stopped.',
      cause,
    },
  );
}
