import { constants } from 'node:fs';
import { type FileHandle, open, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ByteStream } from '../../internal/bytes.ts';
import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import { Lease } from '../../internal/lease.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { FetchOptions, WaitOptions } from '../../oci/roles.ts';
import { verified } from '../../oci/verified.ts';
import { atTarget, isAbsent } from '../errno.ts';
import { makeFolder, syncFolder } from '../folder.ts';
import type { Owner } from '../owner.ts';
import { fillFile, type NewFileOptions, renameOver, writeNew } from '../place.ts';
import { CHUNK } from '../chunk.ts';
import { takeOverLeftovers, temporaryName } from '../sharing/temporary.ts';
import { streamFile } from '../stream-file.ts';

type Content = Pick<Descriptor, 'digest' | 'size'>;

/** A file that is to be placed, and is the whole of a blob. */
export interface StagedFile {
  readonly descriptor: Content;
  /** Permission bits. */
  readonly mode: number;
  /** Returns where it goes, as the links on the way are now. */
  readonly locate: () => Promise<StagedPlace>;
}

/** Where a file goes. */
interface StagedPlace {
  readonly path: string;
  /** Where it grows, on the same filesystem; made when it is missing. */
  readonly folder: string;
  readonly folderMode?: number | undefined;
  readonly owner?: Owner | undefined;
}

/** Where content is read from, verified when it is read from its start. */
export type Reading = (options: FetchOptions) => ByteStream;

export interface KeepOptions extends WaitOptions {
  /** Called with the number of bytes that are known to be there since the last call; negative when some are not after all. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Files that are written while their content is verified, before anything is placed: what comes over a network is read once that
 * way. Each grows under a hidden name that says its digest, so a run that was killed leaves what the next one takes up, whole or
 * half written, after hashing it. Disposing of it removes what was not placed.
 */
export class Staging implements AsyncDisposable {
  readonly #files: ReadonlyMap<Digest, readonly StagedFile[]>;
  readonly #subjects: ReadonlySet<string>;
  /** What earlier runs left, by folder and subject. */
  readonly #leftovers = new Map<string, Promise<Map<string, string>>>();
  /** Complete files by the path that each is for. */
  readonly #complete = new Map<string, string>();
  /** All files that are there. */
  readonly #names = new Set<string>();
  /** Folders made for them. */
  readonly #folders = new Set<string>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();

  constructor(files: readonly StagedFile[]) {
    this.#files = Map.groupBy(files, ({ descriptor }) => descriptor.digest);
    this.#subjects = new Set([...this.#files.keys()].map(subjectOf));
  }

  /** Returns whether a file has this content. */
  wants(digest: Digest): boolean {
    return this.#files.has(digest);
  }

  /**
   * Writes the files that have this content, which is read once. Returns what is wrong with the content; then none of them is kept.
   *
   * @throws `ERR_DISK_FULL`, `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`, `ERR_TARGET_REFUSED`; `ERR_INTERRUPTED`
   */
  async keep(
    content: Content,
    read: Reading,
    { signal, onBytes }: KeepOptions = {},
  ): Promise<SaddlebagError | undefined> {
    const stop = this.#stop.signal;
    const keeping = this.#keepAll(content, read, {
      signal: signal === undefined ? stop : AbortSignal.any([signal, stop]),
      onBytes,
    });
    this.#running.add(keeping);
    try {
      return await keeping;
    } finally {
      this.#running.delete(keeping);
    }
  }

  /**
   * Places the file that was written for `path`: there, or at `to` on the same filesystem. Returns whether there is one.
   * `beforeNaming` runs right before it gets its name.
   *
   * @throws what placing a file throws
   */
  async place(
    path: string,
    options: { readonly to?: string; readonly beforeNaming?: () => Promise<void> } = {},
  ): Promise<boolean> {
    const { to = path, beforeNaming } = options;
    const temporary = this.#complete.get(path);
    if (temporary === undefined) return false;
    return await atTarget('write', path, async () => {
      await beforeNaming?.();
      try {
        await renameOver(temporary, to);
      } catch (error) {
        // Somebody has tidied up. What reads the content again also says what else is wrong.
        if (isAbsent(error)) return false;
        throw error;
      }
      this.#complete.delete(path);
      this.#names.delete(temporary);
      await syncFolder(dirname(to));
      return true;
    });
  }

  /** What cannot be removed now is found by the next run, as after a crash. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#running);
    for (const name of this.#names) await this.#remove(name).catch(() => undefined);
    const folders = [...this.#folders].sort((left, right) => right.length - left.length);
    for (const folder of folders) await rmdir(folder).catch(() => undefined);
  }

  async #keepAll(content: Content, read: Reading, options: KeepOptions): Promise<SaddlebagError | undefined> {
    const files = this.#files.get(content.digest) ?? [];
    const first = (await this.#startedOf(files)) ?? files[0];
    if (first === undefined) return undefined;
    const { signal, onBytes } = options;
    const source = new Source(content, read, onBytes);
    try {
      const written = await this.#write(first, source, { signal });
      for (const other of files) {
        if (other === first) continue;
        const copy = new Source(content, (reading) => streamFile(written, reading));
        await this.#write(other, copy, { signal });
      }
      return undefined;
    } catch (error) {
      if (error === source.fault && isSaddlebagError(error) && error.code !== 'ERR_INTERRUPTED') return error;
      throw error;
    }
  }

  /** Returns the file of several that an earlier run has written, at least in part. */
  async #startedOf(files: readonly StagedFile[]): Promise<StagedFile | undefined> {
    if (files.length < 2) return undefined;
    for (const file of files) {
      const { folder } = await file.locate();
      if ((await this.#leftoversIn(folder)).has(subjectOf(file.descriptor.digest))) return file;
    }
    return undefined;
  }

  /** Returns the path of the file. */
  async #write(file: StagedFile, source: Source, { signal }: WaitOptions): Promise<string> {
    const { path, folder, folderMode, owner } = await file.locate();
    const options = { mode: file.mode, owner, signal };
    return await atTarget('write', path, async () => {
      for (const made of await makeFolder(folder, { mode: folderMode, owner })) this.#folders.add(made);
      const subject = subjectOf(source.content.digest);
      const leftovers = await this.#leftoversIn(folder);
      const leftover = leftovers.get(subject);
      leftovers.delete(subject);
      if (leftover !== undefined && (await complete(leftover, source, options))) {
        this.#complete.set(path, leftover);
        return leftover;
      }
      if (leftover !== undefined) await this.#remove(leftover);
      const temporary = join(folder, temporaryName(subject));
      this.#names.add(temporary);
      const lease = new Lease();
      try {
        await writeNew(temporary, source.open({ lease, signal }), options);
      } catch (error) {
        await this.#remove(temporary);
        throw error;
      } finally {
        lease.end();
      }
      this.#complete.set(path, temporary);
      return temporary;
    });
  }

  async #remove(name: string): Promise<void> {
    await rm(name, { recursive: true, force: true });
    this.#names.delete(name);
  }

  async #leftoversIn(folder: string): Promise<Map<string, string>> {
    const found = this.#leftovers.get(folder) ?? this.#takeOver(folder);
    this.#leftovers.set(folder, found);
    return await found;
  }

  async #takeOver(folder: string): Promise<Map<string, string>> {
    const taken = await takeOverLeftovers(folder, (subject) => this.#subjects.has(subject));
    for (const name of taken.values()) this.#names.add(name);
    return new Map(taken);
  }
}

/** As much of a digest as a temporary name has room for. */
function subjectOf(digest: Digest): string {
  return hexOf(digest).slice(0, 40);
}

/** Content and where it is read from. */
class Source {
  readonly content: Content;
  readonly #read: Reading;
  readonly #onBytes: KeepOptions['onBytes'];
  /** Why it could not be read to its end. */
  fault: unknown;

  constructor(content: Content, read: Reading, onBytes?: KeepOptions['onBytes']) {
    this.content = content;
    this.#read = read;
    this.#onBytes = onBytes;
  }

  /** Yields the content, verified. Its first bytes come from `head`, when there is one. */
  async *open(
    options: FetchOptions,
    head?: { readonly size: number; readonly stream: ByteStream },
  ): ByteStream {
    const rest = this.#rest(head?.size ?? 0, options);
    const whole = head === undefined ? rest : joined(head.stream, rest);
    try {
      for await (const chunk of verified(whole, this.content)) {
        this.#onBytes?.(chunk.length);
        yield chunk;
      }
    } catch (error) {
      this.fault = error;
      throw error;
    }
  }

  /** Says that so many bytes are not there after all. */
  takeBack(bytes: number): void {
    this.#onBytes?.(-bytes);
  }

  #rest(offset: number, options: FetchOptions): ByteStream {
    if (offset > 0 && offset === this.content.size) return nothing();
    return this.#read({ offset, lease: options.lease, signal: options.signal });
  }
}

async function* nothing(): ByteStream {}

async function* joined(...streams: readonly ByteStream[]): ByteStream {
  for (const stream of streams) yield* stream;
}

/** Hashes what an earlier run has written, and writes the rest. Returns whether that gives the content. */
async function complete(path: string, source: Source, options: NewFileOptions): Promise<boolean> {
  const { signal, owner } = options;
  await using handle = await open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)).catch(
    () => undefined,
  );
  const size = await sizeOfOwn(handle, owner);
  if (handle === undefined || size === 0 || size > source.content.size) return false;
  let seen = 0;
  const lease = new Lease();
  const stream = source.open({ lease, signal }, { size, stream: startOf(handle, size) });
  try {
    const content = tailOf(stream, size, (count) => (seen += count));
    await fillFile(handle, content, { mode: options.mode, owner, signal, offset: size });
    return true;
  } catch (error) {
    const isOther =
      isSaddlebagError(error, 'ERR_DIGEST_MISMATCH') || isSaddlebagError(error, 'ERR_SIZE_MISMATCH');
    if (!isOther) throw error;
    source.takeBack(seen);
    return false;
  } finally {
    lease.end();
  }
}

/** Returns the size of a file if nobody else can write to it (bytes); otherwise 0. */
async function sizeOfOwn(handle: FileHandle | undefined, owner: Owner | undefined): Promise<number> {
  const found = await handle?.stat();
  if (found?.isFile() !== true || found.nlink > 1) return 0;
  const uid = process.geteuid?.();
  return uid === undefined || found.uid === uid || found.uid === owner?.uid ? found.size : 0;
}

/** The memory of a chunk is used again for the next one. */
async function* startOf(handle: FileHandle, size: number): ByteStream {
  const buffer = Buffer.allocUnsafeSlow(CHUNK);
  for (let at = 0; at < size;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(CHUNK, size - at), at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Passes on what comes after the first `skipped` bytes. */
async function* tailOf(stream: ByteStream, skipped: number, onBytes: (count: number) => void): ByteStream {
  let left = skipped;
  for await (const chunk of stream) {
    onBytes(chunk.length);
    const own = Math.min(left, chunk.length);
    left -= own;
    if (own < chunk.length) yield chunk.subarray(own);
  }
}
