import type { Archive } from '../../archive/archive.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { Digest } from '../../oci/digest.ts';
import { chooseGeometry, type Geometry } from '../../parity/geometry.ts';
import type { ParityContent } from '../../parity/write.ts';
import { paritySize, writeParity } from '../../parity/write.ts';
import { volatileOf } from './volatile.ts';

/** A parity file that was made. Sizes in bytes. */
export interface ParityResult {
  readonly path: string;
  readonly bytes: number;
  /** Damage in one place that it repairs wherever that is. */
  readonly repairs: number;
  /** Volumes that may be lost, whichever they are; left out for a bundle in one file. */
  readonly volumes?: number | undefined;
}

export interface MakeOptions extends WaitOptions {
  readonly path: string;
  /** Root digest of the bundle. */
  readonly root: Digest;
  /** How much of the bundle it repairs, 1 to 100. */
  readonly percent: number;
  readonly onProgress?:
    | ((progress: { readonly bytesDone: number; readonly bytesTotal: number }) => void)
    | undefined;
}

/**
 * Makes the parity file of a bundle: each byte is read once, and none is checked.
 *
 * @throws `ERR_USAGE_INVALID` for a folder, which has none; what `writeParity` throws
 */
export async function makeParity(archive: Archive, options: MakeOptions): Promise<ParityResult> {
  const { path, root, percent, signal, onProgress } = options;
  const { reader } = archive;
  if (reader === undefined) throw noParityForFolders(path);
  const geometry = chooseGeometry(reader.size, percent);
  const volumeSize = reader.volumes?.volumes[0]?.size ?? 0;
  const volatile = await volatileOf(archive, { signal });
  let bytesDone = 0;
  const onBytes = (count: number): void => {
    bytesDone += count;
    onProgress?.({ bytesDone, bytesTotal: reader.size });
  };
  const content: ParityContent = { geometry, volumeSize, root, volatile };
  await writeParity(reader, content, { path, signal, onBytes });
  return { path, bytes: paritySize(content), ...strengthOf(geometry, volumeSize) };
}

/** Returns the error for a folder: its files are copied one by one, and each is repaired by a patch. */
export function noParityForFolders(path: string): SaddlebagError {
  return new SaddlebagError('ERR_USAGE_INVALID', `Cannot make parity file "${path}": a folder has none`, {
    hint: 'Use a tar, a zip or volumes, with --format tar or with "bundle convert".',
  });
}

function strengthOf(
  { shardSize, stripes, parityPerStripe }: Geometry,
  volumeSize: number,
): Pick<ParityResult, 'repairs' | 'volumes'> {
  // Damage that does not begin where a shard begins hurts one shard more.
  const repairs = (stripes * parityPerStripe - 1) * shardSize + 1;
  if (volumeSize === 0) return { repairs };
  const ofEachStripe = Math.ceil((Math.ceil(volumeSize / shardSize) + 1) / stripes);
  return { repairs, volumes: Math.floor(parityPerStripe / ofEachStripe) };
}
