import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, isAbsent } from '../../disk/errno.ts';
import { makeFolder } from '../../disk/folder.ts';
import { place } from '../../disk/place.ts';
import { streamFile } from '../../disk/stream-file.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { type Digest, finishDigest, hexOf, isDigest, startDigest } from '../../oci/digest.ts';
import { type NodePlatform, nodeDownload } from '../../products/node.ts';
import { HEAD, runsOn } from './machine.ts';
import { unpackFiles } from './unpack.ts';

/** A runtime in the cache folder. */
export interface CachedRuntime {
  readonly path: string;
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
  /** Where its licence is; Windows' download has none. */
  readonly licence?: string | undefined;
}

/** A runtime that can be fetched. */
export interface RuntimeWish {
  readonly version: string;
  readonly platform: NodePlatform;
  /** Of its download. */
  readonly digest: Digest;
  /** Fetches the download. Its content is checked here. */
  readonly fetch: (options: WaitOptions) => ByteStream;
}

/** No runtime has ever been half as large (bytes). */
const LIMIT = 512 * 1024 * 1024;
const RECORD = 'runtime.json';
const LICENCE = 'LICENSE';

/**
 * Returns a runtime from the cache folder; it is fetched when it is not there whole. `fetched` is what came over the network
 * (bytes).
 *
 * @throws `ERR_DIGEST_MISMATCH`, `ERR_ARCHIVE_INVALID`, `ERR_DOCUMENT_INVALID` when it is for another platform; what `fetch`
 * throws; `ERR_DISK_FULL`, `ERR_DISK_FAILED`, `ERR_OUTPUT_UNWRITABLE`
 */
export async function cachedRuntime(
  wish: RuntimeWish,
  cacheFolder: string,
  { signal }: WaitOptions = {},
): Promise<{ readonly runtime: CachedRuntime; readonly fetched: number }> {
  const folder = join(cacheFolder, hexOf(wish.digest));
  const known = await readRuntime(folder, wish);
  if (known !== undefined) return { runtime: known, fetched: 0 };
  await makeFolder(folder);
  const fetched = await fetchInto(folder, wish, { signal });
  const runtime = await readRuntime(folder, wish);
  if (runtime !== undefined) return { runtime, fetched };
  const { version, platform } = wish;
  throw new SaddlebagError(
    'ERR_DISK_FAILED',
    `Cannot keep Node.js ${version} for ${platform.platform} in "${folder}": it changed while it was written`,
  );
}

/** Whatever is not as its record says is fetched again. */
async function readRuntime(
  folder: string,
  { platform: { program } }: RuntimeWish,
): Promise<CachedRuntime | undefined> {
  const record = await readOptional(join(folder, RECORD));
  const document = record === undefined ? undefined : parseJson(record.toString('utf8'));
  if (!isRecord(document) || !isDigest(document['digest'])) return undefined;
  const path = join(folder, program);
  const found = await measure(path);
  if (found === undefined || found.digest !== document['digest']) return undefined;
  const licence = join(folder, LICENCE);
  return { path, ...found, licence: (await readOptional(licence)) === undefined ? undefined : licence };
}

/** The program gets its name when the whole download was what it should be, and the record when all is in place. */
async function fetchInto(folder: string, wish: RuntimeWish, { signal }: WaitOptions): Promise<number> {
  const { version, platform } = wish;
  const { program, word, platform: name } = platform;
  const title = `Node.js ${version} for ${name}`;
  const hash = startDigest();
  let size = 0;
  const checked = checking(wish, { title, signal, onBytes: (count) => (size += count) });
  const { promise: whole, resolve, reject } = Promise.withResolvers<void>();
  whole.catch(() => undefined);
  const placeProgram = async (content: ByteStream): Promise<void> =>
    await place(join(folder, program), ofPlatform(hashing(content, hash), platform, title), {
      mode: 0o755,
      signal,
      beforeNaming: async () => await whole,
    });
  const work = async (): Promise<void> => {
    if (program === 'node.exe') return await placeProgram(closing(checked, resolve));
    const root = nodeDownload(version, platform).replace(/\.tar\.gz$/, '');
    const found = { program: false };
    const takers = new Map([
      [
        `${root}/bin/${program}`,
        async (content: ByteStream) => {
          found.program = true;
          await placeProgram(content);
        },
      ],
      [
        `${root}/${LICENCE}`,
        async (content: ByteStream) =>
          await place(join(folder, LICENCE), content, { signal, beforeNaming: async () => await whole }),
      ],
    ]);
    await unpackFiles(closing(checked, resolve), title, takers);
    if (!found.program)
      throw new SaddlebagError(
        'ERR_DOCUMENT_INVALID',
        `Cannot use ${title}: its download has no bin/node of ${word}`,
      );
  };
  try {
    await work();
  } catch (error) {
    reject(error);
    throw error;
  }
  const digest = finishDigest(hash);
  await place(join(folder, RECORD), `${JSON.stringify({ version, platform: name, digest })}\n`, { signal });
  return size;
}

/** Tells when a stream has ended well. */
async function* closing(stream: ByteStream, onEnd: () => void): ByteStream {
  yield* stream;
  onEnd();
}

async function* checking(
  { digest, fetch }: RuntimeWish,
  options: WaitOptions & { readonly title: string; readonly onBytes: (count: number) => void },
): ByteStream {
  const { title, onBytes, signal } = options;
  const hash = startDigest();
  let size = 0;
  for await (const chunk of fetch({ signal })) {
    size += chunk.length;
    if (size > LIMIT)
      throw new SaddlebagError(
        'ERR_SIZE_MISMATCH',
        `Cannot fetch ${title}: it is larger than ${LIMIT} bytes`,
      );
    hash.update(chunk);
    onBytes(chunk.length);
    yield chunk;
  }
  const found = finishDigest(hash);
  if (found === digest) return;
  throw new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot fetch ${title}: expected digest "${digest}", found "${found}"`,
    { hint: 'A proxy or a mirror may have changed it, or it was cut short. Run the command again.' },
  );
}

async function* hashing(content: ByteStream, hash: ReturnType<typeof startDigest>): ByteStream {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

async function* ofPlatform(content: ByteStream, platform: NodePlatform, title: string): ByteStream {
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of content) {
    if (head.length < HEAD) head = Buffer.concat([head, chunk.subarray(0, HEAD - head.length)]);
    yield chunk;
  }
  if (runsOn(head, platform)) return;
  throw new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot use ${title}: its download is not a program for that platform`,
    { hint: 'Check "upstreams.node": the site has something else under that name.' },
  );
}

async function measure(
  path: string,
): Promise<{ readonly digest: Digest; readonly size: number } | undefined> {
  const hash = startDigest();
  let size = 0;
  try {
    for await (const chunk of streamFile(path)) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  return { digest: finishDigest(hash), size };
}

async function readOptional(path: string): Promise<Buffer | undefined> {
  return await attempt(
    'read',
    path,
    async () => {
      try {
        return await readFile(path);
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    'input',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
