import type { ByteStream } from '../internal/bytes.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { parsePlatform } from '../oci/platform.ts';
import {
  bundleHolding,
  compareWanted,
  farSide,
  type FarSideWish,
  gatherWanted,
  type Lookalike,
  type MissingImage,
  namingFiles,
  nodeHolding,
  type PresentImage,
  readNames,
  registryHolding,
  releaseHoldings,
  withReasons,
} from '../steps/check/check.ts';
import { bundleOpener } from '../steps/carrier.ts';
import type { Ears } from '../steps/ears.ts';
import { openBundles } from '../steps/open-bases.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** What to compare with what. */
export interface CheckWish extends FarSideWish {
  /** Bundles that go to the other side. */
  readonly bundles: readonly string[];
  /** Files that say what a cluster will ask for; `-` is `stdin`. */
  readonly files: readonly string[];
  readonly stdin?: ByteStream | undefined;
  /** Root folder of a K3s or RKE2 node. */
  readonly node?: string | undefined;
  /** What the nodes run on, `os/architecture[/variant]`; where the files tell it, they win. */
  readonly platforms?: readonly string[] | undefined;
}

/** What a cluster will ask for, and whether it is there. */
export interface CheckOutcome {
  readonly missing: readonly MissingImage[];
  /** Texts that look like images, where no image belongs, or that something else completes. */
  readonly lookalikes: readonly Lookalike[];
  readonly present: readonly PresentImage[];
  /** What the files leave to others. */
  readonly findings: readonly Finding[];
}

/**
 * Finds out which images that files name are neither in the bundles nor on the other side. Only heads of bundles are read, what
 * their archives for nodes hold where no image of theirs is meant, and of the network only the registries that are named.
 *
 * @throws what `openBundles`, `farSide` and `readNames` throw; `ERR_USAGE_INVALID`, `ERR_PLATFORM_INVALID`; what a registry
 * that cannot be asked throws
 */
export async function checkImages(
  wish: CheckWish,
  surroundings: Surroundings,
  { signal, onFinding, onNetwork }: Ears = {},
): Promise<CheckOutcome> {
  const { bundles: paths, files, stdin } = wish;
  if (files.length === 0)
    throw new SaddlebagError('ERR_USAGE_INVALID', 'Cannot check: no file says what will be asked for', {
      hint: 'Name it with --for: for example what "kubectl get pods -A -o json" wrote.',
    });
  if (paths.length === 0 && wish.node === undefined && (wish.registries ?? []).length === 0)
    throw new SaddlebagError('ERR_USAGE_INVALID', 'Cannot check: nothing is named that may have the images', {
      hint: 'Name bundles, or the other side with --registry or --k3s-node.',
    });
  const platforms = (wish.platforms ?? []).map(parsePlatform);
  await using side = await farSide(wish, surroundings, { signal, onFinding, onNetwork });
  const open = bundleOpener(wish, surroundings, { signal, onFinding, onNetwork });
  await using opened = await openBundles(paths, { open, signal });
  const readings = readNames(namingFiles(files, { stdin, signal }), { signal });
  const { wanted, lookalikes, registries, remarks } = await gatherWanted(readings, { platforms });
  const findings = remarks.map(({ message, hint }): Finding => ({ level: 'warning', message, hint }));
  for (const finding of findings) onFinding?.(finding);
  const future = { registries: side.future(registries), askedAt: side.askedAt };
  const releases = await Promise.all(
    opened.bundles.map((bundle) => releaseHoldings(bundle, { signal, onFinding })),
  );
  const holdings = [
    ...opened.bundles.map((bundle) => bundleHolding(bundle, future)),
    ...releases.flat(),
    ...(wish.node === undefined ? [] : [await nodeHolding(wish.node, { signal, onFinding })]),
    ...side.registries.map(({ host }) => registryHolding(host, side)),
  ];
  const { missing: lacking, present } = await compareWanted(wanted, holdings, { signal });
  const missing = await withReasons(lacking, opened.bundles, { signal });
  return { missing, lookalikes, present, findings };
}
