import type { ByteStream } from '../internal/bytes.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { parsePlatform } from '../oci/platform.ts';
import {
  bundleHolding,
  compareWanted,
  gatherWanted,
  type Lookalike,
  type MissingImage,
  namingFiles,
  type PresentImage,
  readNames,
} from '../steps/check/check.ts';
import type { Ears } from '../steps/ears.ts';
import { openBundles } from '../steps/open-bases.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** What to compare with what. */
export interface CheckWish {
  /** Bundles that go to the other side. */
  readonly bundles: readonly string[];
  /** Files that say what a cluster will ask for; `-` is `stdin`. */
  readonly files: readonly string[];
  readonly stdin?: ByteStream | undefined;
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
 * Finds out which images that files name are in none of the bundles. Only heads of bundles are read.
 *
 * @throws what `openBundles` and `readNames` throw; `ERR_USAGE_INVALID`, `ERR_PLATFORM_INVALID`
 */
export async function checkImages(
  wish: CheckWish,
  _surroundings: Surroundings,
  { signal, onFinding }: Ears = {},
): Promise<CheckOutcome> {
  const { bundles: paths, files, stdin } = wish;
  if (files.length === 0)
    throw new SaddlebagError('ERR_USAGE_INVALID', 'Cannot check: no file says what will be asked for', {
      hint: 'Name it with --for: for example what "kubectl get pods -A -o json" wrote.',
    });
  if (paths.length === 0) throw new SaddlebagError('ERR_USAGE_INVALID', 'Cannot check: no bundle is named');
  const platforms = (wish.platforms ?? []).map(parsePlatform);
  await using opened = await openBundles(paths, { signal });
  const readings = readNames(namingFiles(files, { stdin, signal }), { signal });
  const { wanted, lookalikes, registries, remarks } = await gatherWanted(readings, { platforms });
  const findings = remarks.map(({ message, hint }): Finding => ({ level: 'warning', message, hint }));
  for (const finding of findings) onFinding?.(finding);
  const future = registries.map((host) => ({ host, prefix: '', naming: 'rancher' as const }));
  const holdings = opened.bundles.map((bundle) => bundleHolding(bundle, future));
  const { missing, present } = await compareWanted(wanted, holdings, { signal });
  return { missing, lookalikes, present, findings };
}
