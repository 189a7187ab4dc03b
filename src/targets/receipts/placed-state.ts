import { interrupted } from '../../internal/interrupt.ts';
import { Lease } from '../../internal/lease.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, finishDigest, startDigest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { atTarget, systemError } from '../../disk/errno.ts';
import { statOf } from '../../disk/stat.ts';
import { streamFile } from '../../disk/stream-file.ts';
import type { Action } from '../target.ts';

/** Read at once (bytes): all files of a target may be read at the same time. */
const CHUNK = 256 * 1024;

/** What a file should be. */
export interface ExpectedFile {
  readonly descriptor: Pick<Descriptor, 'digest' | 'size'>;
  readonly mode: number;
}

/**
 * Compares the file at `path` with what it should be: size first, then every byte, then the permission bits it needs. A
 * link is `different`, because its target may change without our knowledge.
 *
 * @throws `ERR_TARGET_REFUSED` when it is a folder
 */
export async function placedState(
  path: string,
  expected: ExpectedFile,
  options: WaitOptions = {},
): Promise<Action['state']> {
  return await atTarget('read', path, async () => {
    const found = await statOf(path, { follow: false });
    if (found === undefined) return 'missing';
    if (found.isDirectory()) throw systemError('EFTYPE');
    if (!found.isFile() || found.size !== expected.descriptor.size) return 'different';
    if (!hasMode(found.mode, expected.mode)) return 'different';
    return (await digestOfFile(path, options)) === expected.descriptor.digest ? 'present' : 'different';
  });
}

/** Returns the digest of a file on disk. */
export async function digestOfFile(path: string, options: WaitOptions = {}): Promise<Digest> {
  const hash = startDigest();
  try {
    const { signal } = options;
    const lease = new Lease({ chunks: 1 });
    for await (const chunk of streamFile(path, { lease, chunk: CHUNK, signal })) hash.update(chunk);
    lease.end();
  } catch (error) {
    if (options.signal?.aborted) throw interrupted(options.signal);
    throw error;
  }
  return finishDigest(hash);
}

/** Windows has no permission bits to compare. */
function hasMode(found: number, wanted: number): boolean {
  return process.platform === 'win32' || (found & wanted) === wanted;
}
