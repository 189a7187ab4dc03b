import { dirname } from 'node:path';
import type { LeftThere } from '../kind.ts';
import { fileRemovals } from '../uninstall/files.ts';
import type { Removal, RemovalOptions } from '../uninstall/step.ts';
import { versionListPath } from './version-list-file.ts';
import { takeBackVersionList } from './version-list-removal.ts';

/** Returns what takes back the releases in a cache, and then what the list of versions has of them. */
export function cacheRemovals(left: LeftThere, options: RemovalOptions): readonly Removal[] {
  const { place: cache, paths, receipt } = left;
  // Beside the list lies what was there before it, which is the user's.
  const releases = paths.filter((path) => dirname(path) !== cache);
  const list = versionListPath(cache);
  return [
    ...fileRemovals(
      { ...left, paths: releases },
      { ...options, target: 'rancher-desktop', destinationOf: dirname },
    ),
    ...(paths.includes(list)
      ? [
          {
            run: async (gone: ReadonlySet<string>) =>
              await takeBackVersionList(list, { ...options, receipt, cache, gone }),
          },
        ]
      : []),
  ];
}
