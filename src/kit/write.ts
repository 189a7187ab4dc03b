import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { attempt } from '../disk/errno.ts';
import type { ByteStream } from '../internal/bytes.ts';
import { makeFolder } from '../disk/folder.ts';
import { type Content, place } from '../disk/place.ts';
import { freeSpace } from '../disk/space.ts';
import { statOf } from '../disk/stat.ts';
import { SaddlebagError } from '../internal/error.ts';
import { formatBytes } from '../internal/format.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { digestAt } from './digest-at.ts';
import type { KitFile } from './file.ts';
import { KIT } from './names.ts';
import { readKit } from './read.ts';
import { encodeKitSums } from './sums.ts';

/** What became of a kit. */
export interface WrittenKit {
  /** Digest of its `SHA256SUMS`, which stands for every byte of it. */
  readonly digest: Digest;
  /** Size of all files (bytes). */
  readonly bytes: number;
  /** Of those, what was written in this run (bytes); the rest was in place. */
  readonly writtenBytes: number;
}

export interface WriteKitOptions extends WaitOptions {
  /** Called with each file when its turn comes. */
  readonly onFile?: ((file: KitFile) => void) | undefined;
  /** Called with the number of bytes that are in place since the last call. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** Files at the top of the folder, where others may have files of these names. */
const TOP: readonly string[] = [KIT.launcher, KIT.windowsLauncher, KIT.page, KIT.sums, 'kit'];

/**
 * Makes sure that a kit can be put into a folder: it is one, nothing of others has a name of the kit's, and it is not a bundle.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`
 */
export async function requireKitPlace(folder: string): Promise<void> {
  const found = await statOf(folder);
  if (found?.isDirectory() !== true)
    throw unwritable(folder, found === undefined ? 'there is no such folder' : 'it is not a folder', {
      hint: 'Name the folder that the bundle is in, such as the stick.',
    });
  for (const name of ['bundle.json', 'oci-layout']) {
    if ((await statOf(join(folder, name))) !== undefined)
      throw unwritable(folder, 'it is itself a bundle', {
        hint: 'A kit lies beside the bundle: name the folder above.',
      });
  }
  if ((await readKit(folder)) !== undefined) return;
  for (const name of TOP) {
    if ((await statOf(join(folder, name), { follow: false })) === undefined) continue;
    throw unwritable(folder, `"${name}" is there already, and is not part of a kit`, {
      hint: 'Move it aside, or choose another folder.',
    });
  }
}

/**
 * Makes sure that there is room for a kit beside `others`, the bytes that are going to be written there too.
 *
 * @throws `ERR_DISK_FULL`
 */
export async function requireKitSpace(
  folder: string,
  files: readonly KitFile[],
  { others = 0 }: { readonly others?: number } = {},
): Promise<void> {
  const { free, unit } = await freeSpace(folder);
  let needed = others;
  for (const { path, size } of files) {
    const found = await statOf(join(folder, path));
    // A file is replaced by a new one of its size, one at a time; what is there already is written only where it differs.
    if (found?.size !== size) needed += Math.ceil(size / unit) * unit;
  }
  if (needed <= free) return;
  throw new SaddlebagError(
    'ERR_DISK_FULL',
    `Cannot write the kit in "${folder}": ${formatBytes(needed)} are needed, and ${formatBytes(free)} are free`,
    { hint: 'Free some space, or take fewer platforms with --platform.' },
  );
}

/**
 * Puts a kit into a folder. What is there as it should be stays; `SHA256SUMS` comes last, so that a kit that was cut short does
 * not pass for a whole one. Files of an earlier kit go.
 *
 * @throws `ERR_DISK_FULL`, `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`, `ERR_INTERRUPTED`
 */
export async function writeKit(
  folder: string,
  files: readonly KitFile[],
  { signal, onFile, onBytes }: WriteKitOptions = {},
): Promise<WrittenKit> {
  const before = await readKit(folder);
  let writtenBytes = 0;
  for (const file of files) {
    throwIfInterrupted(signal);
    onFile?.(file);
    const path = join(folder, file.path);
    if ((await statOf(path))?.size === file.size && (await digestAt(path)) === file.digest) {
      onBytes?.(file.size);
      continue;
    }
    await makeFolder(dirname(path));
    const content = counted(file.open(), onBytes);
    await place(path, content, { mode: file.isProgram ? 0o755 : 0o644, signal });
    writtenBytes += file.size;
  }
  const sums = encodeKitSums(files);
  await place(join(folder, KIT.sums), sums, { mode: 0o644, signal });
  const kept = new Set(files.map(({ path }) => path));
  for (const path of before?.sums?.keys() ?? []) {
    if (kept.has(path) || !(path.startsWith('kit/') || TOP.includes(path))) continue;
    await attempt('remove', join(folder, path), async () => await rm(join(folder, path), { force: true }));
  }
  const bytes = files.reduce((sum, { size }) => sum + size, sums.length);
  return { digest: digestOf(sums), bytes, writtenBytes };
}

function counted(content: Content, onBytes: WriteKitOptions['onBytes']): Content {
  if (onBytes === undefined) return content;
  if (typeof content === 'string' || content instanceof Uint8Array) {
    onBytes(content.length);
    return content;
  }
  return counting(content, onBytes);
}

async function* counting(content: AsyncIterable<Uint8Array>, onBytes: (count: number) => void): ByteStream {
  for await (const chunk of content) {
    yield chunk;
    onBytes(chunk.length);
  }
}

function unwritable(folder: string, fact: string, options: { readonly hint: string }): SaddlebagError {
  return new SaddlebagError('ERR_OUTPUT_UNWRITABLE', `Cannot write a kit in "${folder}": ${fact}`, options);
}
