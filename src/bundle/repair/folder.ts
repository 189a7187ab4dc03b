import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { attempt } from '../../disk/errno.ts';
import { namesIn } from '../../disk/names.ts';
import { syncTree } from '../../disk/swap-folder.ts';
import { cutVolumes, parseVolumeName } from '../../archive/volumes/volumes.ts';
import type { Volume } from '../../disk/byte-file.ts';
import { openVolumeWriter } from '../../archive/volumes/writer.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { OpenBundle } from '../bundle.ts';
import type { RightContents } from './contents.ts';
import type { RepairOptions } from './archive.ts';

/**
 * Writes the files of a folder that are damaged or missing, each where it belongs and in volumes where it was.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`, `ERR_INTERRUPTED`; what a patch throws that fails
 */
export async function repairFolder(
  bundle: OpenBundle,
  right: RightContents,
  options: RepairOptions,
): Promise<void> {
  for (const { path, size } of right.wrong) {
    const file = join(bundle.path, ...path.split('/'));
    const volumes = await volumesOf(file, size);
    await using writer = await openVolumeWriter(volumes, { reserve: false });
    let position = 0;
    for await (const chunk of right.open(path, options)) {
      throwIfInterrupted(options.signal);
      await writer.write([chunk], position);
      options.onBytes(chunk.length);
      position += chunk.length;
    }
    await writer.sync();
  }
  // Lost files have names again, which must survive a power cut.
  await attempt('repair', bundle.path, () => syncTree(bundle.path));
}

/** A file that has volumes is cut again, into volumes as large as the largest of them. */
async function volumesOf(file: string, size: number): Promise<readonly Volume[]> {
  const folder = dirname(file);
  return await attempt('repair', file, async () => {
    await mkdir(folder, { recursive: true });
    const names = (await namesIn(folder)).filter((name) => parseVolumeName(name)?.base === basename(file));
    if (names.length === 0) return [{ file, size }];
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
    // Otherwise the file would exist twice, whole and in volumes.
    await rm(file, { force: true });
    return cutVolumes(file, size, Math.max(...sizes, 1));
  });
}
