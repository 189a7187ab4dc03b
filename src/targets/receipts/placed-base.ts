import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { streamFile } from '../../disk/stream-file.ts';
import type { BlobBase } from '../../bundle/check/base.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import { isSaddlebagError, messageOf, SaddlebagError, systemCode } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { Digest } from '../../oci/digest.ts';
import type { FetchOptions, WaitOptions } from '../../oci/roles.ts';
import { digestOfFile } from './placed-state.ts';
import { isReference, type Receipt } from './receipt.ts';
import { withinRoot } from '../../disk/root.ts';
import { TARGETS } from '../targets.ts';
import { isWithin } from '../../disk/within.ts';

/** Targets whose place is the root directory of another system. */
const ROOTS: ReadonlySet<string> = new Set(TARGETS.filter(({ isRoot }) => isRoot).map(({ name }) => name));

/** Returns the files that earlier installs placed on this disk, as a base; each is hashed before it is used. */
export function placedBase(receipts: readonly Receipt[]): BlobBase {
  const paths = new Map<Digest, string>();
  return {
    name: 'the files of earlier installs',
    vouchesFor: [],
    async find(blobs, options = {}) {
      const wanted = new Map(blobs.map(({ digest, size }) => [digest, size]));
      for await (const { path, size } of filesOf(receipts)) {
        const sizes = new Set([...wanted].filter(([digest]) => !paths.has(digest)).map(([, bytes]) => bytes));
        if (!sizes.has(size)) continue;
        const digest = await digestAt(path, options);
        if (digest !== undefined && wanted.get(digest) === size) paths.set(digest, path);
      }
      return { held: new Set([...wanted.keys()].filter((digest) => paths.has(digest))), damaged: new Set() };
    },
    open: ({ digest }, options) => bytesOf(paths.get(digest) ?? '', options),
  };
}

async function* bytesOf(path: string, options: FetchOptions = {}): ByteStream {
  try {
    yield* streamFile(path, options);
  } catch (cause) {
    throwIfInterrupted(options.signal);
    throw new SaddlebagError('ERR_DISK_FAILED', `Cannot read "${path}": ${messageOf(cause)}`, { cause });
  }
}

/** Yields every regular file that the receipts name, and those in folders they name. Links are not followed. */
async function* filesOf(
  receipts: readonly Receipt[],
): AsyncGenerator<{ readonly path: string; readonly size: number }, void, void> {
  for (const place of await placesOf(receipts)) {
    const stats = await statsOf(place);
    if (stats?.isFile() === true) yield { path: place, size: stats.size };
    if (stats?.isDirectory() !== true) continue;
    for (const name of await readdir(place).catch(() => [])) {
      const path = join(place, name);
      const found = await statsOf(path);
      if (found?.isFile() === true) yield { path, size: found.size };
    }
  }
}

async function placesOf(receipts: readonly Receipt[]): Promise<ReadonlySet<string>> {
  const places = new Set<string>();
  for (const { paths, items, targets } of receipts) {
    const roots = targets.filter(({ target }) => ROOTS.has(target)).map(({ place }) => place);
    const destinations = items.filter((item) => !isReference(item)).map(({ destination }) => destination);
    for (const path of [...paths, ...destinations]) {
      const root = roots.find((each) => isWithin(each, path));
      const place = root === undefined ? path : await withinRoot(root, path).catch(() => undefined);
      if (place !== undefined) places.add(place);
    }
  }
  return places;
}

/** A file that is gone or unreadable cannot be taken from. */
async function statsOf(path: string): Promise<Stats | undefined> {
  return await lstat(path).catch(() => undefined);
}

async function digestAt(path: string, options: WaitOptions): Promise<Digest | undefined> {
  try {
    return await digestOfFile(path, options);
  } catch (error) {
    if (isSaddlebagError(error) || systemCode(error) === undefined) throw error;
    return undefined;
  }
}
