import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { place } from '../../disk/place.ts';
import { readFailed } from '../../disk/reader.ts';
import { VOLUME_LIMIT, volumeSumsName } from '../../archive/volumes/volumes.ts';
import { type Digest, hexOf, isDigest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { HashOutcome } from '../../disk/hash/job.ts';
import { hashFiles } from '../../disk/hash/pool.ts';
import type { Cut } from '../output/layout.ts';

/** Longest list that is read (bytes): as many lines as there may be volumes, each of a sum and a name. */
const LIMIT = VOLUME_LIMIT * (64 + 2 + 255 + 1);

/**
 * Writes the sums of volumes beside them, `lab.tar.sha256`, in the format of `sha256sum`: they identify a volume that
 * was swapped or damaged. Reading the bundle does not need this file. Volumes that are not `known` are read to hash
 * them.
 */
export async function writeVolumeSums(
  cuts: readonly Cut[],
  options: WaitOptions & {
    readonly known: ReadonlyMap<string, Digest>;
    /** Where the lists grow: what a crash leaves must not be in a bundle that is a folder. */
    readonly workFolder: string;
  },
): Promise<void> {
  const digests = new Map(options.known);
  const files = cuts.flatMap(({ volumes }) => volumes).filter(({ file }) => !digests.has(file));
  const jobs = files.map(({ file, size }) => ({ extents: [{ file, position: 0, length: size }] }));
  await hashFiles(jobs, {
    signal: options.signal,
    onOutcome: (index, outcome) => {
      const file = files[index]?.file ?? '';
      digests.set(file, digestOf(outcome, file));
    },
  });
  for (const { base, volumes } of cuts) {
    const own = volumes.flatMap(({ file }): [string, Digest][] => {
      const digest = digests.get(file);
      return digest === undefined ? [] : [[basename(file), digest]];
    });
    await storeVolumeSums(base, new Map(own), options);
  }
}

/** Writes the sums of the volumes of `base`, given by file name. @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED` */
export async function storeVolumeSums(
  base: string,
  sums: ReadonlyMap<string, Digest>,
  options: { readonly workFolder?: string } = {},
): Promise<void> {
  const lines = [...sums].map(([name, digest]) => `${hexOf(digest)}  ${name}\n`);
  await place(volumeSumsName(base), lines.join(''), { workFolder: options.workFolder });
}

/**
 * Returns the sums of the volumes of `base` by file name, or `undefined` if there is no such list or it is malformed:
 * the list helps to find out what is wrong, and never proves that anything is right.
 */
export async function readVolumeSums(base: string): Promise<ReadonlyMap<string, Digest> | undefined> {
  const text = await textOf(volumeSumsName(base));
  if (text === undefined) return undefined;
  const sums = new Map<string, Digest>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, hex = '', name = ''] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line.trimEnd()) ?? [];
    const digest = `sha256:${hex}`;
    if (!isDigest(digest)) return undefined;
    sums.set(name, digest);
  }
  return sums;
}

function digestOf(outcome: HashOutcome, file: string): Digest {
  if ('digest' in outcome) return outcome.digest;
  throw readFailed(file, outcome.failure.position, outcome.failure);
}

/** A list that cannot be read must not hide the problem it was meant to explain. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    await using handle = await open(path, 'r');
    const { size } = await handle.stat();
    return size > LIMIT ? undefined : await handle.readFile('utf8');
  } catch {
    return undefined;
  }
}
