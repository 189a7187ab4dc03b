import { type CarrierForm, pushCarrier } from '../../bundle/carrier/carrier.ts';
import type { CheckProgress } from '../../bundle/check/check.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { prepareRegistry } from '../../oci/spaces/prepare.ts';
import { pushSettings } from '../../registry/settings/push-settings.ts';
import { readRegistries } from '../../spec/registries/read.ts';
import { bundleOpener, type NetworkWish, parseCarrierName } from '../../steps/carrier.ts';
import { connect } from '../../steps/connect.ts';
import type { Ears } from '../../steps/ears.ts';
import { trustedKeys, type TrustWish } from '../../steps/signing/trusted-keys.ts';
import type { Surroundings } from '../../steps/surroundings.ts';

/** What to push, and where. */
export interface PushWish extends TrustWish, NetworkWish {
  /** The bundle. */
  readonly path: string;
  /** `HOST[:PORT]/REPOSITORY[:TAG]`; the tag is `latest` when left out. */
  readonly reference: string;
  /** Creates the repository at Amazon ECR, or the project at a Harbor, if it is missing. */
  readonly createRepositories?: boolean | undefined;
  /** Moves a tag that names another bundle. */
  readonly replace?: boolean | undefined;
  /** Reads back what the registry has, and sends again what is damaged there. */
  readonly verify?: boolean | undefined;
  /** Maximum bytes of a blob in one request; no limit when left out. */
  readonly uploadChunk?: number | undefined;
  /** Number of transfers at once; 8 when left out. */
  readonly concurrency?: number | undefined;
  /** Layers of one manifest at most; 400 when left out. @internal */
  readonly layers?: number | undefined;
}

/** What was pushed; sizes in bytes. */
export interface PushResult {
  /** Root digest of the bundle. */
  readonly root: Digest;
  /** Where it is: `HOST/REPOSITORY:TAG`. */
  readonly reference: string;
  /** Digest that the tag names; `oci://HOST/REPOSITORY@DIGEST` stays this bundle whatever becomes of the tag. */
  readonly digest: Digest;
  /** How the registry keeps it: as an OCI artifact, or, where it takes none, as an image. */
  readonly form: CarrierForm;
  readonly blobs: number;
  /** Size of all files of the bundle, each counted once. */
  readonly bytes: number;
  /** Sent now. */
  readonly pushedBytes: number;
  /** Taken by the registry from another of its repositories. */
  readonly mountedBytes: number;
  /** In the repository already. */
  readonly presentBytes: number;
  /** With `verify`: what was damaged there, and was sent again. */
  readonly repairedBytes?: number | undefined;
  readonly seconds: number;
}

/**
 * Pushes the bundle at `path` into a repository of a registry, from where `oci://` reads it in place. What the repository has is
 * not sent again, so a push that was interrupted goes on when it is run again.
 *
 * @throws `ERR_REFERENCE_INVALID`; what `openBundle`, `trustedKeys` and `pushCarrier` throw
 */
export async function pushBundle(
  wish: PushWish,
  surroundings: Surroundings,
  ears: Ears<CheckProgress> = {},
): Promise<PushResult> {
  const started = performance.now();
  const {
    path,
    registriesFile,
    caFile,
    uploadChunk,
    concurrency,
    layers,
    replace,
    verify,
    createRepositories = false,
  } = wish;
  const { onFinding, onProgress, onNetwork, signal } = ears;
  const { host, repository, tagOrDigest: tag, reference } = parseCarrierName(wish.reference);
  if (isDigest(tag)) throw digestGiven(reference);
  const trust = await trustedKeys(wish.key, surroundings, { signal, needed: wish.keysNeeded });
  const settings =
    registriesFile === undefined
      ? undefined
      : await readRegistries(registriesFile, { env: surroundings.env, signal, onFinding });
  const open = bundleOpener(wish, surroundings, { signal, onFinding, onNetwork });
  await using bundle = await open(path, { signal, trust });
  const ways = { settings: pushSettings(settings), caFile, uploadChunk, concurrency };
  await using network = connect(ways, surroundings, { signal, onFinding, onNetwork });
  const registry = surroundings.openRegistry?.(host) ?? network.registries.open(host);
  await prepareRegistry(registry, [repository], { createSpaces: createRepositories, signal });
  const to = registry.repository(repository);
  const options = { replace, verify, concurrency, layers, onProgress, onFinding, signal };
  const pushed = await pushCarrier(bundle, { to, reference, tag }, options);
  return {
    root: bundle.root,
    reference,
    digest: pushed.digest,
    form: pushed.form,
    blobs: bundle.document.blobs.length,
    bytes: pushed.bytes,
    pushedBytes: pushed.pushedBytes,
    mountedBytes: pushed.mountedBytes,
    presentBytes: pushed.presentBytes,
    repairedBytes: pushed.repairedBytes,
    seconds: (performance.now() - started) / 1000,
  };
}

function digestGiven(reference: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_REFERENCE_INVALID',
    `Cannot push to ${JSON.stringify(reference)}: it is named by a digest`,
    { hint: 'Write a tag: the digest is told when it is pushed.' },
  );
}
