import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, isAbsent } from '../disk/errno.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { KIT } from './names.ts';
import { decodeKitRecord, type KitRecord } from './record.ts';
import { parseKitSums } from './sums.ts';

/** A kit in a folder. */
export interface FoundKit {
  readonly folder: string;
  /** Left out when it cannot be read. */
  readonly record?: KitRecord | undefined;
  /** Digests by path. Left out when there is no `SHA256SUMS`, or it is not that of a kit. */
  readonly sums?: ReadonlyMap<string, Digest> | undefined;
  /** Of `SHA256SUMS`. */
  readonly digest?: Digest | undefined;
}

/** Ceiling (bytes) of the two documents; they have a few kilobytes. */
const LIMIT = 1024 * 1024;

/** Returns the kit in a folder, or `undefined` when there is none. @throws `ERR_DISK_FAILED` */
export async function readKit(folder: string): Promise<FoundKit | undefined> {
  const record = await textAt(join(folder, KIT.record));
  if (record === undefined) return undefined;
  const text = await textAt(join(folder, KIT.sums));
  const sums = text === undefined ? undefined : parseKitSums(text);
  return {
    folder,
    record: decodeKitRecord(record),
    sums,
    digest: text === undefined || sums === undefined ? undefined : digestOf(text),
  };
}

async function textAt(path: string): Promise<string | undefined> {
  const read = async (): Promise<string | undefined> => {
    try {
      await using file = await open(path, 'r');
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(LIMIT) });
      return buffer.subarray(0, bytesRead).toString('utf8');
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  };
  return await attempt('read', path, read, 'input');
}
