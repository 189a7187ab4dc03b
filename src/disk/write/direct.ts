import { constants } from 'node:fs';
import { type FileHandle, open, statfs } from 'node:fs/promises';
import { systemCode } from '../../internal/error.ts';
import { isAligned, PAGE } from './aligned.ts';
import { writeAll } from './all.ts';

/** Less than this (bytes) is not worth a write of its own. */
const LEAST = 64 * 1024;
/** Filesystems that write directly wherever they are asked to, by their type in Linux (`linux/magic.h`): ext4 and XFS. */
const TYPES: ReadonlySet<number> = new Set([0xef53, 0x58465342]);
/** What systems answer where there is no such way. */
const WAYLESS: readonly (string | undefined)[] = ['EINVAL', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS'];

/**
 * A second way to write a file, past the system's cache (open(2), `O_DIRECT`): no copy is made, nothing is left to store at the
 * end, and what others have in the cache stays there. Whole pages alone are written so, and no page is written both ways.
 */
export class DirectWay implements AsyncDisposable {
  readonly #path: string;
  readonly #usual: FileHandle;
  #way: Promise<FileHandle | undefined> | undefined;
  #isRefused = false;

  constructor(path: string, usual: FileHandle) {
    this.#path = path;
    this.#usual = usual;
  }

  /** Writes the whole pages in `bytes`, and returns which part of `bytes` that was; `undefined` when it wrote none of them. */
  async write(
    bytes: Uint8Array,
    position: number,
  ): Promise<{ readonly start: number; readonly end: number } | undefined> {
    const start = (PAGE - (position % PAGE)) % PAGE;
    const end = bytes.length - ((position + bytes.length) % PAGE);
    if (this.#isRefused || end - start < LEAST || !isAligned(bytes, position)) return undefined;
    const way = await (this.#way ??= this.#open());
    if (way === undefined) return undefined;
    try {
      await writeAll(way, [bytes.subarray(start, end)], position + start);
      return { start, end };
    } catch (error) {
      if (!WAYLESS.includes(systemCode(error))) throw error;
      // What it wrote before is the same that the usual way writes now. Others may be writing: it stays open up to the end.
      this.#isRefused = true;
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#way)?.close();
  }

  async #open(): Promise<FileHandle | undefined> {
    const { O_DIRECT, O_WRONLY, O_NOFOLLOW } = constants;
    if (process.platform !== 'linux' || O_DIRECT === undefined) return undefined;
    let way: FileHandle | undefined;
    try {
      if (!TYPES.has((await statfs(this.#path)).type)) return undefined;
      way = await open(this.#path, O_WRONLY | O_DIRECT | O_NOFOLLOW);
      const [there, ours] = await Promise.all([way.stat(), this.#usual.stat()]);
      if (there.ino === ours.ino && there.dev === ours.dev) return way;
    } catch {
      // It is a matter of speed alone: what is wrong with the file shows on the usual way.
    }
    await way?.close();
    return undefined;
  }
}
