import type { OpenBundle } from '../bundle/bundle.ts';
import { openCarried } from '../bundle/carrier/carrier.ts';
import { openBundle, type OpenOptions } from '../bundle/open.ts';
import { isInRegistry } from '../bundle/shape.ts';
import { SaddlebagError } from '../internal/error.ts';
import { Handles } from '../internal/handles.ts';
import { type Digest } from '../oci/digest.ts';
import { formatReference, parseReference, type Reference } from '../oci/reference.ts';
import type { RegistrySettings } from '../registry/settings/settings.ts';
import { readRegistries } from '../spec/registries/read.ts';
import { connect } from './connect.ts';
import type { Ears } from './ears.ts';
import type { Surroundings } from './surroundings.ts';

/** What reading a bundle in a registry takes. */
export interface NetworkWish {
  /** Path of a registries file with mirrors, credentials and certificates. */
  readonly registriesFile?: string | undefined;
  /** Path of a PEM file with certificate authorities to trust at every host, besides those of this machine. */
  readonly caFile?: string | undefined;
}

/** Opens a bundle, wherever it is. Throws what `openBundle` and `openCarried` throw. */
export type BundleOpener = (path: string, options?: OpenOptions) => Promise<OpenBundle>;

/** Where a bundle is in a registry. */
export interface CarrierName {
  /** Host with its port. */
  readonly host: string;
  readonly repository: string;
  /** A tag, or a digest where one is given. */
  readonly tagOrDigest: string;
  /** `HOST/REPOSITORY:TAG`, or with the digest. */
  readonly reference: string;
}

const SCHEME = 'oci://';

/** Returns whether a bundle is said to be in a registry. */
export function isCarried(path: string): boolean {
  return isInRegistry(path);
}

/**
 * Returns where a bundle is in a registry: `HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]`, with or without `oci://`. The host must be
 * spelled out, so that nothing goes to a public registry because a name was short.
 *
 * @throws `ERR_REFERENCE_INVALID`
 */
export function parseCarrierName(text: string): CarrierName {
  const bare = isCarried(text) ? text.slice(SCHEME.length) : text;
  const parsed = parseReference(bare);
  const { registry: host, repository, tag, digest } = parsed;
  if (!/^[^/]*[.:][^/]*\/|^localhost\//.test(bare)) throw withoutHost(bare);
  const tagOrDigest: string | Digest = digest ?? tag ?? 'latest';
  return { host, repository, tagOrDigest, reference: formatReference(referenceOf(parsed)) };
}

/** A digest says everything: a tag beside it is not asked for. */
function referenceOf({ registry, repository, tag, digest }: Reference): Reference {
  return digest === undefined ? { registry, repository, tag } : { registry, repository, digest };
}

/**
 * Returns what opens bundles for one run of a verb. The network is set up when the first `oci://` comes, with the user's
 * credentials, which go to the host that they are for and to no other.
 */
export function bundleOpener(
  wish: NetworkWish & {
    /** What is in that file, if it has been read already. */
    readonly settings?: RegistrySettings | undefined;
  },
  surroundings: Surroundings,
  { signal: stop, onFinding, onNetwork }: Ears = {},
): BundleOpener {
  const { registriesFile, caFile } = wish;
  const { env } = surroundings;
  let settings: Promise<RegistrySettings | undefined> | undefined;
  const readSettings = async (): Promise<RegistrySettings | undefined> =>
    registriesFile === undefined
      ? undefined
      : await readRegistries(registriesFile, { env, signal: stop, onFinding });
  return async (path, options = {}) => {
    if (!isCarried(path)) return await openBundle(path, options);
    const { trust, signal = stop } = options;
    const { host, repository, tagOrDigest } = parseCarrierName(path);
    settings ??= wish.settings === undefined ? readSettings() : Promise.resolve(wish.settings);
    await using handles = new Handles();
    const network = handles.use(
      connect({ settings: await settings, caFile }, surroundings, { signal, onFinding, onNetwork }),
    );
    const registry = surroundings.openRegistry?.(host) ?? network.registries.open(host);
    const from = registry.repository(repository);
    const bundle = handles.use(await openCarried({ path, from, tagOrDigest }, { trust, signal }));
    const open = handles.move();
    return { ...bundle, [Symbol.asyncDispose]: async () => await open[Symbol.asyncDispose]() };
  };
}

function withoutHost(text: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_REFERENCE_INVALID',
    `Cannot tell the registry of ${JSON.stringify(text)}: its first part has neither a dot nor a port`,
    { hint: 'Write HOST[:PORT]/REPOSITORY:TAG, such as "harbor.lab/bundles/lab:2026-11".' },
  );
}
