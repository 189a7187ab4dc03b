import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ByteStream } from '../internal/bytes.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { verified } from '../oci/verified.ts';
import { syncFolder } from './folder.ts';
import { type Owner, whereKnown } from './owner.ts';
import { explainingFailure, nonFileInTheWay } from './system-failure.ts';
import { clearLeftovers, temporaryName } from './temporary-name.ts';

/** What a file is to be once it is in place. */
export interface WantedFile {
  readonly descriptor: Pick<Descriptor, 'digest' | 'size'>;
  /** Bytes as they come; they are verified on the way. */
  readonly content: ByteStream;
  readonly mode: number;
  readonly owner?: Owner | undefined;
}

export interface PlaceOptions extends WaitOptions {
  /** Where the file grows until it is whole, on the same filesystem; the folder of the file when left out. */
  readonly workFolder?: string | undefined;
}

/**
 * Puts a file in place, whole or not at all: it grows under another name, verified byte by byte, reaches the disk, and is
 * renamed. The folder must be there.
 *
 * @throws `ERR_DIGEST_MISMATCH`, `ERR_SIZE_MISMATCH`, `ERR_DISK_FULL`, `ERR_OUTPUT_UNWRITABLE`, `ERR_TARGET_REFUSED`
 */
export async function placeFile(path: string, wanted: WantedFile, options: PlaceOptions = {}): Promise<void> {
  const workFolder = options.workFolder ?? dirname(path);
  await explainingFailure('write', path, async () => {
    await clearLeftovers(workFolder, basename(path));
    const temporary = join(workFolder, temporaryName(basename(path)));
    try {
      await writeFileWhole(temporary, wanted, options);
      await renameOver(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
  });
}

/** Writes a file that must not be there yet, verified, with its mode and owner, and returns when it is on the disk. */
export async function writeFileWhole(
  path: string,
  wanted: WantedFile,
  options: WaitOptions = {},
): Promise<void> {
  await using handle = await open(path, 'wx', wanted.mode);
  for await (const chunk of verified(wanted.content, wanted.descriptor)) {
    throwIfInterrupted(options.signal);
    await writeAll(handle, chunk);
  }
  const { mode, owner } = wanted;
  // The umask had its say when the file was made.
  if (process.platform !== 'win32') await whereKnown(() => handle.chmod(mode));
  if (owner !== undefined) await whereKnown(() => handle.chown(owner.uid, owner.gid));
  await handle.sync();
}

/** A write may take less than it was given. */
async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    done += (await handle.write(chunk, done)).bytesWritten;
  }
}

/** What is in the way may be a folder, which a rename cannot replace and which is not ours to remove. */
async function renameOver(from: string, to: string): Promise<void> {
  const found = await lstat(to).catch(() => undefined);
  if (found?.isDirectory() === true) throw nonFileInTheWay(to);
  await rename(from, to);
}
