import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { factOf } from '../../disk/errno.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { compareText } from '../../internal/order.ts';
import type { PartFiles } from '../../spec/part.ts';

/** A file that a spec names, itself or by a pattern. */
export interface MatchedFile {
  /** Relative to the spec, with `/` between its parts. */
  readonly written: string;
  /** Where it is. */
  readonly path: string;
}

/** Most entries of folders that are looked at for one pattern, and most files that one may match. */
const LOOKED_AT = 20_000;
const MATCHED = 2000;

/**
 * Returns the files that a pattern matches, sorted: `*` and `?` stand for characters of one name, `**` for folders of any depth.
 * A name that begins with a dot is matched by a dot alone. `place` says where the pattern is written.
 *
 * @throws `ERR_SPEC_INVALID` when nothing matches, or too much does
 */
export async function filesMatching(
  pattern: string,
  place: string,
  files: PartFiles,
): Promise<readonly MatchedFile[]> {
  const [root = '', ...parts] = rooted(pattern.replaceAll('\\', '/'));
  const search = { files, left: LOOKED_AT, found: [] as MatchedFile[] };
  const cannot = (fact: string, cause?: unknown): SaddlebagError =>
    new SaddlebagError('ERR_SPEC_INVALID', `Cannot read manifests ${JSON.stringify(pattern)}: ${fact}`, {
      hint: `It is named at ${place}.`,
      cause,
    });
  try {
    await match(root, parts, search);
  } catch (cause) {
    if (cause instanceof SaddlebagError) throw cause;
    throw cannot(factOf(cause), cause);
  }
  if (search.left < 0) throw cannot(`more than ${LOOKED_AT} files would have to be looked at`);
  if (search.found.length === 0) throw cannot('no file matches it');
  if (search.found.length > MATCHED) throw cannot(`more than ${MATCHED} files match`);
  return search.found.toSorted((left, right) => compareText(left.written, right.written));
}

interface Search {
  readonly files: PartFiles;
  left: number;
  readonly found: MatchedFile[];
}

/** Splits a pattern behind the folders that it names outright. */
function rooted(pattern: string): readonly string[] {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => /[*?]/.test(part));
  const fixed = first === -1 ? parts.length : first;
  return [parts.slice(0, fixed).join('/'), ...parts.slice(fixed)];
}

async function match(written: string, parts: readonly string[], search: Search): Promise<void> {
  throwIfInterrupted(search.files.signal);
  const path = search.files.pathOf(written === '' ? '.' : written);
  const [part, ...rest] = parts;
  if (part === undefined) {
    if (!(await stat(path)).isFile())
      throw new SaddlebagError(
        'ERR_SPEC_INVALID',
        `Cannot read manifests ${JSON.stringify(written)}: it is not a file`,
        {
          hint: `Name the files in a folder by a pattern, such as "${written}/*.yaml".`,
        },
      );
    search.found.push({ written, path });
    return;
  }
  if (part === '**') await match(written, rest, search);
  for (const entry of (await readdir(path, { withFileTypes: true })).toSorted((a, b) =>
    compareText(a.name, b.name),
  )) {
    search.left -= 1;
    if (search.left < 0) return;
    const name = written === '' ? entry.name : `${written}/${entry.name}`;
    const isFolder = entry.isDirectory();
    if (part === '**') {
      if (isFolder && !entry.name.startsWith('.')) await match(name, parts, search);
    } else if (isMatch(entry.name, part)) {
      if (rest.length === 0) await addFile(name, join(path, entry.name), search);
      else if (isFolder) await match(name, rest, search);
    }
  }
}

/** A link counts as what it leads to. */
async function addFile(written: string, path: string, { found }: Search): Promise<void> {
  if ((await stat(path)).isFile() && found.length <= MATCHED) found.push({ written, path });
}

function isMatch(name: string, part: string): boolean {
  if (name.startsWith('.') && !part.startsWith('.')) return false;
  const pattern = part
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`).test(name);
}
