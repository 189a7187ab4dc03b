import type { PlannedItem } from '../bundle/format/item.ts';
import { planBundle, type BundlePlan } from '../bundle/plan/plan.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { connect, type Connection } from './connect.ts';
import { earlierRun } from './earlier-run.ts';
import type { Ears } from './ears.ts';
import { hostEnvironment, type Surroundings } from './surroundings.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { ProblemsError } from '../internal/problems.ts';
import { type LockFileWish, openLock, renewHint } from './lock-file.ts';
import type { Registry } from '../oci/roles.ts';
import { live } from '../sources/live.ts';
import { locked } from '../sources/locked.ts';
import {
  recorded,
  type ReleaseParts,
  type ReleaseSize,
  resolveItems,
  type ResolveProgress,
  ResolveTally,
  sizeOfParts,
  type UpgradePath,
} from '../sources/resolve.ts';
import {
  keepRuntimes,
  kitBasis,
  type KitWish,
  type ResolvedRuntimes,
  resolveRuntimes,
} from '../sources/node/runtimes.ts';
import { SOURCES } from '../sources/sources.ts';
import { compareLocks, type LockChanges, unsharedPins } from '../spec/lock/compare.ts';
import type { Lock } from '../spec/lock/lock.ts';
import { movedPins, unsharedWarnings } from '../spec/lock/moved-pins.ts';
import { readSpec } from '../spec/read-spec.ts';
import { textsIn } from '../spec/texts.ts';
import { type Upgrade, upgradeOf } from './upgrade.ts';

export type { Upgrade };

/** What to resolve, and how. */
export interface ResolveWish extends LockFileWish {
  /** Path of a registries file, in place of the settings in the spec. */
  readonly registriesFile?: string | undefined;
  /** Path of a PEM file with certificate authorities to trust at every host, besides those of this machine. */
  readonly caFile?: string | undefined;
  /** Build date to record, `2026-08-20T14:05:00Z`; no date is recorded when left out. */
  readonly created?: string | undefined;
  /** Bytes to reserve for signatures, 256 to 65536; 128, for one, when left out. */
  readonly signatureRoom?: number | undefined;
  /** Concurrent requests per host, and concurrent blobs; 8 when left out, and up to 32 of what is small. */
  readonly concurrency?: number | undefined;
  /** The kit to make beside the bundle; none when left out. */
  readonly kit?: KitWish | undefined;
}

/** Progress of resolving. */
export type ResolvingProgress = { readonly phase: 'resolve' } & ResolveProgress;

export type { PartSize, ReleaseSize } from '../sources/resolve.ts';

/** A resolved spec, and the connection to fetch its content with. Dispose of it to close the connection. */
export interface Resolved extends AsyncDisposable {
  readonly plan: BundlePlan;
  readonly lock: ResolvedLock;
  readonly connection: Connection;
  /** The runtimes of the kit, if one is asked for. */
  readonly runtimes?: ResolvedRuntimes | undefined;
  readonly warnings: readonly Finding[];
  /** Returns how much of a plan each release makes that is taken by parts. */
  readonly releaseSizes: (plan: BundlePlan) => readonly ReleaseSize[];
  /** The upgrade that the spec asks for with `from`. */
  readonly upgrade?: Upgrade | undefined;
}

/** The lock that yields exactly this plan; not written yet. */
interface ResolvedLock {
  /** Path of the lock. Left out for a spec that is not a file, when no path was given. */
  readonly path?: string | undefined;
  readonly content: Lock;
  /** Changes compared with the previous lock. */
  readonly changes: LockChanges;
  /** What moved since the previous lock, of what the spec asks for; with `check`, also what came and went. The warnings have them too. */
  readonly differences: readonly Finding[];
  /** Whether the previous lock says the same. */
  readonly upToDate: boolean;
}

/**
 * Reads a spec and resolves everything it asks for: every reference, version and URL becomes digests and sizes. With
 * `locked`, the answers come from the lock. Documents that `bundles` have are not fetched.
 *
 * @throws what `readSpec` and `openLock` throw; `ProblemsError` with everything that does not exist or cannot be
 * resolved, `ERR_LOCK_INCOMPLETE` for what is not in the lock
 */
export async function resolveSpec(
  wish: ResolveWish,
  surroundings: Surroundings,
  ears: Ears<ResolvingProgress>,
  { bundles = [] }: { readonly bundles?: readonly Bundle[] | undefined } = {},
): Promise<Resolved> {
  const { specPath, registriesFile, caFile, concurrency } = wish;
  const { env, systems: { sources = SOURCES } = {} } = surroundings;
  const { signal, onFinding, onProgress, onNetwork } = ears;
  const warnings: Finding[] = [];
  const warn = (finding: Finding): void => {
    if (finding.level !== 'ok') warnings.push(finding);
    onFinding?.(finding);
  };
  const { spec, parts, registries } = await readSpec(specPath, sources, {
    env,
    registriesFile,
    signal,
    onFinding: warn,
  });
  const sections = sources.flatMap((source) => source.sections);
  const { path, content: before } = await openLock(spec.name, wish, { sections, signal });
  const connection = connect({ settings: registries, caFile, concurrency }, surroundings, {
    signal,
    onFinding,
    onNetwork,
  });
  const tally = new ResolveTally((progress) => onProgress?.({ phase: 'resolve', ...progress }));
  try {
    const registryOf = (host: string): Registry => connection.registries.open(host);
    const asked = live(
      { http: tally.reading(connection.http), registryOf, earlier: earlierRun(before, bundles) },
      { upstreams: spec.upstreams, env, signal },
    );
    const recording = recorded(asked);
    const used = wish.locked === true ? before : undefined;
    const questions = tally.asking(used === undefined ? recording : locked(used, asked));
    const { images, web, ask } = questions;
    const releases: ReleaseParts[] = [];
    const onParts = (release: ReleaseParts): void => void releases.push(release);
    const paths: UpgradePath[] = [];
    const context = {
      images,
      web,
      ask,
      upstreams: spec.upstreams,
      env,
      host: hostEnvironment(surroundings),
      warn,
      onParts,
      onUpgradePath: (found: UpgradePath) => void paths.push(found),
      tally,
      now: Date.now(),
      signal,
    };
    const items = await resolveItems(spec.name, parts, context);
    if (items.length === 0) throw nothing(spec.name);
    const upgrade = upgradeOf(paths);
    for (const finding of upgrade?.findings ?? []) warn(finding);
    const runtimes =
      wish.kit === undefined ? undefined : await resolveRuntimes(wish.kit, kitBasis(spec, before), context);
    const content = used ?? keepRuntimes(recording.lockOf(spec.name), before);
    const { moved, ...changes } = compareLocks(before, content);
    const unshared =
      wish.check === true && before !== undefined ? unsharedWarnings(unsharedPins(before, content)) : [];
    const differences = [...movedPins(moved, textsIn(spec)), ...unshared];
    for (const finding of differences) warn(finding);
    return {
      plan: planBundle(spec.name, items, {
        about: spec.about,
        created: wish.created,
        signatureRoom: wish.signatureRoom,
      }),
      lock: {
        path,
        content,
        changes,
        differences,
        upToDate: before !== undefined && isNone(changes),
      },
      connection,
      runtimes,
      warnings,
      releaseSizes: sizesOf(releases, items),
      upgrade: upgrade?.upgrade,
      [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
    };
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw explain(error, wish);
  }
}

/** A spec may ask for something and yet be given nothing, such as by lists that are empty. */
function nothing(name: string): SaddlebagError {
  return new SaddlebagError('ERR_SPEC_INVALID', `Cannot resolve "${name}": nothing is left to be bundled`, {
    hint: 'What the spec asks for is empty: look at the warnings, and at the lists that it names.',
  });
}

/** Keeps the items only where a release is made of parts: everything else about them is in the plan. */
function sizesOf(releases: readonly ReleaseParts[], items: readonly PlannedItem[]): Resolved['releaseSizes'] {
  if (releases.length === 0) return () => [];
  return ({ blobs }) => {
    const held = new Set(blobs.values().map(({ descriptor }) => descriptor.digest));
    return releases.map((release) => sizeOfParts(release, items, (digest) => held.has(digest)));
  };
}

function isNone({ added, removed, changed }: LockChanges): boolean {
  return added + removed + changed === 0;
}

/** The remedy is the same however much is missing from the lock, so it is given once. */
function explain(error: unknown, wish: ResolveWish): unknown {
  if (!(error instanceof ProblemsError)) return error;
  const { code, message, problems, cause } = error;
  if (problems.every((problem) => problem.code !== 'ERR_LOCK_INCOMPLETE')) return error;
  return new ProblemsError(code, message, { problems, hint: renewHint(wish), cause });
}
