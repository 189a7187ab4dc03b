import { join } from 'node:path';
import type { WaitOptions } from '../oci/roles.ts';
import type { Digest } from '../oci/digest.ts';
import { digestAt } from './digest-at.ts';
import { KIT } from './names.ts';
import { readKit } from './read.ts';

/** What checking a kit found. */
export interface KitReport {
  /** The folder it is in. */
  readonly path: string;
  /** Digest of its `SHA256SUMS`. */
  readonly digest?: Digest | undefined;
  readonly ok: boolean;
  readonly files: number;
  readonly problems: readonly KitProblem[];
}

export interface KitProblem {
  readonly code: 'ERR_KIT_DAMAGED';
  /** Relative to the kit's folder. */
  readonly path: string;
  readonly message: string;
}

/** Checks every byte of the kit in a folder; returns `undefined` when there is none. */
export async function checkKit(folder: string, { signal }: WaitOptions = {}): Promise<KitReport | undefined> {
  const kit = await readKit(folder);
  if (kit === undefined) return undefined;
  if (kit.sums === undefined) {
    const problem = problemOf(KIT.sums, 'it is missing, or is not the one of a kit');
    return { path: folder, ok: false, files: 0, problems: [problem] };
  }
  const problems: KitProblem[] = [];
  for (const [path, digest] of kit.sums) {
    const found = await digestAt(join(folder, path), { signal });
    if (found === digest) continue;
    problems.push(
      problemOf(path, found === undefined ? 'it is missing' : `expected "${digest}", found "${found}"`),
    );
  }
  return { path: folder, digest: kit.digest, ok: problems.length === 0, files: kit.sums.size, problems };
}

function problemOf(path: string, fact: string): KitProblem {
  return { code: 'ERR_KIT_DAMAGED', path, message: `Cannot verify "${path}" of the kit: ${fact}` };
}
