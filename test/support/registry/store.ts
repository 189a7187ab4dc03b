import { createReadStream } from 'node:fs';
import { appendFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteStream } from '../../../src/internal/bytes.ts';
import { type Digest, digestOf, finishDigest, hexOf, startDigest } from '../../../src/oci/digest.ts';

/** Where the in-process registry keeps bytes. */
export interface ContentStore {
  sizeOf(digest: Digest): Promise<number | undefined>;
  /** Yields the bytes `start` (included) to `end` (excluded). */
  read(digest: Digest, start: number, end: number): ByteStream;
  write(bytes: Uint8Array): Promise<Digest>;
  /** Starts an upload. */
  receive(id: string): Promise<Receiving>;
}

/** An upload as far as it has come. */
export interface Receiving {
  /** bytes received */
  readonly size: number;
  append(chunk: Uint8Array): Promise<void>;
  /** Keeps the content when it has this digest, and tells whether it has. */
  finish(digest: string): Promise<boolean>;
  cancel(): Promise<void>;
}

/** Keeps content in memory. */
export function memoryStore(): ContentStore {
  const contents = new Map<string, Uint8Array>();
  return {
    sizeOf: async (digest) => contents.get(digest)?.length,
    read: async function* (digest, start, end) {
      const bytes = contents.get(digest) ?? new Uint8Array();
      for (let at = start; at < end; at += CHUNK) yield bytes.subarray(at, Math.min(at + CHUNK, end));
    },
    write: async (bytes) => {
      const digest = digestOf(bytes);
      contents.set(digest, bytes);
      return digest;
    },
    receive: async () => {
      const chunks: Uint8Array[] = [];
      return receiving({
        append: async (chunk) => void chunks.push(chunk),
        keep: async (digest) => void contents.set(digest, Buffer.concat(chunks)),
        discard: async () => void chunks.splice(0),
      });
    },
  };
}

/** Keeps content in `folder`, one file a blob, for more of it than memory should hold. */
export async function folderStore(folder: string): Promise<ContentStore> {
  await mkdir(folder, { recursive: true });
  const pathOf = (digest: Digest): string => join(folder, hexOf(digest));
  return {
    sizeOf: async (digest) => (await stat(pathOf(digest)).catch(() => undefined))?.size,
    read: async function* (digest, start, end) {
      if (start < end) yield* createReadStream(pathOf(digest), { start, end: end - 1 });
    },
    write: async (bytes) => {
      const digest = digestOf(bytes);
      await writeFile(pathOf(digest), bytes);
      return digest;
    },
    receive: async (id) => {
      const path = join(folder, `${id}.upload`);
      await writeFile(path, '');
      return receiving({
        append: async (chunk) => appendFile(path, chunk),
        keep: async (digest) => rename(path, pathOf(digest)),
        discard: async () => rm(path, { force: true }),
      });
    },
  };
}

const CHUNK = 64 * 1024;

function receiving(place: {
  append(chunk: Uint8Array): Promise<void>;
  keep(digest: Digest): Promise<void>;
  discard(): Promise<void>;
}): Receiving {
  const hash = startDigest();
  let size = 0;
  return {
    get size() {
      return size;
    },
    append: async (chunk) => {
      hash.update(chunk);
      size += chunk.length;
      await place.append(chunk);
    },
    finish: async (expected) => {
      const digest = finishDigest(hash);
      await (digest === expected ? place.keep(digest) : place.discard());
      return digest === expected;
    },
    cancel: async () => place.discard(),
  };
}
