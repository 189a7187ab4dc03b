import { isSaddlebagError } from '../internal/error.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { Digest } from './digest.ts';

/** Waits until another repository has the blob, and returns its name; `undefined` when it came to nothing. */
export type Donor = () => Promise<string | undefined>;

interface Entry {
  readonly repository: string;
  readonly work: Promise<void>;
}

/**
 * What all copies into one registry know together: which repository has which blob, or is about to. One ledger for each
 * registry makes a blob travel there once, however many images share it.
 */
export class Ledger {
  readonly #entries = new Map<Digest, Entry[]>();

  /**
   * Brings a blob into a repository by `work`, unless that was done or is under way. `work` gets a donor when another
   * repository was first. Donors are always earlier entries, so no two ever wait for each other.
   */
  async settle(
    repository: string,
    digest: Digest,
    options: {
      readonly work: (donor: Donor | undefined) => Promise<void>;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<void> {
    for (;;) {
      throwIfInterrupted(options.signal);
      const entries = this.#entries.get(digest) ?? [];
      const own = entries.find((entry) => entry.repository === repository);
      if (own === undefined) return await this.#begin(repository, digest, options.work);
      try {
        return await own.work;
      } catch (error) {
        // The copy that began it was interrupted; this one was not.
        if (!isSaddlebagError(error, 'ERR_INTERRUPTED')) throw error;
      }
    }
  }

  async #begin(
    repository: string,
    digest: Digest,
    work: (donor: Donor | undefined) => Promise<void>,
  ): Promise<void> {
    const entries = this.#entries.get(digest) ?? [];
    const donor = entries.length === 0 ? undefined : donorOf([...entries]);
    const entry = { repository, work: work(donor) };
    this.#entries.set(digest, [...entries, entry]);
    try {
      await entry.work;
    } catch (error) {
      const left = (this.#entries.get(digest) ?? []).filter((other) => other !== entry);
      this.#entries.set(digest, left);
      throw error;
    }
  }
}

function donorOf(entries: readonly Entry[]): Donor {
  return async () => {
    for (const { repository, work } of entries) {
      const isThere = await work.then(
        () => true,
        () => false,
      );
      if (isThere) return repository;
    }
    return undefined;
  };
}
