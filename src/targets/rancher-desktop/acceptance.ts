import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSaddlebagError, systemCode } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { sumsName } from '../../products/distribution/asset.ts';
import { binaryName, desktopArchiveNames } from '../../products/k3s/asset.ts';
import { digestOfFile } from '../receipts/placed-state.ts';
import { parseSumsFile, SUMS_FILE_LIMIT } from './sums-file.ts';
import { sumOf } from './sum-of.ts';

/** Rancher Desktop's verdict on one folder of its cache. */
export type Acceptance =
  | { readonly accepted: true; readonly images: string }
  | { readonly accepted: false; readonly fact: string };

/**
 * Returns what Rancher Desktop will find when it starts a version, by replaying its check (`k3sHelper.ts`,
 * `verifyChecksums`): the sums file, then the executable and the first existing images file, each against its line.
 */
export async function acceptanceOf(
  folder: string,
  architecture: string,
  { signal }: WaitOptions = {},
): Promise<Acceptance> {
  const sumsFile = sumsName(architecture);
  const sums = await readSums(join(folder, sumsFile));
  if (sums === undefined) return refused(`"${sumsFile}" is missing, so it would try to download the version`);
  const executable = binaryName(architecture);
  const images = await firstExisting(folder, desktopArchiveNames(architecture));
  // If the sums file is there but one of the two is missing, Rancher Desktop waits for ever.
  if (images === undefined)
    return refused(`there is no "${desktopArchiveNames(architecture).join('" or "')}"`);
  for (const name of [executable, images]) {
    const fact = await factAgainst(join(folder, name), name, { sums, sumsFile, signal });
    if (fact !== undefined) return refused(fact);
  }
  return { accepted: true, images };
}

async function factAgainst(
  path: string,
  name: string,
  options: WaitOptions & { readonly sums: ReadonlyMap<string, Digest>; readonly sumsFile: string },
): Promise<string | undefined> {
  try {
    const expected = sumOf(options.sums, name, options.sumsFile);
    if (!(await stat(path)).isFile()) return `"${name}" is not a file`;
    const found = await digestOfFile(path, options);
    return found === expected ? undefined : `"${name}" does not match its line in "${options.sumsFile}"`;
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_TARGET_REFUSED')) return error.message;
    if (isSaddlebagError(error)) throw error;
    const code = systemCode(error);
    if (code === 'ENOENT') return `"${name}" is missing`;
    if (code === undefined) throw error;
    return `"${name}" cannot be read (${code})`;
  }
}

async function readSums(path: string): Promise<ReadonlyMap<string, Digest> | undefined> {
  try {
    const found = await stat(path);
    return !found.isFile() || found.size > SUMS_FILE_LIMIT
      ? new Map()
      : parseSumsFile(await readFile(path, 'utf8'));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

async function firstExisting(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found !== undefined) return name;
  }
  return undefined;
}

function refused(fact: string): Acceptance {
  return { accepted: false, fact };
}
