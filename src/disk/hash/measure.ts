import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { SaddlebagError } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { type Digest, finishDigest, startDigest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { systemError } from '../errno.ts';
import { CHUNK } from '../chunk.ts';

/** What a file is. */
export interface MeasuredFile {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
  /** Whether its owner may run it; never on Windows, which has no such bit. */
  readonly isExecutable: boolean;
}

/**
 * Reads a regular file from end to end. `follow: false` refuses a symbolic link in its place. Throws system errors as they
 * are.
 *
 * @throws `ERR_DISK_FAILED` when the file changed while it was read, `ERR_INTERRUPTED`
 */
export async function measureFile(
  path: string,
  options: WaitOptions & { readonly follow?: boolean | undefined } = {},
): Promise<MeasuredFile> {
  // Windows has neither flag. Without the second, a named pipe would make `open` wait forever.
  const noFollow = options.follow === false ? (constants.O_NOFOLLOW ?? 0) : 0;
  await using handle = await open(path, constants.O_RDONLY | noFollow | (constants.O_NONBLOCK ?? 0));
  const before = await handle.stat();
  if (!before.isFile()) throw systemError('EFTYPE');
  const { digest, size } = await readThrough(handle, options);
  if (size !== before.size || !isSame(before, await handle.stat())) throw changed(path);
  const isExecutable = process.platform !== 'win32' && (before.mode & 0o100) !== 0;
  return { digest, size, isExecutable };
}

async function readThrough(
  handle: FileHandle,
  { signal }: WaitOptions,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const hash = startDigest();
  const buffer = Buffer.allocUnsafeSlow(CHUNK);
  let size = 0;
  for (;;) {
    throwIfInterrupted(signal);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, size);
    if (bytesRead === 0) return { digest: finishDigest(hash), size };
    hash.update(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
}

function isSame(left: Stats, right: Stats): boolean {
  return left.size === right.size && left.mtimeMs === right.mtimeMs && left.ino === right.ino;
}

function changed(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_DISK_FAILED',
    `Cannot read ${JSON.stringify(path)}: it changed while it was read`,
    {
      hint: 'Wait until nothing writes to it, and run the command again.',
    },
  );
}
