import { open } from 'node:fs/promises';
import { constants } from 'node:fs';
import type { Archive, Overwrite } from '../../archive/archive.ts';
import { attempt } from '../../disk/errno.ts';
import { writeAll } from '../../disk/write/all.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import { openParity } from '../../parity/file.ts';
import { encodeHead, type ParityHead, TRAILER_SIZE } from '../../parity/head.ts';
import { parityPath } from '../../parity/place.ts';
import { paritySize } from '../../parity/write.ts';
import { volatileIn } from './volatile.ts';

/**
 * Opens the parity file of a bundle that is going to be signed, and returns how it takes the new signature, and closes. One
 * that belongs to another bundle, or is damaged, stays as it is.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` when it cannot be changed, `ERR_DISK_FAILED`
 */
export async function openKeptSignature(
  archive: Archive,
  overwrites: readonly Overwrite[],
): Promise<AsyncDisposable & { write(): Promise<void> }> {
  const path = baseOf(archive, overwrites);
  const head = path === undefined ? undefined : await soundHead(path);
  const volatile = volatileIn(archive, overwrites);
  const isOurs =
    head?.geometry.size === archive.reader?.size &&
    head?.volatile.length === volatile.length &&
    head.volatile.every(({ position, bytes }, index) => {
      const other = volatile[index];
      return position === other?.position && bytes.length === other.bytes.length;
    });
  if (path === undefined || head === undefined || !isOurs) {
    return { write: async () => {}, [Symbol.asyncDispose]: async () => {} };
  }
  const flags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);
  const handle = await attempt('write to', path, () => open(path, flags));
  return {
    write: async () => {
      const bytes = encodeHead({ ...head, volatile });
      const end = paritySize(head) - bytes.length - TRAILER_SIZE;
      // One of the two heads is sound at any moment.
      for (const position of [end, 0]) {
        await attempt('write to', path, async () => {
          await writeAll(handle, [bytes], position);
          await handle.datasync();
        });
      }
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

function baseOf({ reader }: Archive, overwrites: readonly Overwrite[]): string | undefined {
  if (reader === undefined) return undefined;
  const base = reader.volumes?.base ?? overwrites[0]?.file;
  return base === undefined ? undefined : parityPath(base);
}

async function soundHead(path: string): Promise<ParityHead | undefined> {
  try {
    return await headIn(path);
  } catch (error) {
    if (isSaddlebagError(error) && error.code !== 'ERR_INTERRUPTED') return undefined;
    throw error;
  }
}

async function headIn(path: string): Promise<ParityHead | undefined> {
  const parity = await openParity(path);
  if (parity === undefined) return undefined;
  await using _parity = parity;
  return parity.isFramed ? parity.head : undefined;
}
