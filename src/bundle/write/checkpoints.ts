import type { ByteWriter } from '../../disk/byte-file.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Journal } from './journal.ts';

/** How much work a power cut may cost (milliseconds). */
const INTERVAL = 1000;

/**
 * Records what has been written, and enters it in the journal about every second, always after the bytes themselves have
 * reached the disk: what the journal says survives a power cut.
 */
export class Checkpoints implements AsyncDisposable {
  readonly #file: ByteWriter;
  readonly #journal: Journal;
  readonly #onFailure: (error: unknown) => void;
  #news = new Map<Digest, number>();
  #saving: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(file: ByteWriter, journal: Journal, options: { readonly onFailure: (error: unknown) => void }) {
    this.#file = file;
    this.#journal = journal;
    this.#onFailure = options.onFailure;
    this.#schedule();
  }

  /** Records that the first `bytes` of a blob have been written. */
  note(digest: Digest, bytes: number): void {
    this.#news.set(digest, bytes);
  }

  /** Enters all that was recorded before the call. @throws what writing throws, and from then on always */
  async save(): Promise<void> {
    // One after the other, so that no older position lands after a newer one; and none after a failure: a second sync
    // may succeed although the first one lost bytes (fsync(2), "EIO").
    this.#saving = this.#saving.then(() => this.#save());
    await this.#saving;
  }

  /** Stops the timer, and waits for pending writes. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await Promise.allSettled([this.#saving]);
  }

  async #save(): Promise<void> {
    const news = this.#news;
    if (news.size === 0) return;
    this.#news = new Map();
    await this.#file.sync();
    await this.#journal.append(news);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#tick(), INTERVAL);
  }

  async #tick(): Promise<void> {
    try {
      await this.save();
      if (this.#timer !== undefined) this.#schedule();
    } catch (error) {
      this.#onFailure(error);
    }
  }
}
