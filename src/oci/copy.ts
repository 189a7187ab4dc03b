import { Gate } from '../internal/gate.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { Descriptor } from './descriptor.ts';
import { DEPTH_LIMIT, fetchManifestDocument, tooDeep } from './graph.ts';
import { type Donor, Ledger } from './ledger.ts';
import { successorsOf } from './manifest.ts';
import { isManifestType } from './media-type.ts';
import type { Fetcher, Repository, WaitOptions } from './roles.ts';

/** What became of a piece of content. `present` of a manifest means that all it is made of is there too. */
export interface CopyEvent {
  readonly type: 'present' | 'mounted' | 'pushed';
  readonly target: Descriptor;
}

export interface CopyOptions extends WaitOptions {
  readonly from: Fetcher;
  readonly to: Repository;
  /** Bounds what is under way; 4 at once when left out. Share it between copies to bound them together. */
  readonly gate?: Gate | undefined;
  /** Name of `to` at its registry; with it and a shared ledger, copies mount what another one has brought there. */
  readonly repository?: string | undefined;
  readonly ledger?: Ledger | undefined;
  /** Returns a repository of the same registry that is known to have the blob already. */
  readonly mountFrom?: ((target: Descriptor) => string | undefined) | undefined;
  readonly onEvent?: ((event: CopyEvent) => void) | undefined;
}

const CONCURRENCY = 4;

/**
 * Copies a root and everything it is made of: children before parents, so that an interruption leaves nothing dangling,
 * and nothing that is there already. The root is not tagged.
 *
 * The first failure ends the copy; what was under way is interrupted, and settled before this throws.
 *
 * @throws what `from` and `to` throw, `ERR_DOCUMENT_INVALID`, `ERR_SIZE_MISMATCH`, `ERR_DIGEST_MISMATCH`, `ERR_INTERRUPTED`
 */
export async function copyGraph(root: Descriptor, options: CopyOptions): Promise<void> {
  throwIfInterrupted(options.signal);
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const copy: Copy = {
    from: options.from,
    to: options.to,
    gate: options.gate ?? new Gate(CONCURRENCY),
    repository: options.repository ?? '',
    ledger: options.ledger ?? new Ledger(),
    mountFrom: options.mountFrom ?? (() => undefined),
    onEvent: options.onEvent ?? (() => undefined),
    signal,
    stop,
    manifests: new Map(),
  };
  try {
    await copyNode(copy, root, 0);
  } catch (error) {
    // Whatever else failed after the first failure did so because of it.
    throw stop.signal.aborted ? stop.signal.reason : error;
  }
}

type Copy = { readonly [Key in keyof CopyOptions]-?: NonNullable<CopyOptions[Key]> } & {
  readonly stop: AbortController;
  /** Manifests of this copy, done or under way. */
  readonly manifests: Map<string, Promise<void>>;
};

async function copyNode(copy: Copy, target: Descriptor, depth: number): Promise<void> {
  if (!isManifestType(target.mediaType)) return await copyBlob(copy, target);
  const known = copy.manifests.get(target.digest) ?? copyManifest(copy, target, depth);
  copy.manifests.set(target.digest, known);
  await known;
}

/** A registry takes a manifest only when its children are there, so one that is there needs no look at them. */
async function copyManifest(copy: Copy, target: Descriptor, depth: number): Promise<void> {
  const { gate, from, to, onEvent, signal } = copy;
  if (depth > DEPTH_LIMIT) throw tooDeep(target);
  if (await gate.run(() => to.has(target, { signal }), signal)) return onEvent({ type: 'present', target });
  const document = await fetchManifestDocument(target, { from, signal });
  await allOrNone(
    copy,
    successorsOf(document).map((child) => copyNode(copy, child, depth + 1)),
  );
  await gate.run(() => to.push(target, from, { signal }), signal);
  onEvent({ type: 'pushed', target });
}

async function copyBlob(copy: Copy, target: Descriptor): Promise<void> {
  const { ledger, repository, signal } = copy;
  const work = (donor: Donor | undefined): Promise<void> => bringBlob(copy, target, donor);
  await ledger.settle(repository, target.digest, { work, signal });
}

/** Waiting for a donor takes no place at the gate: the donor may need it. */
async function bringBlob(copy: Copy, target: Descriptor, donor: Donor | undefined): Promise<void> {
  const { gate, from, to, mountFrom, onEvent, signal } = copy;
  if (await gate.run(() => to.has(target, { signal }), signal)) return onEvent({ type: 'present', target });
  const source = (await donor?.()) ?? mountFrom(target);
  const type = await gate.run(async (): Promise<'mounted' | 'pushed'> => {
    if (source !== undefined && (await to.mount(target, source, { signal }))) return 'mounted';
    await to.push(target, from, { signal });
    return 'pushed';
  }, signal);
  onEvent({ type, target });
}

/** Lets nothing run on behind the back of whoever gets the error. */
async function allOrNone(copy: Copy, tasks: readonly Promise<void>[]): Promise<void> {
  try {
    await Promise.all(tasks);
  } catch (error) {
    copy.stop.abort(error);
    await Promise.allSettled(tasks);
    throw error;
  }
}
