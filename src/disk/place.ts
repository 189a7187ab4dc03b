import { type FileHandle, link, open, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ByteStream, streamOf } from '../internal/bytes.ts';
import { SaddlebagError, systemCode } from '../internal/error.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { attempt, type PathKind, systemError } from './errno.ts';
import { syncFolder } from './folder.ts';
import { type Owner, whereKnown } from './owner.ts';
import { statOf } from './stat.ts';
import { clearLeftovers, type Sweep, temporaryName } from './sharing/temporary.ts';
import { writeAll } from './write/all.ts';
import { WriteBehind } from './write/behind.ts';

/** The content of a file. Content from elsewhere verifies itself as it streams; the memory of its chunks may be used again. */
export type Content = string | Uint8Array | ByteStream;

export interface NewFileOptions extends WaitOptions {
  /** Permission bits, regardless of the umask; when left out, `0o666` less the umask. */
  readonly mode?: number | undefined;
  readonly owner?: Owner | undefined;
}

export interface PlaceOptions extends NewFileOptions {
  /** Where the file is written until it is complete, on the same filesystem; by default the folder of the file. */
  readonly workFolder?: string | undefined;
  /** Shared by files that go to one folder: it is cleared of leftovers once, and not for each of them. */
  readonly sweep?: Sweep | undefined;
  /** Whether to refuse to replace an existing file. */
  readonly isNew?: boolean | undefined;
  /** Runs when the file is complete, right before it gets its name. If it throws, the file does not get its name. */
  readonly beforeNaming?: (() => Promise<void>) | undefined;
  /** What the path is to the user; an output when left out. */
  readonly kind?: PathKind | undefined;
}

/**
 * Puts a file in place, whole or not at all, even if the power fails: the file is written under another name and
 * synced, then renamed, and its folder is synced. The folder must exist.
 *
 * @throws `ERR_DISK_FULL`, `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`, for a target `ERR_TARGET_REFUSED`; `ERR_INTERRUPTED`;
 * what `content` throws
 */
export async function place(path: string, content: Content, options: PlaceOptions = {}): Promise<void> {
  const { workFolder = dirname(path), sweep, isNew = false, kind } = options;
  const work = async (): Promise<void> => {
    await (sweep === undefined ? clearLeftovers(workFolder, basename(path)) : sweep.clear(workFolder));
    const temporary = join(workFolder, temporaryName(basename(path)));
    try {
      await writeNew(temporary, content, options);
      await options.beforeNaming?.();
      await (isNew ? renameToNew(temporary, path) : renameOver(temporary, path));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
  };
  await attempt(isNew ? 'create' : 'write', path, work, kind);
}

/**
 * Puts a symbolic link in place, in one step. Its folder must exist.
 *
 * @throws `ERR_TARGET_REFUSED` where there can be no links; `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function placeLink(path: string, target: string): Promise<void> {
  const folder = dirname(path);
  const work = async (): Promise<void> => {
    await clearLeftovers(folder, basename(path));
    const temporary = join(folder, temporaryName(basename(path)));
    try {
      await symlink(target, temporary);
      await renameOver(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw LINKLESS.includes(systemCode(error) ?? '') ? noLinks(path, error) : error;
    }
    await syncFolder(folder);
  };
  await attempt('make link', path, work, 'target');
}

/** What systems answer where a filesystem has no links, or this user may make none. */
const LINKLESS: readonly string[] = ['EPERM', 'ENOSYS', 'EOPNOTSUPP', 'ENOTSUP'];

function noLinks(path: string, cause: unknown): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot make link ${JSON.stringify(path)}: this user may not, or the filesystem has no links`,
    { hint: 'Choose a folder on another filesystem. On Windows, turn on developer mode.', cause },
  );
}

/**
 * Writes a file that must not exist yet, with its mode and owner, and returns once its bytes are on the disk. Its name
 * may not be: this is for files in a folder that will be moved as a whole. Throws system errors as they are.
 */
export async function writeNew(path: string, content: Content, options: NewFileOptions = {}): Promise<void> {
  await using handle = await open(path, 'wx', options.mode ?? 0o666);
  await fillFile(handle, content, options);
}

/**
 * Writes what a file still lacks, from `offset` (bytes) on, and does the rest of {@link writeNew}. Throws system errors as they
 * are.
 */
export async function fillFile(
  handle: FileHandle,
  content: Content,
  options: NewFileOptions & { readonly offset?: number | undefined } = {},
): Promise<void> {
  const { mode, owner, signal } = options;
  let position = options.offset ?? 0;
  const behind = new WriteBehind(async (bytes) => {
    await writeAll(handle, [bytes], position);
    position += bytes.length;
  });
  try {
    for await (const chunk of chunksOf(content)) {
      throwIfInterrupted(signal);
      await behind.add(chunk);
    }
    await behind.end();
  } finally {
    // The file must not be closed under a write.
    await behind.settled();
  }
  // The umask applied when the file was created.
  if (mode !== undefined && process.platform !== 'win32') await whereKnown(() => handle.chmod(mode));
  if (owner !== undefined) await whereKnown(() => handle.chown(owner.uid, owner.gid));
  await handle.sync();
}

/** Yields the bytes of a content. */
export function chunksOf(content: Content): ByteStream {
  if (typeof content === 'string') return streamOf(Buffer.from(content));
  return content instanceof Uint8Array ? streamOf(content) : content;
}

/** A rename cannot replace a folder, and Windows would report that as a permission problem. */
export async function renameOver(from: string, to: string): Promise<void> {
  const found = await statOf(to, { follow: false });
  if (found?.isDirectory() === true) throw systemError('EISDIR');
  await rename(from, to);
}

/** A rename would replace an existing file; creating a hard link fails instead. */
async function renameToNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw error;
    return await renameToTaken(from, to);
  }
  await rm(from);
}

/** FAT and some other filesystems have no hard links: there, an empty file takes the name first. */
async function renameToTaken(from: string, to: string): Promise<void> {
  await (await open(to, 'wx', 0o600)).close();
  try {
    await rename(from, to);
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}
