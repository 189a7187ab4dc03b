import { dirname } from 'node:path';
import type { LeftThere } from '../kind.ts';
import { fileRemovals } from '../uninstall/files.ts';
import type { Removal, RemovalOptions } from '../uninstall/step.ts';
import { versionListPath } from './version-list-file.ts';
import { takeBackVersionList } from './version-list-removal.ts';

/** Returns the steps that remove the releases from a cache, and then their entries from the list of versions. */
export function cacheRemovals(left: LeftThere, options: RemovalOptions): readonly Removal[] {
  const { place: cache, paths, receipt } = left;
  // The backup next to the list is the user's.
  const releases = paths.filter((path) => dirname(path) !== cache);
  const list = versionListPath(cache);
  return [
    ...fileRemovals(
      { ...left, paths: releases },
      { target: 'rancher-desktop', destinationOf: dirname },
      options,
    ),
    ...(paths.includes(list)
      ? [
          {
            run: async (gone: ReadonlySet<string>) =>
              await takeBackVersionList(list, { receipt, cache, gone }, options),
          },
        ]
      : []),
  ];
}
