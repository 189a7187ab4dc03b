import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeJson } from '../../internal/json.ts';
import { place } from '../../disk/place.ts';
import { statOf } from '../../disk/stat.ts';

/** The node's note of what it has imported (k3s, `pkg/agent/containerd`, since v1.33.1, v1.32.5, v1.31.9 and v1.30.13). */
const NAME = '.cache.json';
/** Ceiling (bytes) of the note: an entry has some hundred. */
const LIMIT = 1024 * 1024;

/**
 * Takes an archive that is about to be replaced out of the node's note. Otherwise a node up to v1.36.2 takes a new archive of the
 * same size for the old one (k3s-io/k3s#14284). `path` is the archive as the node calls it, `real` where it is here. A note that
 * cannot be read stays as it is: the node does not read it either.
 *
 * @throws what placing a file throws
 */
export async function forgetImport(path: string, real: string): Promise<void> {
  const note = join(dirname(real), NAME);
  const stats = await statOf(note, { follow: false });
  if (stats?.isFile() !== true || stats.size === 0 || stats.size > LIMIT) return;
  const entries = entriesOf(await readFile(note, 'utf8'));
  if (entries === undefined) return;
  const kept = entries.filter(([name]) => name !== path);
  if (kept.length === entries.length) return;
  await place(note, encodeJson(Object.fromEntries(kept)), {
    mode: stats.mode & 0o777,
    owner: stats,
    kind: 'target',
  });
}

function entriesOf(text: string): readonly (readonly [string, unknown])[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value)
      : undefined;
  } catch {
    return undefined;
  }
}
