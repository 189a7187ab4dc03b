import { basedBundle } from '../bundle/check/based-bundle.ts';
import type { BlobBase } from '../bundle/check/base.ts';
import type { CheckOptions, CheckResult } from '../bundle/check/check.ts';
import type { Bundle, OpenBundle } from '../bundle/bundle.ts';
import { Staging } from '../disk/placing/staging.ts';
import { SaddlebagError } from '../internal/error.ts';
import { Handles } from '../internal/handles.ts';
import type { Digest } from '../oci/digest.ts';
import { pushSettings } from '../registry/settings/push-settings.ts';
import { neededBy, stagingOf } from '../targets/all-targets.ts';
import type { Plan } from '../targets/apply-plans.ts';
import type { TargetChoice } from '../targets/choice.ts';
import { chosenTargets } from '../targets/chosen-targets.ts';
import { hostPlatformOf, parseHostPlatform, stateFolder } from '../targets/host-paths.ts';
import { receiptPath } from '../targets/receipts/file.ts';
import type { Target } from '../targets/target.ts';
import { connect } from './connect.ts';
import type { Ears } from './ears.ts';
import { bundleOpener, parseCarrierName } from './carrier.ts';
import { type EarlierInstalls, earlierInstalls, openBases } from './open-bases.ts';
import { requireIntact, requireIntactBlobs } from './require-intact.ts';
import { requireTrustedReleases } from './openshift/trust.ts';
import { readRetryList } from './retry-list.ts';
import { hostEnvironment, type Surroundings } from './surroundings.ts';
import { trustedKeys, type TrustWish } from './signing/trusted-keys.ts';

export { missingOfCarried } from './check/carried.ts';
export { carriedUpgrade, type Upgrade, type UpgradeOrderStep } from './upgrade.ts';
export { requireKnown, unfinished, writeRetryList } from './retry-list.ts';

/** What an install is opened by. */
export interface OpenInstallWish extends TrustWish {
  /** The bundle. */
  readonly path: string;
  readonly targets?: TargetChoice | undefined;
  readonly bases?: readonly string[] | undefined;
  readonly hostPlatform?: string | undefined;
  readonly registriesFile?: string | undefined;
  readonly uploadChunk?: number | undefined;
  readonly caFile?: string | undefined;
  /** Verifies all of a bundle in a registry, too, and not only what is taken. */
  readonly whole?: boolean | undefined;
  /** Path of a list of images; when it is there, no other image is pushed. */
  readonly retry?: string | undefined;
}

/** A bundle and where it is to go, open. Disposing of it closes both. */
export interface OpenInstall extends AsyncDisposable {
  /** Takes from its bases what it lacks, once it is verified. */
  readonly bundle: OpenBundle;
  readonly targets: readonly Target[];
  /** The images that the retry list names; all of them when `undefined`. */
  readonly only: ReadonlySet<string> | undefined;
  /** Where the receipt is kept. */
  readonly receipt: string;
  /**
   * Reads every byte of the bundle; of one in a registry, unless all is wanted, its head and its manifests.
   * @throws what `requireIntact` and `requireTrustedReleases` throw
   */
  verify(options: Pick<CheckOptions, 'signal' | 'onProgress'>): Promise<CheckResult>;
  /**
   * Reads every byte of what the plans take that `verify` has left out, and keeps beside their places what becomes a file, so that
   * it is read once. Nothing is placed. @throws what `requireIntactBlobs` throws
   */
  verifyTaken(plans: readonly Plan[], options: Pick<CheckOptions, 'signal' | 'onProgress'>): Promise<Staging>;
}

/**
 * Opens a bundle, its bases and the network, and chooses the targets.
 *
 * @throws `ERR_PATCH_INVALID`; what `openBundle`, `readRegistries`, `readRetryList`, `trustedKeys` and `chosenTargets` throw
 */
export async function openInstall(
  wish: OpenInstallWish,
  surroundings: Surroundings,
  { signal, onFinding, onNetwork }: Ears = {},
): Promise<OpenInstall> {
  const { env } = surroundings;
  const { registriesFile, uploadChunk, caFile, retry } = wish;
  const only = retry === undefined ? undefined : await readRetryList(retry);
  const settings =
    registriesFile === undefined
      ? undefined
      : await (
          await import('../spec/registries/read.ts')
        ).readRegistries(registriesFile, { env, signal, onFinding });
  const trust = await trustedKeys(wish.key, surroundings, { signal, needed: wish.keysNeeded });
  await using handles = new Handles();
  const opener = bundleOpener({ registriesFile, caFile, settings }, surroundings, {
    signal,
    onFinding,
    onNetwork,
  });
  const file = handles.use(await opener(wish.path, { signal, trust }));
  requireItems(file);
  const given = handles.use(await openBases(wish.bases, { open: opener, signal }));
  const ways = { settings: pushSettings(settings), caFile, uploadChunk };
  const network = handles.use(connect(ways, surroundings, { signal, onFinding, onNetwork }));
  const registryAt = surroundings.openRegistry ?? ((host: string) => network.registries.open(host));
  const host = hostEnvironment(surroundings);
  const state = stateFolder(host);
  const earlier = await earlierInstalls(file, { registryAt, onFinding, stateFolder: state });
  const sources = new Map<Digest, BlobBase>();
  const bundle = basedBundle(file, sources);
  const platform =
    wish.hostPlatform === undefined
      ? hostPlatformOf(surroundings.host.platform, surroundings.host.arch)
      : parseHostPlatform(wish.hostPlatform);
  const mountFrom = mountingFrom(file, earlier);
  const context = { host, platform, registryAt, mountFrom, only };
  const targets = await chosenTargets(bundle, wish.targets ?? {}, context);
  const open = handles.move();
  const bases = [...given.bases, ...earlier.bases];
  const headOnly = file.shape === 'registry' && wish.whole !== true;
  return {
    bundle,
    targets,
    only,
    receipt: receiptPath(state, { name: bundle.document.name, root: bundle.root }),
    verify: async ({ signal: stop, onProgress }) => {
      const checked = await requireIntact(file, { signal: stop, onProgress, bases, headOnly });
      for (const [digest, base] of checked.supply.sources) sources.set(digest, base);
      await requireTrustedReleases(bundle, { now: Date.now(), signal: stop });
      return checked;
    },
    verifyTaken: async (plans, { signal: stop, onProgress }) => {
      if (!headOnly) return new Staging([]);
      const taken = neededBy(plans);
      const blobs = file.document.blobs.filter(({ digest }) => taken.has(digest));
      await using own = new Handles();
      const staging = own.use(await stagingOf(plans, { signal: stop }));
      const supply = await requireIntactBlobs(file, blobs, { signal: stop, onProgress, bases, staging });
      for (const [digest, base] of supply.sources) sources.set(digest, base);
      own.move();
      return staging;
    },
    [Symbol.asyncDispose]: async () => await open[Symbol.asyncDispose](),
  };
}

/** What the target's registry has because the bundle itself is there need not be sent to it. */
function mountingFrom(
  { path, document, shape }: OpenBundle,
  earlier: EarlierInstalls,
): EarlierInstalls['mountFrom'] {
  if (shape !== 'registry') return earlier.mountFrom;
  const carrier = parseCarrierName(path);
  const carried = new Set(document.blobs.map(({ digest }) => digest));
  return (host, digest) =>
    host === carrier.host && carried.has(digest) ? carrier.repository : earlier.mountFrom(host, digest);
}

/** A patch is useless on its own; together with the bundle it repairs, it is a base. */
function requireItems({ path, document: { patchOf } }: Bundle): void {
  if (patchOf === undefined) return;
  throw new SaddlebagError('ERR_PATCH_INVALID', `Cannot install "${path}": it is a patch of ${patchOf}`, {
    hint: 'Install the bundle that it repairs, and give the patch with --base; or repair that bundle with "bundle repair".',
  });
}
