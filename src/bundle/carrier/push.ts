import type { ByteStream } from '../../internal/bytes.ts';
import { streamOf } from '../../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { Gate, mapConcurrently } from '../../internal/gate.ts';
import { quote } from '../../internal/quote.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { fetchManifestDocument } from '../../oci/documents.ts';
import { isManifestType, MEDIA_TYPE } from '../../oci/media-type.ts';
import { tellsOfAbsence } from '../../oci/refusal.ts';
import type { Fetcher, Repository, WaitOptions } from '../../oci/roles.ts';
import type { OpenBundle } from '../bundle.ts';
import type { CheckProgress } from '../check/content.ts';
import { readBack } from './read-back.ts';
import { copyParts } from './copy-parts.ts';
import { planFromBundle } from '../write/plan-from-bundle.ts';
import {
  CARRIER,
  type CarriedFile,
  type CarrierForm,
  type EncodedCarrier,
  encodeCarrier,
  partTag,
} from './layout.ts';

/** Where a bundle is pushed to. */
export interface CarrierTarget {
  readonly to: Repository;
  /** As the user gave it, for messages. */
  readonly reference: string;
  readonly tag: string;
}

export interface CarrierPushOptions extends WaitOptions {
  /** Moves a tag that names another bundle. */
  readonly replace?: boolean | undefined;
  /** Reads back all that the registry then has, before the tag is set, and sends again what is damaged. */
  readonly verify?: boolean | undefined;
  readonly concurrency?: number | undefined;
  /** Layers of one manifest at most; 400 when left out. */
  readonly layers?: number | undefined;
  /** Returns a repository of the same registry that is known to have a blob. */
  readonly mountFrom?: ((digest: Digest) => string | undefined) | undefined;
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined;
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/** What a push did; sizes in bytes. */
export interface CarrierPushed {
  /** Digest that the tag now names. */
  readonly digest: Digest;
  /** How the registry keeps it. */
  readonly form: CarrierForm;
  /** Size of all files of the bundle. */
  readonly bytes: number;
  /** What was sent, what the registry took from another repository of its own, and what it had. */
  readonly pushedBytes: number;
  readonly mountedBytes: number;
  readonly presentBytes: number;
  /** With `verify`: what the registry had, and had to be sent again. */
  readonly repairedBytes?: number | undefined;
}

const CONCURRENCY = 8;

/**
 * Puts a bundle into a repository: its files first, each once, then the manifests that hold them, the tag last. What the
 * registry has is not sent again, so a push that was interrupted goes on where it stopped, and the next bundle sends what is
 * new. Every file is asked for, so pushing again brings back what the registry has lost.
 *
 * @throws what {@link readBack} throws; `ERR_TARGET_REFUSED` when the tag names something else and `replace` is not set; `ProblemsError`
 * `ERR_BUNDLE_DAMAGED` for a bundle that lacks files; `ERR_DIGEST_MISMATCH`, `ERR_SIZE_MISMATCH`; what the repository throws
 */
export async function pushCarrier(
  bundle: OpenBundle,
  target: CarrierTarget,
  options: CarrierPushOptions = {},
): Promise<CarrierPushed> {
  const { signal } = options;
  const plan = await planFromBundle(bundle, { signal });
  const files = [
    ...plan.files.map(({ path, digest, size }) => ({ path, digest, size })),
    ...bundle.contents.slice(bundle.contents.head.length).filter(isCarried),
  ];
  const head = new Map(plan.files.map(({ digest, bytes }) => [digest, bytes]));
  const work = { bundle, target, options, files, head };
  await requireFree(work);
  try {
    return await pushAs('artifact', work);
  } catch (error) {
    if (!(error instanceof ManifestRefused)) throw error;
    // zot answers that a manifest is invalid when it has collected a blob that no manifest named in time.
    return (await hasLost(work)) ? await pushAgain(work) : await pushAsImage(work, error.cause);
  }
}

interface Work {
  readonly bundle: OpenBundle;
  readonly target: CarrierTarget;
  readonly options: CarrierPushOptions;
  readonly files: readonly CarriedFile[];
  readonly head: ReadonlyMap<Digest, Uint8Array>;
}

function isCarried(file: { readonly digest?: Digest | undefined }): file is CarriedFile {
  return file.digest !== undefined;
}

/** Returns whether the registry lacks a file that it had, or was given. */
async function hasLost({ files, target, options }: Work): Promise<boolean> {
  const { signal, concurrency = CONCURRENCY } = options;
  const present = await mapConcurrently(files, concurrency, async ({ digest, size }) =>
    target.to.has({ mediaType: MEDIA_TYPE.octetStream, digest, size }, { signal }),
  );
  return present.includes(false);
}

async function pushAgain(work: Work): Promise<CarrierPushed> {
  try {
    return await pushAs('artifact', work);
  } catch (error) {
    throw error instanceof ManifestRefused ? error.cause : error;
  }
}

/** A registry of before OCI 1.1 knows images, and nothing else. */
async function pushAsImage(work: Work, refusal: unknown): Promise<CarrierPushed> {
  try {
    const pushed = await pushAs('image', work);
    work.options.onFinding?.({
      level: 'warning',
      message: `The registry takes no OCI artifacts, so ${quote(work.target.reference)} looks like an image there, which nobody can run`,
    });
    return pushed;
  } catch (error) {
    throw error instanceof ManifestRefused ? refusal : error;
  }
}

async function pushAs(form: CarrierForm, work: Work): Promise<CarrierPushed> {
  const { bundle, target, options, files, head } = work;
  const { signal, mountFrom } = options;
  const { root, document } = bundle;
  const { verify = false, concurrency = CONCURRENCY } = options;
  const carrier = encodeCarrier(files, { root, name: document.name, form, layers: options.layers });
  const tally = new Tally(files, { onProgress: options.onProgress, passes: verify ? 2 : 1 });
  const own = new Map([...head, ...carrier.documents]);
  const from = fetcherOf(bundle, { own, tally });
  const to = asking(target.to);
  await copyParts(carrier, {
    from,
    to,
    gate: new Gate(concurrency),
    mountFrom: mountFrom && (({ digest }) => mountFrom(digest)),
    onEvent: ({ type, target: { digest } }) => tally.settle(digest, type),
    signal,
  });
  let repaired: readonly Descriptor[] | undefined;
  if (verify) {
    const { reference } = target;
    const { contents } = carrier;
    const source = fetcherOf(bundle, { own });
    const onBytes = (count: number): void => tally.advance(count);
    const place = { to: target.to, reference, contents, from: source };
    repaired = await readBack(place, { concurrency, signal, onBytes });
  }
  await name(carrier, { work, from, to });
  const repairedBytes = repaired?.reduce((sum, { size }) => sum + size, 0);
  return { digest: carrier.root.digest, form, ...tally.result, repairedBytes };
}

/** A tag for each part, so that a registry that removes what has none keeps them; the bundle's own last. */
async function name(
  { root, parts }: EncodedCarrier,
  { work, from, to }: { readonly work: Work; readonly from: Fetcher; readonly to: Repository },
): Promise<void> {
  const { target, options } = work;
  const { signal } = options;
  for (const part of parts) await to.tag(part, from, partTag(target.tag, part), { signal });
  // Somebody else may have pushed meanwhile.
  await requireFree(work);
  await to.tag(root, from, target.tag, { signal });
}

/** Makes sure that no other bundle loses its tag, unless that is wanted. */
async function requireFree({ bundle, target, options }: Work): Promise<void> {
  const { to, tag, reference } = target;
  const { replace = false, signal } = options;
  if (replace) return;
  const there = await to.resolve(tag, { signal });
  if (there === undefined) return;
  const { annotations } = await fetchManifestDocument(there, { from: to, signal });
  const root = annotations?.[CARRIER.rootAnnotation];
  // The same bundle, perhaps with another signature.
  if (root === bundle.root) return;
  const what =
    root === undefined ? `something else (${there.digest})` : `another bundle, with root ${quote(root)}`;
  throw new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot push to ${quote(reference)}: the tag names ${what}`,
    {
      hint: 'Push under another tag, or move this one with --replace.',
    },
  );
}

/** A registry refused a manifest for what it is, although it has all its parts. */
class ManifestRefused extends Error {}

/**
 * Returns the repository, asked for every blob: that a manifest is there does not say that its layers still are. A manifest that
 * it refuses ends the copy with {@link ManifestRefused}.
 */
function asking(to: Repository): Repository {
  const orRefused = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (cause) {
      const isOfType = isSaddlebagError(cause, 'ERR_REGISTRY_FAILED') && !tellsOfAbsence(cause);
      throw isOfType ? new ManifestRefused('refused', { cause }) : cause;
    }
  };
  return {
    ...to,
    has: async (target, options) => !isManifestType(target.mediaType) && (await to.has(target, options)),
    push: async (target, content, options) => {
      const work = to.push(target, content, options);
      await (isManifestType(target.mediaType) ? orRefused(work) : work);
    },
  };
}

function fetcherOf(
  bundle: OpenBundle,
  { own, tally }: { readonly own: ReadonlyMap<Digest, Uint8Array>; readonly tally?: Tally | undefined },
): Fetcher {
  return {
    fetch: (target, options = {}) => {
      const bytes = own.get(target.digest);
      const content = bytes === undefined ? bundle.fetch(target, options) : streamOf(bytes, options.offset);
      return tally === undefined ? content : tally.counted(content, target);
    },
  };
}

/** Counts what became of each file; files of the same content are one. */
class Tally {
  readonly #sizes: ReadonlyMap<Digest, number>;
  readonly #onProgress: CarrierPushOptions['onProgress'];
  readonly #outcomes = new Map<Digest, 'pushed' | 'mounted' | 'present'>();
  readonly #total: number;
  readonly #passes: number;
  #done = 0;

  constructor(
    files: readonly CarriedFile[],
    {
      onProgress,
      passes,
    }: { readonly onProgress: CarrierPushOptions['onProgress']; readonly passes: number },
  ) {
    this.#passes = passes;
    this.#sizes = new Map(files.map(({ digest, size }) => [digest, size]));
    this.#total = [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
    this.#onProgress = onProgress;
  }

  get result(): Pick<CarrierPushed, 'bytes' | 'pushedBytes' | 'mountedBytes' | 'presentBytes'> {
    const [pushedBytes, mountedBytes, presentBytes] = (['pushed', 'mounted', 'present'] as const).map(
      (type) => this.#sumOf(type),
    );
    return {
      bytes: this.#total,
      pushedBytes: pushedBytes ?? 0,
      mountedBytes: mountedBytes ?? 0,
      presentBytes: presentBytes ?? 0,
    };
  }

  settle(digest: Digest, type: 'pushed' | 'mounted' | 'present'): void {
    if (!this.#sizes.has(digest)) return;
    this.#outcomes.set(digest, type);
    if (type !== 'pushed') this.advance(this.#sizes.get(digest) ?? 0);
  }

  /** Content that is read a second time, after a failure, is counted once. */
  async *counted(content: ByteStream, { digest }: Descriptor): ByteStream {
    const size = this.#sizes.get(digest) ?? 0;
    let at = 0;
    try {
      for await (const chunk of content) {
        yield chunk;
        at += chunk.length;
        if (size > 0) this.advance(chunk.length);
      }
    } finally {
      if (at < size) this.advance(-at);
    }
  }

  advance(bytes: number): void {
    this.#done += bytes;
    const bytesTotal = this.#total * this.#passes;
    this.#onProgress?.({ bytesDone: Math.min(this.#done, bytesTotal), bytesTotal });
  }

  #sumOf(type: 'pushed' | 'mounted' | 'present'): number {
    return [...this.#outcomes]
      .filter(([, outcome]) => outcome === type)
      .reduce((sum, [digest]) => sum + (this.#sizes.get(digest) ?? 0), 0);
  }
}
