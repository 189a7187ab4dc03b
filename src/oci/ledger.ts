import { isSaddlebagError } from '../internal/error.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { Digest } from './digest.ts';
import type { WaitOptions } from './roles.ts';

/** Waits until another repository has the blob, and returns its name; `undefined` when none got it. */
export type Donor = () => Promise<string | undefined>;

/** How a repository got a blob. Only `pushed` is certain: the others rely on the registry's word. */
export type BlobOutcome = 'present' | 'mounted' | 'pushed';

interface Entry {
  readonly repository: string;
  readonly work: Promise<BlobOutcome>;
}

/**
 * Shared knowledge of all copies into one registry: which repository has which blob, or will have it soon. With one ledger per
 * registry, a blob is sent there once, however many images share it.
 */
export class Ledger {
  readonly #entries = new Map<Digest, Entry[]>();

  /**
   * Calls `work` to get a blob into a repository, unless that is done or in progress. `work` gets a donor when another
   * repository came first. Donors are always earlier entries, so no two wait for each other.
   */
  async settle(
    repository: string,
    digest: Digest,
    options: WaitOptions & { readonly work: (donor: Donor | undefined) => Promise<BlobOutcome> },
  ): Promise<void> {
    for (;;) {
      throwIfInterrupted(options.signal);
      const own = this.#find(repository, digest);
      if (own === undefined) return await this.#begin(repository, digest, options.work);
      if ((await outcomeOf(own)) !== undefined) return;
    }
  }

  /** Calls `work` to get a blob into a repository that turned out to lack it, unless it was pushed there. */
  async renew(
    repository: string,
    digest: Digest,
    options: WaitOptions & { readonly work: () => Promise<BlobOutcome> },
  ): Promise<void> {
    for (;;) {
      throwIfInterrupted(options.signal);
      const own = this.#find(repository, digest);
      if (own !== undefined && (await outcomeOf(own)) === 'pushed') return;
      // Another caller may have started again in the meantime.
      if (this.#find(repository, digest) !== own) continue;
      if (own !== undefined) this.#drop(digest, own);
      return await this.#begin(repository, digest, options.work);
    }
  }

  #find(repository: string, digest: Digest): Entry | undefined {
    return this.#entries.get(digest)?.find((entry) => entry.repository === repository);
  }

  async #begin(
    repository: string,
    digest: Digest,
    work: (donor: Donor | undefined) => Promise<BlobOutcome>,
  ): Promise<void> {
    const entries = this.#entries.get(digest) ?? [];
    const donor = entries.length === 0 ? undefined : donorOf([...entries]);
    const entry = { repository, work: work(donor) };
    this.#entries.set(digest, [...entries, entry]);
    try {
      await entry.work;
    } catch (error) {
      this.#drop(digest, entry);
      throw error;
    }
  }

  #drop(digest: Digest, entry: Entry): void {
    const left = (this.#entries.get(digest) ?? []).filter((other) => other !== entry);
    this.#entries.set(digest, left);
  }
}

/** Returns `undefined` when the work was interrupted: that is its starter's affair, not a failure for those who wait. */
async function outcomeOf({ work }: Entry): Promise<BlobOutcome | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_INTERRUPTED')) throw error;
    return undefined;
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
