import { dirname } from 'node:path';
import type { LockChanges } from '../spec/lock/compare.ts';
import type { OpenBundle } from '../bundle/bundle.ts';
import { requireMoment } from '../bundle/format/moment.ts';
import { requireRoom, signPlan } from '../bundle/plan/sign-plan.ts';
import { type Form, shapeFor } from '../bundle/shape.ts';
import { fingerprintOf } from '../bundle/signing/signing-key.ts';
import { judgeSignature } from '../bundle/signing/prove.ts';
import {
  checkPlace,
  type Rehearsal,
  openEarlier,
  rehearseBundle,
  spaceFor,
  unchangedBy,
} from '../bundle/write/rehearse.ts';
import { reusing } from '../bundle/write/reuse.ts';
import type { RequiredBundle } from '../bundle/inventory.ts';
import { type BlobSource, type Progress, writeBundle, type WriteResult } from '../bundle/write/write.ts';
import { diskError } from '../disk/errno.ts';
import { streamFile } from '../disk/stream-file.ts';
import { type ByteStream, streamOf } from '../internal/bytes.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { quote } from '../internal/quote.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { Digest } from '../oci/digest.ts';
import type { FetchOptions } from '../oci/roles.ts';
import { type PartWish, readPart } from '../steps/chosen-plan.ts';
import type { Connection } from '../steps/connect.ts';
import { bundleOpener } from '../steps/carrier.ts';
import type { Ears } from '../steps/ears.ts';
import { saveLock } from '../steps/lock-file.ts';
import { openReusable } from '../steps/open-bases.ts';
import {
  finishKit,
  type KitProgress,
  type KitResult,
  prepareKit,
  type PreparedKit,
  requireKitBeside,
  requireRoomForKit,
} from '../steps/kit.ts';
import { SavedContent } from '../saved/content.ts';
import { readSigningKey } from '../steps/signing/read-key.ts';
import type {
  PartSize,
  ReleaseSize,
  Resolved,
  ResolveWish,
  ResolvingProgress,
  Upgrade,
} from '../steps/resolve.ts';
import { resolveUnfinished } from '../steps/resolve-unfinished.ts';
import type { Surroundings } from '../steps/surroundings.ts';

export type { PartSize, Rehearsal, ReleaseSize };

/** What a build would do. Sizes in bytes. */
export interface DryRun extends Rehearsal {
  /** Releases that are made of parts, with what each part makes of the bundle; left out when there are none. */
  readonly releases?: readonly ReleaseSize[] | undefined;
}

/** What to build. */
export interface BuildWish extends Omit<ResolveWish, 'check'>, PartWish {
  /** Where to write the bundle. */
  readonly out: string;
  /** Output form; derived from the file name when left out. */
  readonly form?: Form | undefined;
  /** Maximum size of each file of the output (bytes). */
  readonly volumeSize?: number | undefined;
  /** Path of the private key to sign it with, in PEM; the passphrase may be in `SADDLEBAG_KEY_PASSPHRASE`. */
  readonly signKey?: string | undefined;
  /** How much damage a parity file beside it is to repair, in percent of the bundle, 1 to 100; without it there is none. */
  readonly parity?: number | undefined;
  /** Existing bundles to take unchanged blobs from. */
  readonly reuse?: readonly string[] | undefined;
}

/** Progress of a build: it resolves, makes a kit ready if one is asked for, fetches, and writes the kit. */
export type BuildProgress = ResolvingProgress | KitProgress | ({ readonly phase: 'fetch' } & Progress);

/** Sizes in bytes. */
export interface BuildResult extends WriteResult {
  /** Number of items, as the user counts them. */
  readonly items: number;
  /** Fingerprint of the signing key, if it was signed. */
  readonly signer?: Digest | undefined;
  /** OUT was that bundle already: nothing was fetched, and nothing written. */
  readonly unchanged?: true | undefined;
  readonly seconds: number;
  /** What is worth knowing beside the result. */
  readonly findings: readonly Finding[];
  /** With `since`: the bundles whose blobs the other side has already and this bundle requires; empty when there are none. */
  readonly requires?: readonly RequiredBundle[] | undefined;
  /** Pins compared with the previous lock. Left out for a spec that is not a file. */
  readonly lock?: (LockChanges & { readonly path: string }) | undefined;
  /** The upgrade that the spec asks for with `from`. */
  readonly upgrade?: Upgrade | undefined;
  /** The kit beside it. */
  readonly kit?: KitResult | undefined;
  /** The result of a dry run; `path` was not written then. */
  readonly dryRun?: DryRun | undefined;
}

/**
 * Builds a bundle: resolves everything the spec asks for, locks it, lays out the bundle and fills it. With `locked`, it
 * builds what the lock says and leaves the lock as it is. What a finished output has is not fetched again. With `since` or `only`, it builds a part. A build that was
 * interrupted continues where it stopped when it is run again.
 *
 * @throws what `resolveSpec`, `saveLock` and `writeBundle` throw. An unwritable output, `ERR_KEY_INVALID` and an
 * invalid date (`ERR_USAGE_INVALID`) are reported before any request is made
 */
export async function buildBundle(
  wish: BuildWish,
  surroundings: Surroundings,
  ears: Ears<BuildProgress> = {},
): Promise<BuildResult> {
  const started = performance.now();
  const { out: path, concurrency, dryRun = false } = wish;
  const { onProgress, onFinding, onNetwork, signal } = ears;
  const shape = shapeFor(path, wish);
  if (wish.created !== undefined) requireMoment(wish.created);
  requireRoom(wish.signatureRoom);
  const key =
    wish.signKey === undefined ? undefined : await readSigningKey(wish.signKey, surroundings, { signal });
  await checkPlace(path, shape, { parity: wish.parity });
  if (wish.kit !== undefined) await requireKitBeside(path, surroundings);
  const open = bundleOpener(wish, surroundings, { signal, onFinding, onNetwork });
  const part = await readPart(wish, { open, signal, onFinding });
  await using opened = await openReusable(wish.reuse ?? [], { open, signal, onFinding });
  await using earlier = await openEarlier({ path, shape, signal });
  const bundles = earlier === undefined ? opened.bundles : [...opened.bundles, earlier];
  await using resolved = await resolveUnfinished(
    wish,
    surroundings,
    { signal, onFinding, onProgress, onNetwork },
    { planOf: (whole) => part.of(whole).plan, bundles },
  );
  const { lock, connection, warnings } = resolved;
  const { plan: chosen, ...left } = part.of(resolved.plan);
  const plan = key === undefined ? chosen : signPlan(chosen, key);
  const isPlain = key === undefined && wish.parity === undefined;
  const unchanged =
    earlier !== undefined && isPlain ? await unchangedBy(earlier, plan, { path, shape, signal }) : undefined;
  if (unchanged === undefined && key === undefined && !dryRun) await warnOfLostSignature(earlier, ears);
  await using saved = new SavedContent();
  const source = reusing(contentOf(connection, saved), bundles, { onFinding });
  if (lock.path !== undefined && !lock.upToDate && !dryRun) await saveLock(lock.path, lock.content);
  const kit = dryRun
    ? undefined
    : await prepareKitBeside(path, resolved, { surroundings, signal, onProgress });
  if (kit !== undefined) {
    const { needed } = await spaceFor(plan, { path, shape, parity: wish.parity });
    await requireRoomForKit(kit, unchanged === undefined ? needed : 0);
  }
  const ways = { path, shape, parity: wish.parity };
  const written = dryRun
    ? rehearsed(await rehearseBundle(plan, source, ways), resolved.releaseSizes(chosen))
    : (unchanged ??
      (await writeBundle(plan, source, {
        ...ways,
        concurrency,
        onProgress: (progress) => onProgress?.({ phase: 'fetch', ...progress }),
        onFinding,
        signal,
      })));
  const made = kit === undefined ? undefined : await finishKit(kit, { signal, onProgress });
  const seconds = (performance.now() - started) / 1000;
  return {
    ...written,
    items: plan.document.items.length,
    signer: key && fingerprintOf(key),
    ...left,
    upgrade: resolved.upgrade,
    lock: lock.path === undefined ? undefined : { path: lock.path, ...lock.changes },
    kit: made,
    seconds,
    findings: warnings,
  };
}

function rehearsed(
  result: WriteResult & { readonly dryRun: Rehearsal },
  releases: readonly ReleaseSize[],
): WriteResult & { readonly dryRun: DryRun } {
  const { items, fetchBytes, space } = result.dryRun;
  const told = releases.length === 0 ? undefined : releases;
  return { ...result, dryRun: { items, fetchBytes, space, releases: told } };
}

/** Who writes over a signed bundle without a key would find out on the far side. */
async function warnOfLostSignature(
  earlier: OpenBundle | undefined,
  { onFinding, signal }: Ears<BuildProgress>,
): Promise<void> {
  if (earlier === undefined || (await judgeSignature(earlier, { signal })).signature === 'none') return;
  onFinding?.({
    level: 'warning',
    message: `The bundle in ${quote(earlier.path)} was signed, and the one that takes its place is not`,
    hint: 'Build with --sign-key, or sign it afterwards with "bundle sign".',
  });
}

async function prepareKitBeside(
  path: string,
  { runtimes, connection: { http } }: Resolved,
  options: Pick<Ears<BuildProgress>, 'signal' | 'onProgress'> & { readonly surroundings: Surroundings },
): Promise<PreparedKit | undefined> {
  if (runtimes === undefined) return undefined;
  const { surroundings, signal, onProgress } = options;
  return await prepareKit(dirname(path), runtimes, { http, surroundings, signal, onProgress });
}

/** Returns the source from which the writer gets the bytes of a blob. */
function contentOf({ http, registries }: Connection, saved: SavedContent): BlobSource {
  return {
    isAtHand: ({ origin }) => origin.type === 'file' || origin.type === 'archive',
    open: ({ descriptor, origin }, options) => {
      const { offset, lease, signal } = options;
      if (origin.type === 'bytes') return streamOf(origin.bytes, options.offset);
      if (origin.type === 'made') return origin.open(options);
      if (origin.type === 'file') return readLocal(origin.path, options);
      if (origin.type === 'archive') return saved.open(origin.at, descriptor.size, { offset, lease, signal });
      if (origin.type === 'url') return http.download(origin.url, { offset, lease, signal, hasDigest: true });
      if (origin.type === 'bundle') throw unplanned(origin.path);
      const { registry, repository } = origin.reference;
      return registries.open(registry).repository(repository).fetch(descriptor, options);
    },
  };
}

/** The file was there when it was measured. */
async function* readLocal(path: string, options: FetchOptions): ByteStream {
  try {
    yield* streamFile(path, options);
  } catch (error) {
    throwIfInterrupted(options.signal);
    throw diskError('read', path, error, 'input');
  }
}

function unplanned(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_INTERNAL_BUG',
    `Cannot build from "${path}": no source plans blobs of a bundle`,
  );
}
