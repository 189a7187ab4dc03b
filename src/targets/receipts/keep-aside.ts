import { lstat, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { atTarget } from '../../disk/errno.ts';
import { namesIn } from '../../disk/names.ts';
import { place } from '../../disk/place.ts';
import { streamFile } from '../../disk/stream-file.ts';
import { digestOfFile } from './placed-state.ts';

/**
 * Copies a file to `<path>.bak`, or to the first free one of `.bak.1`, `.bak.2`, …, and returns that path. An existing
 * copy with the same bytes is reused: an earlier run was interrupted right after making it.
 */
export async function keepAside(path: string): Promise<string> {
  return await atTarget('keep a copy of', path, async () => {
    const digest = await digestOfFile(path);
    const mode = (await stat(path)).mode & 0o777;
    const taken = new Set(await namesIn(dirname(path)));
    for (let count = 0; ; count += 1) {
      const copy = count === 0 ? `${path}.bak` : `${path}.bak.${count}`;
      if (taken.has(basename(copy))) {
        if (await isFileWith(copy, digest)) return copy;
        continue;
      }
      // The original is replaced next.
      await place(copy, streamFile(path), { mode, isNew: true, kind: 'target' });
      return copy;
    }
  });
}

async function isFileWith(path: string, digest: string): Promise<boolean> {
  const found = await lstat(path);
  return found.isFile() && (await digestOfFile(path)) === digest;
}
