import { resolve } from 'node:path';
import type { Bundle } from '../bundle/bundle.ts';
import type { Receipt } from './receipt.ts';
import type { ActionResult, Target } from './target.ts';

/** Returns the receipt for what an install did. Nothing may be counted on unless it is `complete`. */
export function receiptOf(
  bundle: Bundle,
  done: {
    readonly targets: readonly Target[];
    readonly results: readonly ActionResult[];
    readonly complete: boolean;
    readonly createdAt: Date;
  },
): Receipt {
  const { targets, results, complete, createdAt } = done;
  return {
    createdAt: createdAt.toISOString(),
    root: bundle.root,
    name: bundle.document.name,
    complete,
    targets: targets.map(({ name, place }) => ({ target: name, place })),
    items: results.map(({ kind, name, destination }) => ({ kind, name, destination })),
    paths: results.flatMap(({ paths = [] }) => paths.map((path) => resolve(path))),
    references: results.flatMap(({ outcome, destination, digests: [digest] = [] }) =>
      outcome === 'pushed' && digest !== undefined ? [{ reference: destination, digest }] : [],
    ),
    blobs: complete ? results.flatMap(({ digests = [] }) => digests) : [],
  };
}
