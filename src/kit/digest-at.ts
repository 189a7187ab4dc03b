import { attempt, isAbsent } from '../disk/errno.ts';
import { streamFile } from '../disk/stream-file.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { type Digest, finishDigest, startDigest } from '../oci/digest.ts';

/** Returns the digest of a file, or `undefined` when nothing is there. @throws `ERR_DISK_FAILED`, `ERR_INTERRUPTED` */
export async function digestAt(path: string, { signal }: WaitOptions = {}): Promise<Digest | undefined> {
  const read = async (): Promise<Digest | undefined> => {
    const hash = startDigest();
    try {
      for await (const chunk of streamFile(path)) {
        throwIfInterrupted(signal);
        hash.update(chunk);
      }
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    return finishDigest(hash);
  };
  return await attempt('read', path, read, 'input');
}
