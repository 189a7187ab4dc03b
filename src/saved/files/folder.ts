import { type Dirent } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { diskError } from '../../disk/errno.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { compareText } from '../../internal/order.ts';
import { quote } from '../../internal/quote.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { DEPTH_LIMIT, ENTRY_LIMIT, type SavedFile, type SavedFiles, type SavedLink } from './files.ts';

/**
 * Lists a folder that another program wrote. Links are not followed on disk: they may only lead to what was listed.
 *
 * @throws `ERR_ARCHIVE_INVALID` for more than any program writes, `ERR_DISK_FAILED`
 */
export async function listFolder(
  path: string,
  options: WaitOptions & { readonly written: string },
): Promise<SavedFiles> {
  const files = new Map<string, SavedFile>();
  const links = new Map<string, SavedLink>();
  let count = 0;
  const walk = async (folder: string, depth: number): Promise<void> => {
    if (depth > DEPTH_LIMIT) throw tooMuch(options.written, `it is more than ${DEPTH_LIMIT} folders deep`);
    for (const entry of await entriesIn(join(path, folder))) {
      throwIfInterrupted(options.signal);
      count += 1;
      if (count > ENTRY_LIMIT) throw tooMuch(options.written, `it has more than ${ENTRY_LIMIT} entries`);
      const inner = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const place = join(path, inner);
      if (entry.isDirectory()) await walk(inner, depth + 1);
      else if (entry.isSymbolicLink()) links.set(inner, { target: await targetOf(place), isHard: false });
      else if (entry.isFile()) {
        const size = await sizeOf(place);
        files.set(inner, { path: inner, size, at: [{ file: place, position: 0, length: size }] });
      }
    }
  };
  await walk('', 0);
  return { path: options.written, files, links };
}

/** Sorted: a disk has no order that is the same tomorrow. */
async function entriesIn(folder: string): Promise<readonly Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw diskError('read', folder, cause, 'input');
  });
  return entries.sort((left, right) => compareText(left.name, right.name));
}

async function targetOf(path: string): Promise<string> {
  const target = await readlink(path).catch((cause: unknown) => {
    throw diskError('read', path, cause, 'input');
  });
  return sep === '/' ? target : target.replaceAll('\\', '/');
}

async function sizeOf(path: string): Promise<number> {
  const { size } = await lstat(path).catch((cause: unknown) => {
    throw diskError('read', path, cause, 'input');
  });
  return size;
}

function tooMuch(path: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot read folder ${quote(path)}: ${fact}`);
}
