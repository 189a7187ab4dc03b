import { dirname, join } from 'node:path/posix';
import type { SavedFile, SavedFiles } from './files.ts';

/** Most links that lead from one to the next. */
const LINK_LIMIT = 8;

/**
 * Returns the file at a path, or the one that a link there leads to: `podman save` and older Dockers write a layer once, and
 * links for the rest. A link that leads out of the archive, or in a circle, leads to nothing.
 */
export function findFile(saved: Pick<SavedFiles, 'files' | 'links'>, path: string): SavedFile | undefined {
  let at = plain(path);
  for (let count = 0; count <= LINK_LIMIT; count += 1) {
    const file = saved.files.get(at);
    if (file !== undefined) return file;
    const link = saved.links.get(at);
    if (link === undefined) return undefined;
    at = link.isHard ? plain(link.target) : join(dirname(at), link.target);
  }
  return undefined;
}

function plain(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '');
}
