import type { SavedFiles } from './files.ts';

/** Returns the files of several archives as those of one; what several of them have is taken from the first. */
export function joinFiles(listed: readonly SavedFiles[], path: string): SavedFiles {
  return {
    path,
    files: new Map(listed.toReversed().flatMap(({ files }) => [...files])),
    links: new Map(listed.toReversed().flatMap(({ links }) => [...links])),
  };
}
