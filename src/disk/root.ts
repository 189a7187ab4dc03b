import { readlink } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { SaddlebagError } from '../internal/error.ts';
import { atTarget } from './errno.ts';
import { statOf } from './stat.ts';

/** Linux follows at most this many links in one path (path_resolution(7)). */
const LINK_LIMIT = 40;

/**
 * Returns where a path below `root` really lies when `root` is the root directory of another system, as after
 * chroot(2): a link with an absolute path starts again at `root`, and `..` stops there. So nobody who controls that
 * system can lead us out of it. Parts of the path that do not exist yet are taken as they are. A link at the end of the
 * path is not followed unless `follow` is set. With `/` as the root, paths keep their usual meaning.
 *
 * @throws `ERR_TARGET_REFUSED` for links without an end; `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`
 */
export async function withinRoot(
  root: string,
  path: string,
  options: { readonly follow?: boolean } = {},
): Promise<string> {
  const top = resolve(root);
  if (resolve(top, '..') === top) return resolve(path);
  const todo = partsOf(relative(top, resolve(path)));
  const done: string[] = [];
  for (let links = 0; ;) {
    const part = todo.shift();
    if (part === undefined) return join(top, ...done);
    if (part === '..') {
      done.pop();
      continue;
    }
    const isFollowed = todo.length > 0 || options.follow === true;
    const target = isFollowed ? await linkAt(join(top, ...done, part)) : undefined;
    if (target === undefined) {
      done.push(part);
      continue;
    }
    links += 1;
    if (links > LINK_LIMIT) throw endless(path);
    if (isAbsoluteLink(target)) done.length = 0;
    todo.unshift(...partsOf(target));
  }
}

/**
 * Makes sure that a path still lies where {@link withinRoot} found it: links may have appeared since.
 *
 * @throws `ERR_TARGET_REFUSED` when it lies elsewhere now
 */
export async function requireUnmoved(root: string, path: string, found: string): Promise<void> {
  if ((await withinRoot(root, path)) === found) return;
  throw new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot write ${JSON.stringify(path)}: its folders were changed in the meantime`,
    { hint: 'Make sure that nothing else is changing files there, and run the command again.' },
  );
}

async function linkAt(path: string): Promise<string | undefined> {
  const found = await statOf(path, { follow: false });
  if (found?.isSymbolicLink() !== true) return undefined;
  return await atTarget('read link', path, async () => await readlink(path));
}

function partsOf(path: string): string[] {
  return path
    .split(sep === '/' ? sep : /[\\/]/)
    .filter((part) => part !== '' && part !== '.' && !isDrive(part));
}

function isAbsoluteLink(target: string): boolean {
  return sep === '/' ? target.startsWith('/') : /^(?:[\\/]|[A-Za-z]:)/.test(target);
}

function isDrive(part: string): boolean {
  return sep !== '/' && /^[A-Za-z]:$/.test(part);
}

function endless(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot look at ${JSON.stringify(path)}: its symbolic links lead in a circle`,
    { hint: 'Fix the links, and run the command again.' },
  );
}
