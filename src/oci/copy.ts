import { Gate } from '../internal/gate.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { fetchManifestDocument } from './documents.ts';
import { type GraphNode, keyOf, walkGraph } from './graph.ts';
import { type BlobOutcome, type Donor, Ledger } from './ledger.ts';
import { type Index, type Manifest, successorsOf } from './manifest.ts';
import { isManifestType } from './media-type.ts';
import { isRefusal, tellsOfAbsence } from './refusal.ts';
import type { Fetcher, Repository, WaitOptions } from './roles.ts';

/** What happened to a piece of content. A manifest is `present` only if everything it is made of is there too. @visibleForTesting */
export interface CopyEvent {
  readonly type: 'present' | 'mounted' | 'pushed';
  readonly target: Descriptor;
}

export interface CopyOptions extends WaitOptions {
  readonly from: Fetcher;
  readonly to: Repository;
  /** Tag for the root once all of it is there; none when left out. */
  readonly tag?: string | undefined;
  /** Limits concurrent transfers; 4 when left out. Copies that share a gate share the limit. */
  readonly gate?: Gate | undefined;
  /** Name of `to` at its registry. With it and a shared ledger, copies mount blobs that other copies have sent. */
  readonly repository?: string | undefined;
  readonly ledger?: Ledger | undefined;
  /** Returns a repository of the same registry that is known to have the blob. */
  readonly mountFrom?: ((target: Descriptor) => string | undefined) | undefined;
  readonly onEvent?: ((event: CopyEvent) => void) | undefined;
}

const CONCURRENCY = 4;

/**
 * Copies a root and everything it is made of, skipping what is there already. Children go before parents, and manifests with a
 * `subject` after it, so that an interruption leaves nothing dangling. When a registry refuses a manifest for lack of a part
 * that it claimed to have, that part is sent, then the manifest again.
 *
 * A refusal stops only what depends on the refused content: the rest is copied, so that the next copy has less to do, and then
 * the first refusal is thrown. Any other failure stops the copy: transfers in flight are interrupted and settle before this
 * throws.
 *
 * @throws what `from` and `to` throw, `ERR_DOCUMENT_INVALID`, `ERR_SIZE_MISMATCH`, `ERR_DIGEST_MISMATCH`, `ERR_INTERRUPTED`
 */
export async function copyGraph(root: Descriptor, options: CopyOptions): Promise<void> {
  throwIfInterrupted(options.signal);
  const copy = startCopy(root, options);
  try {
    for await (const node of walkMissing(copy)) start(copy, node);
  } catch (error) {
    copy.fail(error);
  }
  copy.walked.resolve();
  await Promise.allSettled(copy.tasks.values());
  if (copy.failure !== undefined) throw copy.failure.error;
  if (copy.tag !== undefined) await nameRoot(copy, copy.tag);
}

interface Copy extends CopyOptions {
  readonly root: Descriptor;
  readonly gate: Gate;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
  /** Transfers by {@link keyOf}, in the order of the walk. */
  readonly tasks: Map<string, Promise<void>>;
  /** Resolves when the walk has ended. */
  readonly walked: PromiseWithResolvers<void>;
  /** Manifests that this copy has sent. */
  readonly sent: Set<Digest>;
  failure: { readonly error: unknown } | undefined;
  /** Keeps the first failure. One that is no refusal replaces a refusal, and stops everything. */
  readonly fail: (error: unknown) => void;
}

function startCopy(root: Descriptor, options: CopyOptions): Copy {
  const { from, to, tag, gate, repository, ledger, mountFrom, onEvent, signal } = options;
  const stop = new AbortController();
  const copy: Copy = {
    root,
    from,
    to,
    tag,
    repository,
    mountFrom,
    onEvent,
    gate: gate ?? new Gate(CONCURRENCY),
    ledger: ledger ?? new Ledger(),
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    tasks: new Map(),
    walked: Promise.withResolvers(),
    sent: new Set(),
    failure: undefined,
    fail: (error) => {
      if (copy.failure === undefined || (isRefusal(copy.failure.error) && !isRefusal(error)))
        copy.failure = { error };
      if (!isRefusal(error)) stop.abort(error);
    },
  };
  return copy;
}

/** A registry accepts a manifest only with its children, so when a manifest is there, they need no check. */
function walkMissing(copy: Copy): AsyncIterable<GraphNode> {
  const { root, gate, to, signal, onEvent } = copy;
  return walkGraph(root, {
    signal,
    ahead: CONCURRENCY,
    read: async (target) => await fetchManifestDocument(target, copy),
    enter: async (target) => {
      if (!isManifestType(target.mediaType)) return true;
      const isThere = await gate.run(() => to.has(target, { signal }), signal);
      if (isThere) onEvent?.({ type: 'present', target });
      return !isThere;
    },
  });
}

function start(copy: Copy, { descriptor, document }: GraphNode): void {
  const task =
    document === undefined ? bringBlob(copy, descriptor) : bringManifest(copy, descriptor, document);
  task.catch(copy.fail);
  copy.tasks.set(keyOf(descriptor), task);
}

async function bringManifest(copy: Copy, target: Descriptor, document: Manifest | Index): Promise<void> {
  const { root, tag } = copy;
  await Promise.all(successorsOf(document).flatMap((child) => copy.tasks.get(keyOf(child)) ?? []));
  if (document.subject !== undefined) await follow(copy, document.subject);
  // Tagging sends it. A manifest with a subject must also be sent by digest, to enter the list of its subject.
  if (tag !== undefined && target.digest === root.digest && document.subject === undefined) return;
  await sendManifest(copy, target);
}

/** Waits for the subject of a manifest, which may come later in the walk, or not at all. */
async function follow({ tasks, walked }: Copy, subject: Descriptor): Promise<void> {
  const key = keyOf(subject);
  if (!tasks.has(key)) await walked.promise;
  await tasks.get(key);
}

async function sendManifest(copy: Copy, target: Descriptor): Promise<void> {
  const { from, to, signal, sent, onEvent } = copy;
  await repairing(copy, target, () => to.push(target, from, { signal }));
  sent.add(target.digest);
  onEvent?.({ type: 'pushed', target });
}

/** Tags the root last, so that a pull by tag gets either the whole image or the old one. */
async function nameRoot(copy: Copy, tag: string): Promise<void> {
  const { root, from, to, signal, sent, tasks, onEvent } = copy;
  await repairing(copy, root, () => to.tag(root, from, tag, { signal }));
  if (tasks.has(keyOf(root)) && !sent.has(root.digest)) onEvent?.({ type: 'pushed', target: root });
}

/** Sends a manifest; if the registry lacks parts that it claimed to have, sends those and the manifest again. */
async function repairing(copy: Copy, target: Descriptor, send: () => Promise<void>): Promise<void> {
  const { gate, signal } = copy;
  try {
    await gate.run(send, signal);
  } catch (error) {
    if (!tellsOfAbsence(error)) throw error;
    for (const child of successorsOf(await fetchManifestDocument(target, copy)))
      await bringAgain(copy, child);
    await gate.run(send, signal);
  }
}

/** Sends content that was reported as present or mounted. What this copy has sent is known to be there. */
async function bringAgain(copy: Copy, target: Descriptor): Promise<void> {
  const { gate, from, to, repository = '', ledger, sent, signal, onEvent } = copy;
  if (isManifestType(target.mediaType)) {
    if (!sent.has(target.digest)) await sendManifest(copy, target);
    return;
  }
  const work = async (): Promise<BlobOutcome> => {
    await gate.run(() => to.push(target, from, { signal }), signal);
    onEvent?.({ type: 'pushed', target });
    return 'pushed';
  };
  await ledger.renew(repository, target.digest, { work, signal });
}

async function bringBlob(copy: Copy, target: Descriptor): Promise<void> {
  const { ledger, repository = '', signal } = copy;
  const work = (donor: Donor | undefined): Promise<BlobOutcome> => bringOnce(copy, target, donor);
  await ledger.settle(repository, target.digest, { work, signal });
}

/** Waits for a donor outside the gate, because the donor may need the place. */
async function bringOnce(copy: Copy, target: Descriptor, donor: Donor | undefined): Promise<BlobOutcome> {
  const { gate, from, to, mountFrom, onEvent, signal } = copy;
  if (await gate.run(() => to.has(target, { signal }), signal)) {
    onEvent?.({ type: 'present', target });
    return 'present';
  }
  const source = (await donor?.()) ?? mountFrom?.(target);
  const type = await gate.run(async (): Promise<BlobOutcome> => {
    if (source !== undefined && (await to.mount(target, source, { signal }))) return 'mounted';
    await to.push(target, from, { signal });
    return 'pushed';
  }, signal);
  onEvent?.({ type, target });
  return type;
}
