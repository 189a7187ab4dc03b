import type { OpenBundle } from '../bundle/bundle.ts';
import { openBundle, type OpenOptions } from '../bundle/open.ts';
import { isInRegistry } from '../bundle/shape.ts';
import { SaddlebagError } from '../internal/error.ts';
import { type Digest } from '../oci/digest.ts';
import { formatReference, parseReference, type Reference } from '../oci/reference.ts';
import type { RegistrySettings } from '../registry/settings/settings.ts';
import type { Ears } from './ears.ts';
import type { Surroundings } from './surroundings.ts';

/** What reading a bundle in a registry takes. */
export interface NetworkWish {
  /** Path of a registries file with mirrors, credentials and certificates. */
  readonly registriesFile?: string | undefined;
  /** Path of a PEM file with certificate authorities to trust at every host, besides those of this machine. */
  readonly caFile?: string | undefined;
}

/** The same, for a verb that may have read that file already. */
export interface CarrierWish extends NetworkWish {
  /** What is in that file, if it has been read. */
  readonly settings?: RegistrySettings | undefined;
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
 * Returns what opens bundles for one run of a verb. The network is loaded and set up when the first `oci://` comes, with the user's
 * credentials, which go to the host that they are for and to no other: a bundle on disk does without that code.
 */
export function bundleOpener(wish: CarrierWish, surroundings: Surroundings, ears: Ears = {}): BundleOpener {
  let opener: Promise<BundleOpener> | undefined;
  const load = async (): Promise<BundleOpener> =>
    (await import('./open-carried.ts')).carriedOpener(wish, surroundings, ears);
  return async (path, options = {}) => {
    if (!isCarried(path)) return await openBundle(path, options);
    opener ??= load();
    return await (
      await opener
    )(path, options);
  };
}

function withoutHost(text: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_REFERENCE_INVALID',
    `Cannot tell the registry of ${JSON.stringify(text)}: its first part has neither a dot nor a port`,
    { hint: 'Write HOST[:PORT]/REPOSITORY:TAG, such as "harbor.lab/bundles/lab:2026-11".' },
  );
}
