import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { parseVolumeName } from '../archive/volumes/volumes.ts';
import type { Bundle } from '../bundle/bundle.ts';
import { reusing } from '../bundle/write/reuse.ts';
import { openEarlier, spaceFor } from '../bundle/write/rehearse.ts';
import { blobsOf, planFromBundle } from '../bundle/write/plan-from-bundle.ts';
import type { Progress } from '../bundle/write/write.ts';
import { type Form, shapeFor } from '../bundle/shape.ts';
import { writeBundle } from '../bundle/write/write.ts';
import { judgeSignature, type SignatureReport } from '../bundle/signing/prove.ts';
import { signatureConfigMaps } from '../config/render.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { formatCount } from '../internal/format.ts';
import { compareText } from '../internal/order.ts';
import type { Digest } from '../oci/digest.ts';
import { requireTrustedReleases } from '../steps/require-intact.ts';
import { releaseSignatures } from '../steps/site/site.ts';
import { trustedKeys, type TrustWish } from '../steps/signing/trusted-keys.ts';
import { connect } from '../steps/connect.ts';
import { bundleOpener, type NetworkWish } from '../steps/carrier.ts';
import { openReusable } from '../steps/open-bases.ts';
import type { Ears } from '../steps/ears.ts';
import {
  finishKit,
  type KitProgress,
  type KitResult,
  type LooseKitWish,
  platformsOf,
  prepareKit,
  type PreparedKit,
  requireKitBeside,
  requireRoomForKit,
  resolveKit,
} from '../steps/kit.ts';
import type { Surroundings } from '../steps/surroundings.ts';
import { type TreePlan, writeOcTree } from '../targets/oc-tree/write.ts';

/** A stick reads fastest sequentially, so one blob is read while another is written, and no more. */
const CONCURRENCY = 2;

/** What to convert, and to what. */
export interface ConvertWish extends TrustWish, NetworkWish {
  /** The bundle. */
  readonly path: string;
  /** Where to write the converted bundle. */
  readonly out: string;
  /** Output form; derived from the file name when left out. */
  readonly form?: Form | undefined;
  /** Maximum size of each file of the output (bytes). */
  readonly volumeSize?: number | undefined;
  /** Bundles to take blobs from instead of reading those of `path`. */
  readonly reuse?: readonly string[] | undefined;
  /** The kit to make beside it; none when left out. */
  readonly kit?: LooseKitWish | undefined;
}

/** What to write as a tree of `oc`. */
export type TreeWish = Pick<ConvertWish, 'path' | 'out' | 'key' | 'keysNeeded' | 'registriesFile' | 'caFile'>;

/** A tree that `oc image mirror --from-dir` reads. */
export interface TreeResult extends SignatureReport {
  /** Root digest of the bundle. */
  readonly root: Digest;
  readonly path: string;
  readonly paths: readonly string[];
  readonly form: 'oc-mirror-dir';
  /** Size of its content (bytes). */
  readonly bytes: number;
  /** Number of images, charts and artifacts, with their signatures. */
  readonly items: number;
  readonly blobs: number;
  /** Blobs that were read from the bundle, and those that a stopped run had written. */
  readonly fetchedBytes: number;
  readonly reusedBytes: number;
  readonly repositories: readonly MirrorRepository[];
  readonly seconds: number;
}

/** A repository of the tree. */
export interface MirrorRepository {
  readonly name: string;
  readonly tags: readonly string[];
  /** Digests of the images that have no tag. */
  readonly untagged: readonly Digest[];
  /** Whether an image is for several platforms. */
  readonly lists: boolean;
}

/** Progress of a conversion: it makes a kit ready if one is asked for, converts, and writes the kit. */
export type ConvertProgress = KitProgress | ({ readonly phase: 'convert' } & Progress);

export interface ConvertResult extends SignatureReport {
  /** Root digest; unchanged by a conversion. */
  readonly root: Digest;
  /** Path to open the bundle by: the first volume, if it has volumes. */
  readonly path: string;
  /** All that is to be carried: of volumes each, of a folder the folder. */
  readonly paths: readonly string[];
  readonly form: Form;
  /** Size of the whole output (bytes). */
  readonly bytes: number;
  /** Number of items, as the user counts them. */
  readonly items: number;
  readonly blobs: number;
  /** Blobs that were read from the bundle, and those that were at hand. */
  readonly fetchedBytes: number;
  readonly reusedBytes: number;
  /** The kit beside it. */
  readonly kit?: KitResult | undefined;
  readonly seconds: number;
}

/**
 * Writes the bundle at `path` again in another shape. Every byte is verified on the way; the head, its signature and
 * the root digest stay the same. A zip that another program has packed again, with compression, is taken too. Only a kit needs the network. A conversion that was interrupted continues where it stopped.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND`, `ERR_BUNDLE_INVALID`, `ERR_ARCHIVE_INVALID` when the bundle cannot be opened;
 * `ERR_USAGE_INVALID` when input and output overlap; what `planFromBundle` and `writeBundle` throw
 */
export async function convertBundle(
  wish: ConvertWish,
  surroundings: Surroundings,
  ears: Ears<ConvertProgress> = {},
): Promise<ConvertResult> {
  const started = performance.now();
  const { path, out } = wish;
  const { onProgress, onFinding, onNetwork, signal } = ears;
  const shape = shapeFor(out, wish);
  const trust = await trustedKeys(wish.key, surroundings, { signal, needed: wish.keysNeeded });
  const open = bundleOpener(wish, surroundings, { signal, onFinding, onNetwork });
  await using bundle = await open(path, { signal, trust, unpack: true });
  const isOnDisk = bundle.shape !== 'registry';
  if (isOnDisk) await refuseOverlap(path, out);
  if (wish.kit !== undefined) await requireKitBeside(out, surroundings);
  const plan = await planFromBundle(bundle, { signal });
  const kit =
    wish.kit === undefined ? undefined : await kitBeside(out, wish.kit, { bundle, surroundings, ears });
  if (kit !== undefined) {
    const { needed } = await spaceFor(plan, { path: out, shape });
    await requireRoomForKit(kit, needed);
  }
  await using opened = await openReusable(wish.reuse ?? [], { open, signal, onFinding });
  // What is at OUT already is often the bundle before this one.
  await using earlier = isOnDisk ? undefined : await openEarlier({ path: out, shape, signal });
  const bundles = earlier === undefined ? opened.bundles : [...opened.bundles, earlier];
  const source = bundles.length === 0 ? blobsOf(bundle) : reusing(blobsOf(bundle), bundles, { onFinding });
  const written = await writeBundle(plan, source, {
    path: out,
    shape,
    concurrency: isOnDisk ? CONCURRENCY : undefined,
    onProgress: (progress) => onProgress?.({ phase: 'convert', ...progress }),
    onFinding,
    signal,
  });
  return {
    root: written.root,
    path: written.path,
    paths: written.paths,
    ...(await judgeSignature(bundle, { signal })),
    form: shape.form,
    bytes: written.bytes,
    items: plan.document.items.length,
    blobs: written.blobs,
    fetchedBytes: written.fetchedBytes,
    reusedBytes: written.reusedBytes,
    kit: kit === undefined ? undefined : await finishKit(kit, { signal, onProgress }),
    seconds: (performance.now() - started) / 1000,
  };
}

/**
 * Writes the images of a bundle as the tree of `oc adm release mirror --to-dir`, with the signatures of its releases, which are
 * verified before. What is no image stays behind, which a finding says.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND`, `ERR_BUNDLE_INVALID`, `ERR_ARCHIVE_INVALID` when the bundle cannot be opened; `ERR_USAGE_INVALID`
 * when input and output overlap; what `requireTrustedReleases` and `writeOcTree` throw
 */
export async function convertToTree(
  wish: TreeWish,
  surroundings: Surroundings,
  ears: Ears<ConvertProgress> = {},
): Promise<TreeResult> {
  const started = performance.now();
  const { path } = wish;
  // What grows beside it takes its name, without a slash at the end.
  const out = join(dirname(wish.out), basename(wish.out));
  const { onProgress, onFinding, onNetwork, signal } = ears;
  const trust = await trustedKeys(wish.key, surroundings, { signal, needed: wish.keysNeeded });
  const open = bundleOpener(wish, surroundings, { signal, onFinding, onNetwork });
  await using bundle = await open(path, { signal, trust, unpack: true });
  if (bundle.shape !== 'registry') await refuseOverlap(path, out);
  await requireTrustedReleases(bundle, { now: Date.now(), signal, attempted: 'convert' });
  const releases = await releaseSignatures(bundle, { signal });
  const { plan, ...written } = await writeOcTree(bundle, {
    path: out,
    platform: surroundings.host.platform,
    signatures: signatureConfigMaps({ releases }),
    onProgress: (progress) => onProgress?.({ phase: 'convert', ...progress }),
    signal,
  });
  for (const finding of treeFindings(bundle, plan)) onFinding?.(finding);
  return {
    root: bundle.root,
    path: out,
    paths: [out],
    ...(await judgeSignature(bundle, { signal })),
    form: 'oc-mirror-dir',
    ...written,
    items: plan.images.size,
    repositories: plan.repositories.map(({ name, tags, untagged, hasLists }) => ({
      name,
      tags: [...tags.keys()].sort(compareText),
      untagged: [...untagged].sort(compareText),
      lists: hasLists,
    })),
    seconds: (performance.now() - started) / 1000,
  };
}

function treeFindings({ document }: Bundle, { images, partial }: TreePlan): readonly Finding[] {
  // The signatures of a release are in the tree, as oc has them.
  const left = document.items.filter(({ kind, name }) => kind !== 'openshift' && !images.has(name));
  const [first] = left;
  return [
    ...(first === undefined
      ? []
      : [
          {
            level: 'warning',
            message: `${formatCount(left.length, 'item')} left out, which no registry takes, such as "${first.name}"`,
            hint: 'Carry the bundle for these.',
          } as const,
        ]),
    ...partial.map((name) => ({
      level: 'warning' as const,
      message: `Image "${name}" has some of its platforms only, which oc may refuse to mirror`,
      hint: 'Build the bundle with all of its platforms, or with one.',
    })),
  ];
}

async function kitBeside(
  out: string,
  wish: LooseKitWish,
  options: {
    readonly bundle: Bundle;
    readonly surroundings: Surroundings;
    readonly ears: Ears<ConvertProgress>;
  },
): Promise<PreparedKit> {
  const { bundle, surroundings, ears } = options;
  const { signal, onFinding, onNetwork, onProgress } = ears;
  await using connection = connect({ caFile: wish.caFile }, surroundings, { signal, onFinding, onNetwork });
  const { http } = connection;
  const folder = dirname(out);
  const platforms = platformsOf(bundle.document);
  const runtimes = await resolveKit(wish, folder, { http, surroundings, signal, onFinding, platforms });
  return await prepareKit(folder, runtimes, { http, surroundings, signal, onProgress });
}

/** The input must not be replaced, and must not grow, while it is read. */
async function refuseOverlap(path: string, out: string): Promise<void> {
  const [from, to] = [await placeOf(path), await placeOf(out)];
  const volume = parseVolumeName(basename(from));
  const whole = volume === undefined ? from : join(dirname(from), volume.base);
  if (!isIn(to, from) && !isIn(from, to) && whole !== to) return;
  const fact = to === from ? 'they are the same' : 'one is in the other';
  throw new SaddlebagError('ERR_USAGE_INVALID', `Cannot convert "${path}" to "${out}": ${fact}`, {
    hint: 'Choose another name for OUT.',
  });
}

/** Returns the path with links resolved; for a path that does not exist yet, its folder is resolved. */
async function placeOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const folder = dirname(path);
    // A missing folder is reported when the output is written.
    return join(await realpath(folder).catch(() => folder), basename(path));
  }
}

function isIn(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}
