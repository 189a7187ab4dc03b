import { rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Bundle } from '../../bundle/bundle.ts';
import { missingFolders } from '../../disk/folder.ts';
import type { Owner } from '../../disk/owner.ts';
import type { ReservedFile } from '../../disk/reserved.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import type { ActionLog, Plan } from '../apply-plans.ts';
import type { Action, ActionResult, Target } from '../target.ts';
import { DigestTable } from './digests.ts';
import { type KeptReceipt, readReceipt, reserveReceipt, updateReceipt } from './file.ts';
import { allTraces, largestSize, mergeReceipts, type Receipt } from './receipt.ts';
import { isTraceless, type Leaves, NO_TRACES, type Traces, uniteTraces, withoutTraces } from './traces.ts';
import { foldersOf, tracesOf } from './traces-of.ts';

export interface RecordOptions {
  /** Where the receipt is kept. */
  readonly path: string;
  readonly bundle: Bundle;
  readonly plans: readonly Plan[];
  readonly invoker?: Owner | undefined;
}

/** Milliseconds between two writes of progress. Everything is in the receipt as begun anyway. */
const PAUSE = 1000;
/** So many times as long as a write took is the pause after it: the receipt of thousands of images is long. */
const PAUSE_SHARE = 20;
/** An action, as it was planned, as it was begun, and what became of it. */
interface Entry {
  readonly planned: Action | undefined;
  started?: Action;
  result?: ActionResult;
}

/** Spare space (bytes), because another install may write to the receipt as well. */
const SLACK = 4096;

/**
 * The receipt of a running install. Before the first change it records what is about to be left, and reserves its
 * space; then what was begun becomes what was done. So however the process ends, the receipt has everything it placed,
 * and an install that finds in place what an earlier one had begun takes it over.
 */
export class InstallRecord implements ActionLog, AsyncDisposable {
  readonly #options: RecordOptions;
  readonly #createdAt: string = new Date().toISOString();
  readonly #targets: readonly Target[];
  readonly #entries = new Map<string, Entry>();
  /** What the receipt said at the start. */
  readonly #earlier: Receipt | undefined;
  readonly #recorded: DigestTable;
  /** The receipt as it was last seen. */
  #known: KeptReceipt | undefined;
  readonly #reserved: ReservedFile | undefined;
  /** Folders to make for the receipt itself. */
  readonly #ownFolders: readonly string[];
  #nextSaveAt: number = performance.now() + PAUSE;
  #isClosed = false;

  /**
   * Records what the plans are about to leave, if they change anything.
   *
   * @throws `ERR_DISK_FULL`, `ERR_OUTPUT_UNWRITABLE`, `ERR_TARGET_REFUSED`, `ERR_DISK_FAILED`; nothing was changed then
   */
  static async begin(options: RecordOptions): Promise<InstallRecord> {
    const { path, bundle, plans } = options;
    const earlier = await readReceipt(path, { root: bundle.root });
    const folders = await missingFolders(dirname(path));
    const changes = plans.flatMap(({ actions }) => actions.filter(({ state }) => state !== 'present'));
    if (changes.length === 0) return new InstallRecord(options, { earlier, folders });
    const size = new InstallRecord(options, { earlier, folders }).#largest() + SLACK;
    const reserved = await reserveReceipt(path, size, options);
    try {
      const record = new InstallRecord(options, { earlier, folders, reserved });
      await record.#save();
      return record;
    } catch (error) {
      await reserved[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(
    options: RecordOptions,
    found: {
      readonly earlier: KeptReceipt | undefined;
      readonly folders: readonly string[];
      readonly reserved?: ReservedFile | undefined;
    },
  ) {
    this.#options = options;
    this.#targets = options.plans.map(({ target }) => target);
    for (const { actions } of options.plans)
      for (const planned of actions) this.#entries.set(keyOf(planned), { planned });
    this.#known = found.earlier;
    this.#earlier = found.earlier?.receipt;
    this.#recorded = DigestTable.of(this.#earlier?.blobs ?? []);
    this.#ownFolders = found.folders;
    this.#reserved = found.reserved;
  }

  /** Returns whether the receipt had this content at the start. */
  has(digest: Digest): boolean {
    return this.#recorded.has(digest);
  }

  /** Records that an action has begun. */
  start(action: Action): void {
    this.#entryOf(action).started = action;
  }

  /** Records unplanned traces before an action leaves them; resolves once they are written. */
  async leaving(action: Action, leaves: Leaves): Promise<void> {
    const entry = this.#entryOf(action);
    entry.started = { ...action, leaves };
    if (JSON.stringify(entry.planned?.leaves) !== JSON.stringify(leaves)) await this.#save();
  }

  /** Notes what an action has left. */
  async finish(result: ActionResult): Promise<void> {
    this.#entryOf(result).result = result;
    if (performance.now() < this.#nextSaveAt) return;
    try {
      await this.#save();
    } catch (error) {
      // What was begun is recorded already, so a full disk need not stop the work.
      if (!isSaddlebagError(error)) throw error;
    }
  }

  /** Writes the receipt of what was done; `complete` when everything was done and proven. */
  async close(options: { readonly complete: boolean }): Promise<void> {
    this.#isClosed = true;
    const { path, bundle, invoker } = this.#options;
    let last: Receipt | undefined;
    try {
      await updateReceipt(path, bundle.root, {
        invoker,
        known: this.#known,
        reserved: this.#reserved,
        change: (now) => (last = this.#last(now, options.complete)),
      });
    } finally {
      await this.#reserved?.[Symbol.asyncDispose]();
    }
    if (last === undefined) await this.#leaveFolders();
  }

  /** Records what was done when an error ended the install. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) await this.close({ complete: false });
  }

  /** An install that changed nothing leaves no folders either, unless somebody else uses them by now. */
  async #leaveFolders(): Promise<void> {
    for (const folder of this.#ownFolders.toReversed()) await rmdir(folder).catch(() => undefined);
  }

  async #save(): Promise<void> {
    const started = performance.now();
    // Those that finish in the meantime wait for the next one.
    this.#nextSaveAt = Number.POSITIVE_INFINITY;
    const { path, bundle, invoker } = this.#options;
    try {
      this.#known = await updateReceipt(path, bundle.root, {
        invoker,
        known: this.#known,
        change: (now) => {
          const receipt = { ...this.#receipt(this.#done(), false), begun: this.#pending() };
          return now === undefined ? receipt : mergeReceipts(now, receipt);
        },
      });
    } finally {
      const now = performance.now();
      this.#nextSaveAt = now + Math.max(PAUSE, (now - started) * PAUSE_SHARE);
    }
  }

  /** Drops what was never started, unless an earlier install had begun it. */
  #last(now: Receipt | undefined, complete: boolean): Receipt | undefined {
    const failed = this.#all(({ started, result }) => (result === undefined ? started : undefined));
    const kept = uniteTraces(this.#earlier?.begun ?? NO_TRACES, this.#traces(failed));
    const dropped = withoutTraces(this.#traces(this.#changes()), kept);
    const base = now && { ...now, begun: withoutTraces(now.begun ?? NO_TRACES, dropped) };
    if (this.#results().length === 0 && failed.length === 0) {
      if (base === undefined) return undefined;
      if (this.#earlier === undefined && isTraceless({ ...allTraces(base), targets: [] })) return undefined;
      return { ...base, complete: base.complete || this.#earlier?.complete === true };
    }
    const receipt = { ...this.#receipt(this.#done(), complete), begun: this.#traces(failed) };
    return base === undefined ? receipt : mergeReceipts(base, receipt);
  }

  /** The largest size that the receipt will have (bytes). Its blobs are many, and each has a line of the same length. */
  #largest(): number {
    const all = this.#receipt(this.#traces(this.#all(({ planned }) => planned)), false);
    const receipt = this.#earlier === undefined ? all : mergeReceipts(this.#earlier, all);
    return largestSize(receipt, receipt.blobs.length + this.#options.bundle.document.blobs.length);
  }

  #receipt(traces: Traces, complete: boolean): Receipt {
    const { root, document } = this.#options.bundle;
    return {
      ...traces,
      createdAt: this.#createdAt,
      root,
      name: document.name,
      complete,
      folders: [...this.#ownFolders, ...foldersOf(this.#changes())],
      blobs: complete ? DigestTable.of(...this.#results().map(({ digests = [] }) => digests)) : [],
    };
  }

  /** What was done, and what is in place because an interrupted install had begun it. */
  #done(): Traces {
    const results = this.#results();
    const begun = this.#earlier?.begun ?? NO_TRACES;
    const found = results.filter(({ outcome }) => outcome === 'present');
    const covered = this.#traces(found.flatMap((result) => this.#entryOf(result).planned ?? []));
    const paths = new Set(covered.paths);
    const references = new Set(covered.references.map(({ reference }) => reference));
    const adopted = {
      ...NO_TRACES,
      paths: begun.paths.filter((path) => paths.has(path)),
      files: begun.files.filter(({ path }) => paths.has(path)),
      listed: begun.listed.filter(({ path }) => paths.has(path)),
      references: begun.references.filter(({ reference }) => references.has(reference)),
    };
    return uniteTraces(adopted, this.#traces(results));
  }

  /** What is planned or running, and not done. */
  #pending(): Traces {
    return this.#traces(this.#all((entry) => (entry.result === undefined ? changeOf(entry) : undefined)));
  }

  /** The planned changes that turned out to be done. */
  #changes(): readonly Action[] {
    return this.#all(changeOf);
  }

  #results(): readonly ActionResult[] {
    return this.#all(({ result }) => result);
  }

  #all<T>(pick: (entry: Entry) => T | undefined): readonly T[] {
    return [...this.#entries.values()].flatMap((entry) => pick(entry) ?? []);
  }

  #entryOf(action: Action): Entry {
    const key = keyOf(action);
    const entry = this.#entries.get(key) ?? { planned: undefined };
    this.#entries.set(key, entry);
    return entry;
  }

  #traces(actions: readonly Action[]): Traces {
    return tracesOf(this.#targets, actions);
  }
}

/** Returns what changes something, as far as it is known. */
function changeOf({ planned, started }: Entry): Action | undefined {
  return planned === undefined || planned.state === 'present' ? undefined : (started ?? planned);
}

function keyOf({ target, kind, name, destination }: Action): string {
  return JSON.stringify([target, kind, name, destination]);
}
