import { link, lstat, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import { systemCode } from '../../internal/error.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { makeFolder } from '../../disk/folder.ts';
import { contentOf } from '../item-files.ts';
import type { Owner } from '../../disk/owner.ts';
import { writeNew } from '../../disk/place.ts';
import type { StagedFile } from '../../disk/placing/staging.ts';
import { statOf } from '../../disk/stat.ts';
import { streamFile } from '../../disk/stream-file.ts';
import { swapFolder } from '../../disk/swap-folder.ts';
import { digestOfFile, placedState } from '../receipts/placed-state.ts';
import { atTarget } from '../../disk/errno.ts';
import type { Action, ApplyOptions } from '../target.ts';
import { clearLeftovers, temporaryName } from '../../disk/sharing/temporary.ts';
import { desktopArchiveNames } from '../../products/k3s/asset.ts';
import type { CarriedVersion } from './carried-version.ts';

/** Do not follow links: a dangling one still counts as present. */
const LINK = { follow: false } as const;

/** Returns the folder of a release in the cache: the raw tag, with its literal `+`. */
export function versionFolder(cache: string, tag: string): string {
  return join(cache, 'k3s', tag);
}

/** Returns the files of a release in writing order. The sums file comes last, because it makes a version count. */
export function filesOf(version: CarriedVersion): readonly ArtifactFile[] {
  return [version.executable, ...version.images, version.sums];
}

/** Returns the files of a release as they can be written beside its folder. */
export function stagedFiles(
  folder: string,
  version: CarriedVersion,
  owner: Owner | undefined,
): readonly StagedFile[] {
  return filesOf(version).map((file) => ({
    descriptor: file.descriptor,
    mode: modeOf(file, version),
    locate: async () => ({ path: join(folder, file.name), folder: dirname(folder), owner }),
  }));
}

/**
 * Compares the folder of a release with the bundle: our files must match byte for byte, and no other images may be
 * there that fail the sums file, because Rancher Desktop may read those instead.
 */
export async function versionState(
  folder: string,
  version: CarriedVersion,
  options: WaitOptions & { readonly architecture: string },
): Promise<Action['state']> {
  return await atTarget('read', folder, async () => {
    if ((await statOf(folder, LINK)) === undefined) return 'missing';
    if ((await statOf(folder))?.isDirectory() !== true) return 'different';
    for (const file of filesOf(version)) {
      const expected = { descriptor: file.descriptor, mode: modeOf(file, version) };
      if ((await placedState(join(folder, file.name), expected, options)) !== 'present') return 'different';
    }
    const { invalid } = await otherImages(folder, version, options);
    return invalid.length === 0 ? 'present' : 'different';
  });
}

/**
 * Builds the folder of a release next to its place and moves it there in one step, so that Rancher Desktop sees all of
 * it or nothing: it waits for ever when a sums file has no executable.
 */
export async function placeVersionFolder(
  folder: string,
  version: CarriedVersion,
  options: ApplyOptions & {
    readonly bundle: Bundle;
    readonly architecture: string;
    readonly owner: Owner | undefined;
  },
): Promise<void> {
  const parent = dirname(folder);
  await makeFolder(parent, { owner: options.owner });
  await atTarget('write', folder, async () => {
    await clearLeftovers(parent);
    const temporary = join(parent, temporaryName(version.tag.tag));
    try {
      await buildFolder(temporary, folder, version, options);
      await swapFolder(temporary, folder, { aside: join(parent, temporaryName(version.tag.tag)) });
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  });
}

async function buildFolder(
  temporary: string,
  current: string,
  version: CarriedVersion,
  options: Parameters<typeof placeVersionFolder>[2],
): Promise<void> {
  const { bundle, owner, staging, onBytes, signal } = options;
  await makeFolder(temporary, { owner });
  await keepOtherImages(temporary, current, version, options);
  for (const file of filesOf(version)) {
    const to = join(temporary, file.name);
    if ((await staging?.place(join(current, file.name), { to })) === true) {
      onBytes?.(file.descriptor.size);
      continue;
    }
    const content = contentOf(bundle, file, options);
    await writeNew(to, content, { mode: modeOf(file, version), owner, signal });
  }
}

/** Keeps images that an older Rancher Desktop needs and the bundle lacks, if they match the sums file. */
async function keepOtherImages(
  temporary: string,
  current: string,
  version: CarriedVersion,
  options: WaitOptions & { readonly architecture: string; readonly owner: Owner | undefined },
): Promise<void> {
  for (const name of (await otherImages(current, version, options)).valid) {
    const [from, to] = [join(current, name), join(temporary, name)];
    await link(from, to).catch(async (error: unknown) => {
      // Not every filesystem has hard links.
      if (systemCode(error) === 'ENOENT') throw error;
      await writeNew(to, streamFile(from), { mode: 0o644, owner: options.owner, signal: options.signal });
    });
  }
}

/** Returns the images in a folder that the bundle lacks, by whether they match the bundle's sums file. */
async function otherImages(
  folder: string,
  version: CarriedVersion,
  options: WaitOptions & { readonly architecture: string },
): Promise<{ readonly valid: readonly string[]; readonly invalid: readonly string[] }> {
  const ours = new Set(version.images.map((file) => file.name));
  const [valid, invalid]: [string[], string[]] = [[], []];
  for (const name of desktopArchiveNames(options.architecture)) {
    const path = join(folder, name);
    if (ours.has(name) || (await statOf(path, LINK)) === undefined) continue;
    const isFile = (await lstat(path)).isFile();
    const matches = isFile && (await digestOfFile(path, options)) === version.digests.get(name);
    (matches ? valid : invalid).push(name);
  }
  return { valid, invalid };
}

function modeOf(file: ArtifactFile, version: CarriedVersion): number {
  return file === version.executable ? 0o755 : 0o644;
}
