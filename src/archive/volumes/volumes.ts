import type { Extent, Volume } from '../../disk/byte-file.ts';

/** Volume numbers have three digits, so that every program that sorts names puts them in order. */
export const VOLUME_LIMIT = 999;

/** Returns the name of a volume, numbered from 1: `lab.tar.001`. */
export function volumeName(base: string, number: number): string {
  return `${base}.${String(number).padStart(3, '0')}`;
}

/** Returns the base and the number in a name like `lab.tar.002`; `undefined` for any other name. */
export function parseVolumeName(
  name: string,
): { readonly base: string; readonly number: number } | undefined {
  const [, base, digits] = /^(.+)\.([0-9]{3})$/s.exec(name) ?? [];
  const number = Number(digits);
  return base === undefined || number === 0 ? undefined : { base, number };
}

/**
 * Returns the path of the sums of the volumes of `base`: a file in the format of `sha256sum`, one line for each volume.
 */
export function volumeSumsName(base: string): string {
  return `${base}.sha256`;
}

/** Cuts `size` bytes named `base` into volumes of `volumeSize` bytes; the last one has the rest. */
export function cutVolumes(base: string, size: number, volumeSize: number): readonly Volume[] {
  const count = Math.max(1, Math.ceil(size / volumeSize));
  return Array.from({ length: count }, (_, index) => ({
    file: volumeName(base, index + 1),
    size: Math.min(volumeSize, size - index * volumeSize),
  }));
}

/** Maps positions in the whole to positions in the volumes. */
export class VolumeMap {
  /** Size of the whole (bytes). */
  readonly size: number;
  readonly #volumes: readonly Volume[];
  /** Where each volume begins in the whole (bytes). */
  readonly #starts: readonly number[];

  constructor(volumes: readonly Volume[]) {
    let size = 0;
    this.#volumes = volumes;
    this.#starts = volumes.map((volume) => {
      const start = size;
      size += volume.size;
      return start;
    });
    this.size = size;
  }

  /** Returns where `length` bytes from `position` are, in order; bytes past the end are left out. */
  extents(position: number, length: number): readonly Extent[] {
    const end = Math.min(position + length, this.size);
    const found: Extent[] = [];
    for (let at = position, index = this.#indexOf(position); at < end; index++) {
      const { file, size } = this.#volumes[index] ?? { file: '', size: Number.POSITIVE_INFINITY };
      const start = this.#starts[index] ?? 0;
      const count = Math.min(end, start + size) - at;
      if (count > 0) found.push({ file, position: at - start, length: count });
      at += count;
    }
    return found;
  }

  /** Returns the index of the last volume that begins at or before `position`. */
  #indexOf(position: number): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}
