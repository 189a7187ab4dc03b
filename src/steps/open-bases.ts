import { type BlobBase, bundleBase } from '../bundle/check/base.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { openBundle } from '../bundle/open.ts';
import type { OpenBundle } from '../bundle/bundle.ts';
import { type BundleOpener, isCarried } from './carrier.ts';
import { statOf } from '../disk/stat.ts';
import type { Finding } from '../internal/finding.ts';
import type { Digest } from '../oci/digest.ts';
import type { Registry, WaitOptions } from '../oci/roles.ts';
import { placedBase } from '../targets/receipts/placed-base.ts';
import { receiptsOf } from '../targets/receipts/receipts.ts';
import { registryBase } from '../targets/registry/base.ts';

export { openInventory } from './open-inventory.ts';

/** Bundles that were opened together. Dispose of them together. */
export interface OpenBundles extends AsyncDisposable {
  readonly bundles: readonly OpenBundle[];
}

/** Bundles to take blobs from. */
export interface OpenBases extends AsyncDisposable {
  readonly bases: readonly BlobBase[];
}

/** Opens bundles to take blobs from. Blobs are verified only when they are used. Throws what `openBundle` throws. */
export async function openBundles(
  paths: readonly string[],
  { open = openBundle, signal }: WaitOptions & { readonly open?: BundleOpener | undefined } = {},
): Promise<OpenBundles> {
  const bundles: OpenBundle[] = [];
  const close = async (): Promise<void> => {
    for (const bundle of bundles) await bundle[Symbol.asyncDispose]();
  };
  try {
    for (const path of new Set(paths)) bundles.push(await open(path, { signal }));
  } catch (error) {
    await close();
    throw error;
  }
  return { bundles, [Symbol.asyncDispose]: close };
}

/**
 * Opens bundles to reuse content of. One that is not there is told of: the first build of a pipeline has none yet. Throws what
 * `openBundle` throws for the others.
 */
export async function openReusable(
  paths: readonly string[],
  options: WaitOptions & {
    readonly open?: BundleOpener | undefined;
    readonly onFinding?: ((finding: Finding) => void) | undefined;
  } = {},
): Promise<OpenBundles> {
  const there: string[] = [];
  for (const path of paths) {
    if (isCarried(path) || (await statOf(path)) !== undefined) there.push(path);
    else
      options.onFinding?.({
        level: 'warning',
        message: `Nothing is reused from "${path}": there is no such file`,
      });
  }
  return await openBundles(there, options);
}

/** Opens bundles as bases. Throws what `openBundle` throws. */
export async function openBases(
  paths: readonly string[] | undefined,
  options: WaitOptions & { readonly open?: BundleOpener | undefined } = {},
): Promise<OpenBases> {
  const opened = await openBundles(paths ?? [], options);
  return {
    bases: opened.bundles.map(bundleBase),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** What earlier installs of this user left, as a source for a delta. */
export interface EarlierInstalls {
  readonly bases: readonly BlobBase[];
  /** Returns a repository of a registry where a blob was found. */
  readonly mountFrom: (host: string, digest: Digest) => string | undefined;
}

/** Returns where earlier installs left the blobs that a delta requires; a complete bundle needs no search. */
export async function earlierInstalls(
  { document }: Bundle,
  options: {
    readonly stateFolder: string;
    readonly registryAt: (host: string) => Registry;
    readonly onFinding?: ((finding: Finding) => void) | undefined;
  },
): Promise<EarlierInstalls> {
  const { requires, name } = document;
  if (requires === undefined) return { bases: [], mountFrom: () => undefined };
  const roots = requires.map((base) => base.root);
  const { stateFolder, registryAt, onFinding } = options;
  const names = [name, ...requires.map((base) => base.name)];
  const receipts = await receiptsOf(stateFolder, { roots, names, onFinding });
  const registries = registryBase(receipts, { registryAt });
  return {
    bases: [placedBase(receipts), registries],
    mountFrom: (host, digest) => registries.repositoryAt(host, digest),
  };
}
