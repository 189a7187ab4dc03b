import { isSaddlebagError } from '../internal/error.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { Digest } from './digest.ts';
import type { WaitOptions } from './roles.ts';

/** Waits until another repository has the blob, and returns its name; `undefined` when none got it. */
export type Donor = () => Promise<string | undefined>;

/** How a repository got a blob. Only `pushed` is certain: the others rely on the registry's word. */
export type BlobOutcome = 'present' | 'mounted' | 'pushed';

/** One repository that has a blob, or will have it soon. Those that came before it follow behind it. */
interface Entry {
  readonly repository: string;
  work: Promise<BlobOutcome>;
  earlier: Entry | undefined;
}

/** What finished work is replaced by: the promise of each work holds on to all that it was made of. */
const DONE: Readonly<Record<BlobOutcome, Promise<BlobOutcome>>> = {
  present: Promise.resolve('present'),
  mounted: Promise.resolve('mounted'),
  pushed: Promise.resolve('pushed'),
};

/**
 * Shared knowledge of all copies into one registry: which repository has which blob, or will have it soon. With one ledger per
 * registry, a blob is sent there once, however many images share it.
 */
export class Ledger {
  /** The latest entry of each blob. */
  readonly #entries = new Map<Digest, Entry>();
  readonly #isShared: (digest: Digest) => boolean;

  /** `isShared` returns whether other copies may want a blob, too: of another one nothing is kept. All may be when it is left out. */
  constructor({
    isShared = () => true,
  }: { readonly isShared?: ((digest: Digest) => boolean) | undefined } = {}) {
    this.#isShared = isShared;
  }

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
    let entry = this.#entries.get(digest);
    while (entry !== undefined && entry.repository !== repository) entry = entry.earlier;
    return entry;
  }

  async #begin(
    repository: string,
    digest: Digest,
    work: (donor: Donor | undefined) => Promise<BlobOutcome>,
  ): Promise<void> {
    const earlier = this.#entries.get(digest);
    const donor = earlier === undefined ? undefined : donorOf(inOrder(earlier));
    const entry: Entry = { repository, work: work(donor), earlier };
    this.#entries.set(digest, entry);
    try {
      entry.work = DONE[await entry.work];
      if (!this.#isShared(digest)) this.#drop(digest, entry);
    } catch (error) {
      this.#drop(digest, entry);
      throw error;
    }
  }

  #drop(digest: Digest, entry: Entry): void {
    const latest = this.#entries.get(digest);
    if (latest === entry) {
      if (entry.earlier === undefined) this.#entries.delete(digest);
      else this.#entries.set(digest, entry.earlier);
      return;
    }
    let later = latest;
    while (later !== undefined && later.earlier !== entry) later = later.earlier;
    if (later !== undefined) later.earlier = entry.earlier;
  }
}

/** Returns an entry and those before it, the first one first. */
function inOrder(entry: Entry): readonly Entry[] {
  const entries: Entry[] = [];
  for (let each: Entry | undefined = entry; each !== undefined; each = each.earlier) entries.push(each);
  return entries.toReversed();
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
