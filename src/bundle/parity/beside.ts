import { basename, dirname, join } from 'node:path';
import { openVolumeReader } from '../../archive/volumes/reader.ts';
import { cutVolumes, parseVolumeName } from '../../archive/volumes/volumes.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Volume } from '../../disk/byte-file.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { type OpenParity, openParity } from '../../parity/file.ts';
import { parityPath } from '../../parity/place.ts';
import { writeParity } from '../../parity/write.ts';

/** A bundle and the parity file beside it. */
export interface BesideParity {
  /** What the bundle is called, or what its volumes would be in one. */
  readonly base: string;
  readonly parity: OpenParity;
  readonly volumes: readonly Volume[];
}

/**
 * Returns the parity file beside a bundle, or `undefined` when there is none. The bundle itself need not be there.
 *
 * @throws `ERR_PARITY_INVALID`, `ERR_DISK_FAILED`
 */
export async function parityBeside(path: string): Promise<BesideParity | undefined> {
  const volume = parseVolumeName(basename(path));
  const bases = volume === undefined ? [path] : [join(dirname(path), volume.base), path];
  for (const base of bases) {
    const parity = await openParity(parityPath(base));
    if (parity === undefined) continue;
    const { geometry, volumeSize } = parity.head;
    const { size } = geometry;
    return {
      base,
      parity,
      volumes: volumeSize === 0 ? [{ file: base, size }] : cutVolumes(base, size, volumeSize),
    };
  }
  return undefined;
}

/** Returns the path of the parity file beside a bundle, for whoever is told of damage; `undefined` when none can be read. */
export async function readableParity(path: string): Promise<string | undefined> {
  try {
    const found = await parityBeside(path);
    await found?.parity[Symbol.asyncDispose]();
    return found?.parity.path;
  } catch (error) {
    // The damage of the bundle is what is told here; "repair" tells what is wrong with its parity file.
    if (isSaddlebagError(error)) return undefined;
    throw error;
  }
}

/** Makes the parity file of an intact bundle again, with the same strength. Throws as `writeParity` does. */
export async function remakeParity({ parity, volumes }: BesideParity, options: WaitOptions): Promise<void> {
  const { path, head } = parity;
  await using data = openVolumeReader(volumes, { growing: true });
  const volatile = await Promise.all(
    head.volatile.map(async ({ position, bytes }) => {
      return { position, bytes: await data.read(position, bytes.length) };
    }),
  );
  const { geometry, volumeSize, root } = head;
  await parity[Symbol.asyncDispose]();
  await writeParity(data, { geometry, volumeSize, root, volatile }, { path, signal: options.signal });
}
