import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ByteStream, streamOf } from '../internal/bytes.ts';
import { systemCode } from '../internal/error.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { attempt, type PathKind, systemError } from './errno.ts';
import { syncFolder } from './folder.ts';
import { type Owner, whereKnown } from './owner.ts';
import { statOf } from './stat.ts';
import { clearLeftovers, temporaryName } from './sharing/temporary.ts';
import { writeAll } from './write-all.ts';

/** What a file is to hold; what comes from elsewhere verifies itself on the way. */
export type Content = string | Uint8Array | ByteStream;

export interface NewFileOptions extends WaitOptions {
  /** Permission bits, whatever the umask is; what the umask leaves of `0o666` when left out. */
  readonly mode?: number | undefined;
  readonly owner?: Owner | undefined;
}

export interface PlaceOptions extends NewFileOptions {
  /** Where the file grows until it is whole, on the same filesystem; the folder of the file when left out. */
  readonly workFolder?: string | undefined;
  /** Never replaces what is there. */
  readonly isNew?: boolean | undefined;
  /** Runs when the file is whole, right before it gets its name; what it throws keeps the file from getting it. */
  readonly beforeNaming?: (() => Promise<void>) | undefined;
  /** What the path is to the user; an output when left out. */
  readonly kind?: PathKind | undefined;
}

/**
 * Puts a file in place, whole or not at all, also when the power fails: it grows under another name, reaches the disk, gets
 * its name, and its folder reaches the disk. The folder must be there.
 *
 * @throws `ERR_DISK_FULL`, `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`, for a target `ERR_TARGET_REFUSED`; `ERR_INTERRUPTED`;
 * what `content` throws
 */
export async function place(path: string, content: Content, options: PlaceOptions = {}): Promise<void> {
  const { workFolder = dirname(path), isNew = false, kind } = options;
  const work = async (): Promise<void> => {
    await clearLeftovers(workFolder, basename(path));
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
 * Writes a file that must not be there yet, with its mode and owner, and returns when its bytes are on the disk. Its name is
 * not yet: for files in a folder that is to be moved as a whole. Throws errors of the system as they are.
 */
export async function writeNew(path: string, content: Content, options: NewFileOptions = {}): Promise<void> {
  const { mode, owner, signal } = options;
  await using handle = await open(path, 'wx', mode ?? 0o666);
  for await (const chunk of chunksOf(content)) {
    throwIfInterrupted(signal);
    await writeAll(handle, [chunk]);
  }
  // The umask had its say when the file was made.
  if (mode !== undefined && process.platform !== 'win32') await whereKnown(() => handle.chmod(mode));
  if (owner !== undefined) await whereKnown(() => handle.chown(owner.uid, owner.gid));
  await handle.sync();
}

function chunksOf(content: Content): ByteStream {
  if (typeof content === 'string') return streamOf(Buffer.from(content));
  return content instanceof Uint8Array ? streamOf(content) : content;
}

/** What is in the way may be a folder, which a rename cannot replace; Windows would call it a matter of rights. */
async function renameOver(from: string, to: string): Promise<void> {
  const found = await statOf(to, { follow: false });
  if (found?.isDirectory() === true) throw systemError('EISDIR');
  await rename(from, to);
}

/** A rename would replace what is there; a second name for the same file is refused instead. */
async function renameToNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw error;
    return await renameToTaken(from, to);
  }
  await rm(from);
}

/** FAT and others know one name for a file: there the name is taken first, empty. */
async function renameToTaken(from: string, to: string): Promise<void> {
  await (await open(to, 'wx', 0o600)).close();
  try {
    await rename(from, to);
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  }
}
