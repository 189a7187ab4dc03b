import type { CheckResult } from '../check/check.ts';
import type { BlobRef } from '../format/document.ts';
import { blobPath, LAYOUT } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';

/** The damage in a bundle, and which of it can be repaired. */
export interface Damage {
  /** Paths in its head that must be rewritten. */
  readonly files: readonly string[];
  /** Blobs that a patch has, in archive order. */
  readonly blobs: readonly BlobRef[];
  /** Damaged blobs that no patch has. */
  readonly lost: readonly BlobRef[];
}

/** Sorts the findings of a check, including damage that a base makes good. */
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
