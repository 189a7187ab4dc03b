import { resolve } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import type { Receipt } from './receipt.ts';
import type { ActionResult, Target } from '../target.ts';

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
  const onDisk = new Set(targets.filter(({ isOnDisk }) => isOnDisk).map(({ name }) => name));
  return {
    createdAt: createdAt.toISOString(),
    root: bundle.root,
    name: bundle.document.name,
    complete,
    // Whoever reads it may do so from another folder.
    targets: targets.map(({ name, place, isOnDisk }) => ({
      target: name,
      place: isOnDisk ? resolve(place) : place,
    })),
    items: results.map(({ kind, name, destination, target }) => ({
      kind,
      name,
      destination: onDisk.has(target) ? resolve(destination) : destination,
    })),
    paths: results.flatMap(({ paths = [] }) => paths.map((path) => resolve(path))),
    files: results.flatMap(({ files = [] }) => files.map((file) => ({ ...file, path: resolve(file.path) }))),
    listed: results.flatMap(({ listed = [] }) =>
      listed.map(({ path, tag }) => ({ path: resolve(path), tag })),
    ),
    references: results.flatMap(({ outcome, destination, digests: [digest] = [] }) =>
      outcome === 'pushed' && digest !== undefined ? [{ reference: destination, digest }] : [],
    ),
    blobs: complete ? results.flatMap(({ digests = [] }) => digests) : [],
  };
}
