import { basename, dirname, join } from 'node:path';
import type { Archive } from '../../archive/archive.ts';
import { faultsOfVolumes } from '../../archive/volumes/identity.ts';
import { faultsOfSizes, requireSound, volumeFault } from '../../archive/volumes/set.ts';
import { parseVolumeName } from '../../archive/volumes/volumes.ts';
import type { Volume, VolumeSet } from '../../disk/byte-file.ts';
import { layoutTar } from '../../archive/tar/layout.ts';
import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { Problem } from '../check/report.ts';
import type { BundleContents } from '../format/blobs/contents.ts';
import { hashFiles } from '../../disk/hash/pool.ts';
import type { OpenBundle } from '../bundle.ts';
import { statOf } from '../../disk/stat.ts';
import { readVolumeSums } from './sums.ts';

/**
 * Makes sure that the volumes of a bundle belong together, as far as their headers and sizes show, before more than the
 * head is read.
 *
 * @throws `ERR_ARCHIVE_INVALID` with the name of each volume that does not
 */
export async function requireVolumes(archive: Archive, contents: BundleContents): Promise<void> {
  const { reader } = archive;
  const set = reader?.volumes;
  if (reader === undefined || set === undefined) return;
  const strangers = archive.shape === 'tar' ? await faultsOfVolumes(set, reader, layoutTar(contents)) : [];
  const wrongSizes = faultsOfSizes(set);
  const faults = strangers.length > 0 ? strangers : wrongSizes;
  // A program that repacked the files may have started in our order and continued in another.
  if (wrongSizes.length === 0 && strangers.length > 0 && (await isWhole(archive, contents))) return;
  requireSound(set.base, (await faultsOfFirst(set, faults)) ?? faults);
}

/** Returns whether an archive can be listed from start to end, and has every file in full size. */
async function isWhole(archive: Archive, contents: BundleContents): Promise<boolean> {
  const missing = new Map(contents.map(({ path, size }) => [path, size]));
  try {
    for await (const { path, size } of archive.entries())
      if (missing.get(path) === size) missing.delete(path);
    return missing.size === 0;
  } catch (error) {
    if (isSaddlebagError(error)) return false;
    throw error;
  }
}

/**
 * The first volume was the measure for all others. When they are blamed and it is not, but its sum shows that the first one
 * is the foreign one, the sums decide for all of them.
 */
async function faultsOfFirst(
  set: VolumeSet,
  faults: readonly SaddlebagError[],
): Promise<readonly SaddlebagError[] | undefined> {
  const files = set.volumes.map(({ file }) => file);
  const aboutFirst = volumeFault(files[0] ?? '', '').message;
  if (faults.length === 0 || faults.some(({ message }) => message.startsWith(aboutFirst))) return undefined;
  if ((await faultsOfSums(files.slice(0, 1), {})).length === 0) return undefined;
  return [...(await faultsOfNames(set)), ...(await faultsOfSums(files, {})).map(({ error }) => error)];
}

/**
 * Makes sure that no volume but the last is too short: everything after it would be read from the wrong place.
 *
 * @throws `ERR_ARCHIVE_INVALID` with the name of each volume that is
 */
export function requireInPlace({ reader }: Archive): void {
  if (reader?.volumes !== undefined) requireSound(reader.volumes.base, faultsOfSizes(reader.volumes));
}

/**
 * Looks for what is wrong with the volumes of a bundle that could not be opened: by the sums beside them if
 * there are any, otherwise by their sizes. Returns when nothing was found.
 *
 * @throws `ERR_ARCHIVE_INVALID` with the name of each volume that is to blame
 */
export async function blameForOpening(archive: Archive, options: WaitOptions): Promise<void> {
  const set = archive.reader?.volumes;
  if (set === undefined) return;
  requireSound(set.base, await faultsOfNames(set));
  const files = set.volumes.map(({ file }) => file);
  const faults = (await faultsOfSums(files, options)).map(({ error }) => error);
  requireSound(set.base, faults.length > 0 ? faults : faultsOfSizes(set));
}

/**
 * Returns a problem for each volume whose sum shows that it causes the problems with what lies in it. Where there are no sums,
 * all headers are compared: opening a bundle looks at only a few, and a volume of a similar bundle may differ in any of them.
 */
export async function blameForDamage(
  { archive, contents }: OpenBundle,
  problems: readonly Problem[],
  options: WaitOptions,
): Promise<readonly Problem[]> {
  if (problems.length === 0) return [];
  const damaged = new Set(problems.map(({ path }) => path));
  const files = new Set<string>();
  for (const { path } of contents.filter((file) => damaged.has(file.path))) {
    for (const file of await filesUnder(archive, path)) files.add(file);
  }
  const volumes = [...files].filter((file) => parseVolumeName(basename(file)) !== undefined);
  const faults = await faultsOfSums(volumes, options);
  const blamed = faults.length > 0 ? faults : await strangersIn(archive, contents);
  return blamed.map(({ file, error: { code, message, hint } }) => {
    return { code, path: basename(file), message, hint };
  });
}

async function strangersIn(
  { reader, shape }: Archive,
  contents: BundleContents,
): Promise<readonly BlamedVolume[]> {
  const set = reader?.volumes;
  if (reader === undefined || set === undefined || shape !== 'tar') return [];
  const faults = await faultsOfVolumes(set, reader, layoutTar(contents), { every: true });
  return faults.map((error) => ({ file: set.base, error }));
}

async function filesUnder(archive: Archive, path: string): Promise<readonly string[]> {
  try {
    return ((await archive.extents?.(path)) ?? []).map(({ file }) => file);
  } catch (error) {
    // A missing volume was already reported.
    if (isSaddlebagError(error)) return [];
    throw error;
  }
}

async function faultsOfNames({ base, volumes }: VolumeSet): Promise<readonly SaddlebagError[]> {
  const names = [...((await readVolumeSums(base)) ?? new Map<string, Digest>()).keys()];
  const present = new Set(volumes.map(({ file }) => basename(file)));
  return names.filter((name) => !present.has(name)).map((name) => volumeFault(name, 'it is missing'));
}

interface BlamedVolume {
  readonly file: string;
  readonly error: SaddlebagError;
}

/** Hashes volumes and compares them with the sums beside them; where there are none, nothing is found. */
async function faultsOfSums(
  files: readonly string[],
  options: WaitOptions,
): Promise<readonly BlamedVolume[]> {
  const expected = await sumsFor(files);
  const known = await presentVolumes(files.filter((file) => expected.has(file)));
  const blamed: { readonly place: number; readonly error: SaddlebagError; readonly file: string }[] = [];
  await hashFiles(
    known.map(({ file, size }) => ({ extents: [{ file, position: 0, length: size }] })),
    {
      signal: options.signal,
      onOutcome: (place, outcome) => {
        const { file = '' } = known[place] ?? {};
        const own = expected.get(file);
        const found = 'digest' in outcome ? outcome.digest : undefined;
        if (own === undefined || found === own.digest) return;
        const twin = found === undefined ? undefined : own.nameOf.get(found);
        const fact =
          twin === undefined
            ? 'its content has changed, or it is from another bundle'
            : `it holds what belongs in "${twin}"`;
        blamed.push({ place, file, error: volumeFault(file, fact) });
      },
    },
  );
  return blamed.sort((left, right) => left.place - right.place);
}

async function presentVolumes(files: readonly string[]): Promise<readonly Volume[]> {
  const present: Volume[] = [];
  for (const file of files) {
    const stats = await statOf(file);
    if (stats?.isFile() === true) present.push({ file, size: stats.size });
  }
  return present;
}

interface ExpectedVolume {
  readonly digest: Digest;
  /** Of all volumes of the same set. */
  readonly nameOf: ReadonlyMap<Digest, string>;
}

async function sumsFor(files: readonly string[]): Promise<ReadonlyMap<string, ExpectedVolume>> {
  const expected = new Map<string, ExpectedVolume>();
  const bases = files.flatMap((file) => {
    const volume = parseVolumeName(basename(file));
    return volume === undefined ? [] : [join(dirname(file), volume.base)];
  });
  for (const base of new Set(bases)) {
    const sums = await readVolumeSums(base);
    if (sums === undefined) continue;
    const nameOf = new Map([...sums].map(([name, digest]) => [digest, name]));
    for (const [name, digest] of sums) expected.set(join(dirname(base), name), { digest, nameOf });
  }
  return expected;
}
