import type { CheckResult } from '../check/check.ts';
import type { BlobRef } from '../format/document.ts';
import { blobPath, LAYOUT } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';

/** What is wrong with a bundle, as far as it can be mended. */
export interface Damage {
  /** Paths of its head that have to be written anew. */
  readonly files: readonly string[];
  /** Blobs that a patch has; in archive order. */
  readonly blobs: readonly BlobRef[];
  /** Damaged blobs that are nowhere. */
  readonly lost: readonly BlobRef[];
}

/** Sorts out what a check has found, whether a base makes it good or not. */
export function damageOf({ document }: OpenBundle, checked: CheckResult): Damage {
  const { supply, tally } = checked;
  const wrong = new Set([...tally.problems.paths, ...tally.madeGood.paths]);
  const damaged = document.blobs.filter(({ digest }) => wrong.has(blobPath(digest)));
  return {
    files: Object.values(LAYOUT).filter((path) => wrong.has(path)),
    blobs: damaged.filter(({ digest }) => supply.sources.has(digest)),
    lost: damaged.filter(({ digest }) => !supply.sources.has(digest)),
  };
}
