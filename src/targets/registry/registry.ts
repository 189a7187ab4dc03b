import { allBlobs, type Bundle, DigestList, requiredBlobs } from '../../bundle/bundle.ts';
import { walkItem } from '../../bundle/plan/graph.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { REQUESTS_AT_ONCE } from '../../internal/http/host.ts';
import { Gate, mapConcurrently } from '../../internal/gate.ts';
import { copyGraph } from '../../oci/copy.ts';
import type { Digest } from '../../oci/digest.ts';
import type { GraphNode } from '../../oci/graph.ts';
import { Ledger } from '../../oci/ledger.ts';
import { isManifestType } from '../../oci/media-type.ts';
import type { Naming } from '../../oci/naming.ts';
import type { BlobStore, Fetcher, Registry, WaitOptions } from '../../oci/roles.ts';
import type { Rows } from '../../internal/table/rows.ts';
import { type WholeImages, wholeImages } from './absent-platforms.ts';
import { CountedBlobs } from './counted.ts';
import { nameImages, placeOf, type PushedImage } from './images.ts';
import { layersOf, requireFewLayers } from './layer-limit.ts';
import { proveImages } from './prove.ts';
import { ranksOf, type Speaker } from './ranks.ts';
import { prepareRegistry } from '../../oci/spaces/prepare.ts';
import type { Leaves } from '../receipts/traces.ts';
import type { RewriteRule } from './rewrite-rule.ts';
import type { Action, ApplyOptions, Target } from '../target.ts';

export interface RegistryTargetOptions {
  readonly registry: Registry;
  /** Path prefix of every repository. */
  readonly prefix?: string | undefined;
  /** `rancher` when left out. */
  readonly naming?: Naming | undefined;
  /** Rules that change the names given by the naming. */
  readonly rewrites?: readonly RewriteRule[] | undefined;
  /** Whether to create the projects or repositories that a registry requires; as the registry has it when left out. */
  readonly createSpaces?: boolean | undefined;
  /** Names of the images to push, here or at the registry; other missing images are not pushed. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Source of the content; the bundle when left out. */
  readonly content?: Fetcher | undefined;
  /** Set when nobody named it: the hint when no registry answers. The install then goes on without it. */
  readonly hint?: string | undefined;
  /** Returns a repository of this registry that has the blob. */
  readonly mountFrom?: ((digest: Digest) => string | undefined) | undefined;
}

/** Enough for their manifests, which wait for each other, to fill the line. */
const IMAGES_AT_ONCE = 16;

/** Makes the target that pushes the images of a bundle to a registry, byte for byte. */
export function registryTarget(bundle: Bundle, options: RegistryTargetOptions): Target {
  const { registry, prefix, rewrites, createSpaces, only, hint, mountFrom, content = bundle } = options;
  const naming = { host: registry.host, prefix, naming: options.naming, rewrites };
  const place = placeOf(naming);
  const blobs = allBlobs(bundle.document);
  const required = new Set(requiredBlobs(bundle.document).map(({ digest }) => digest));
  let counted = new CountedBlobs(blobs);
  // Content that images share is sent once, whichever image is pushed first.
  const ledger = new Ledger({ isShared: (digest) => counted.isShared(digest) });
  const gate = new Gate(REQUESTS_AT_ONCE);
  let loaded: Promise<readonly PushedImage[]> | undefined;
  const named = (): Promise<readonly PushedImage[]> => (loaded ??= nameImages(bundle, naming));
  let whole: Promise<WholeImages> | undefined;
  // Indexes are read when the bundle has been verified, and not before.
  const ready = async ({ signal }: WaitOptions): Promise<WholeImages> =>
    await (whole ??= wholeImages(await named(), { bundle, content, signal }));
  const leftOut = new Set<PushedImage>();
  /** Images that the plan found there. */
  const present = new Set<PushedImage>();
  /** Ranks by name at the registry; 0 when left out. */
  const ranks = new Map<string, number>();
  /** What images that are not there are made of, by name at the registry. */
  const contents = new Map<string, Rows<Digest>>();
  return {
    name: 'registry',
    place,
    isOnDisk: false,
    actionsAtOnce: IMAGES_AT_ONCE,
    async reach({ signal } = {}) {
      await named();
      await pinging(registry, { hint, signal });
    },
    absence:
      options.hint === undefined
        ? undefined
        : async (error) => ({
            level: 'warning',
            message: `${formatCount((await named()).length, 'image')} left out: no registry takes them at "${registry.host}" (${factOf(error)})`,
            hint: options.hint,
          }),
    async plan(wait = {}) {
      const { images: all, store, made } = await ready(wait);
      counted = new CountedBlobs(blobs);
      const actions = await mapConcurrently(all, REQUESTS_AT_ONCE, async (image) => {
        const state = await imageState(registry, image, wait);
        if (state === 'present') return { image, state, lacking: [], layers: 0, speaker: SILENT };
        const nodes = await nodesOf(store, image, wait);
        const content = new DigestList(
          blobs,
          nodes.map(({ descriptor }) => descriptor.digest),
        );
        contents.set(image.name, content);
        const lacking =
          required.size === 0
            ? content
            : new DigestList(
                blobs,
                await lackingOf(image, { nodes, required, registry, signal: wait.signal }),
              );
        const { manifests, subjects } = speakerOf(image, nodes);
        const speaker = { manifests: new DigestList(blobs, manifests), subjects };
        return { image, state, lacking, layers: layersOf(nodes), speaker };
      });
      for (const { image, state } of actions) {
        if (state === 'present') present.add(image);
        else if (isLeftOut(image, only)) leftOut.add(image);
      }
      const wanted = actions.filter(({ image }) => !leftOut.has(image));
      requireFewLayers(
        registry,
        wanted.map(({ image: { name }, layers }) => ({ name, layers })),
      );
      for (const [place, rank] of ranksOf(releasesLast(bundle, wanted)).entries())
        if (rank > 0) ranks.set(wanted[place]?.image.name ?? '', rank);
      return wanted.map(({ image, state, lacking }): Action => {
        let bytes = 0;
        // Content that several images share is sent once.
        for (const digest of lacking) if (counted.add(digest)) bytes += store.sizeOf(digest) ?? 0;
        return {
          target: 'registry',
          kind: image.item.kind,
          name: image.item.name,
          destination: image.name,
          bytes,
          state,
          needs: made.size === 0 ? lacking : lacking.filter((digest) => !made.has(digest)),
          leaves: leavesOf(image),
        };
      });
    },
    async prepare(actions, { signal } = {}) {
      const pushed = new Set(
        actions.filter(({ state }) => state !== 'present').map(({ destination }) => destination),
      );
      const fresh = (await ready({ signal })).images.filter(({ name }) => pushed.has(name));
      const repositories = fresh.map(({ reference }) => reference.repository);
      await prepareRegistry(registry, repositories, { createSpaces, signal });
    },
    stagesOf: (actions) =>
      [...Map.groupBy(actions, ({ destination }) => ranks.get(destination) ?? 0)]
        .sort(([left], [right]) => left - right)
        .map(([, stage]) => stage),
    async apply(action, { onBytes, isRecorded, signal } = {}) {
      const { store, content: from, ...whole } = await ready({ signal });
      const image = whole.imageAt(action.destination);
      if (image === undefined) throw new TypeError(`no image was planned at "${action.destination}"`);
      const isPresent = action.state === 'present';
      if (isPresent && isRecorded?.(image.item.descriptor.digest) === true)
        return { ...action, outcome: 'present', leaves: undefined };
      const digests =
        contents.get(image.name) ??
        new DigestList(
          blobs,
          (await nodesOf(store, image, { signal })).map(({ descriptor }) => descriptor.digest),
        );
      if (isPresent) return { ...action, outcome: 'present', leaves: undefined, digests };
      await pushImage(image, { ledger, gate, registry, mountFrom, content: from, onBytes, signal });
      // The tag may have been somebody else's.
      const outcome = action.state === 'different' ? 'replaced' : 'pushed';
      return { ...action, outcome, leaves: leavesOf(image), digests };
    },
    async prove({ signal } = {}) {
      const { images, findings } = await ready({ signal });
      const proven = images.filter((image) => !leftOut.has(image));
      const told = proven.flatMap(({ name }) => findings.get(name) ?? []);
      return [...(await proveImages(registry, proven, { place, known: present, signal })), ...told];
    },
  };
}

/** An uninstall recognises an image by its name and the digest behind it. */
function leavesOf({ name, item }: PushedImage): Leaves {
  return { references: [{ reference: name, digest: item.descriptor.digest }] };
}

function isLeftOut({ item, name }: PushedImage, only: RegistryTargetOptions['only']): boolean {
  return only !== undefined && !only.has(name) && !only.has(item.name);
}

/** A registry on this host that nobody named answers within moments (milliseconds), or there is none. */
const PATIENCE = 5000;

async function pinging(
  registry: Registry,
  options: WaitOptions & { readonly hint: string | undefined },
): Promise<void> {
  const { signal, hint } = options;
  if (hint === undefined) return await registry.ping({ signal });
  const patience = AbortSignal.timeout(PATIENCE);
  try {
    await registry.ping({ signal: signal === undefined ? patience : AbortSignal.any([signal, patience]) });
  } catch (error) {
    const isLate = patience.aborted && signal?.aborted !== true;
    if (isLate)
      throw new SaddlebagError(
        'ERR_REGISTRY_UNREACHABLE',
        `Cannot reach registry "${registry.host}": it does not answer`,
        { hint, cause: error },
      );
    if (!isSaddlebagError(error, 'ERR_REGISTRY_UNREACHABLE')) throw error;
    throw new SaddlebagError(error.code, error.message, { hint, cause: error });
  }
}

/** Returns what is the case, without what was attempted. */
function factOf({ message }: SaddlebagError): string {
  return message.slice(message.indexOf(': ') + 2);
}

/** Returns all the content of an image, root first. */
async function nodesOf(
  bundle: BlobStore,
  { item }: PushedImage,
  { signal }: WaitOptions,
): Promise<readonly GraphNode[]> {
  return (await Array.fromAsync(walkItem(bundle, item, { signal }))).toReversed();
}

/** For an image that is not pushed. */
const SILENT: Speaker = { manifests: [], subjects: [] };

/** A signature found by cosign's tag names no subject, so it comes from the bundle. */
function speakerOf({ item }: PushedImage, nodes: readonly GraphNode[]): Speaker {
  const documents = nodes.filter(({ document }) => document !== undefined);
  return {
    manifests: documents.map(({ descriptor }) => descriptor.digest),
    subjects: [
      ...(item.kind === 'signature' ? [item.subject] : []),
      ...documents.flatMap(({ document }) => document?.subject?.digest ?? []),
    ],
  };
}

/** The release image comes after all others: where it is, a release is whole. */
function releasesLast(
  bundle: Bundle,
  wanted: readonly { readonly image: PushedImage; readonly speaker: Speaker }[],
): readonly Speaker[] {
  const items = bundle.document.items.filter((item) => item.kind === 'openshift');
  const releases = new Set(items.map(({ image }) => image));
  const parts = wanted.filter(({ image: { item } }) => item.kind === 'image' && !releases.has(item.name));
  const manifests = parts.flatMap(({ speaker }) => [...speaker.manifests]);
  return wanted.map(({ image, speaker }) =>
    releases.has(image.item.name) ? { ...speaker, subjects: [...speaker.subjects, ...manifests] } : speaker,
  );
}

/** Blobs that a delta requires may be at the registry already; only those are asked for. */
async function lackingOf(
  image: PushedImage,
  options: WaitOptions & {
    readonly nodes: readonly GraphNode[];
    readonly required: ReadonlySet<Digest>;
    readonly registry: Registry;
  },
): Promise<readonly Digest[]> {
  const { required } = options;
  const content = options.nodes.map(({ descriptor }) => descriptor);
  const repository = options.registry.repository(image.reference.repository);
  const lacking = await mapConcurrently(content, REQUESTS_AT_ONCE, async (target) => {
    const isThere = required.has(target.digest) && (await repository.has(target, options));
    return isThere ? [] : [target.digest];
  });
  return lacking.flat();
}

async function imageState(
  registry: Registry,
  image: PushedImage,
  options: WaitOptions,
): Promise<Action['state']> {
  const repository = registry.repository(image.reference.repository);
  const { descriptor } = image.item;
  const { tag } = image.reference;
  // Whether the registry accepts a push is only known when pushing.
  const named = await repository.resolve(tag ?? descriptor.digest, {
    signal: options.signal,
    doubtIsNo: true,
  });
  if (named === undefined) return 'missing';
  if (named.digest !== descriptor.digest) return 'different';
  // A registry that does not know the size of what it names has something to make good.
  return named.size === descriptor.size ? 'present' : 'missing';
}

async function pushImage(
  image: PushedImage,
  options: ApplyOptions & {
    readonly ledger: Ledger;
    readonly gate: Gate;
    readonly registry: Registry;
    readonly mountFrom: RegistryTargetOptions['mountFrom'];
    readonly content: Fetcher;
  },
): Promise<void> {
  const { ledger, gate, registry, mountFrom } = options;
  const { descriptor } = image.item;
  const { repository: name, tag } = image.reference;
  const repository = registry.repository(name);
  await copyGraph(descriptor, {
    from: countingFetcher(options.content, options.onBytes),
    to: repository,
    tag,
    repository: name,
    ledger,
    gate,
    mountFrom: ({ digest }) => mountFrom?.(digest),
    signal: options.signal,
    onEvent: ({ type, target }) => {
      if (type === 'pushed' && isManifestType(target.mediaType)) options.onBytes?.(target.size);
    },
  });
}

/** Counts content as it is sent. Documents are not counted here, because reading one does not mean that it is sent. */
function countingFetcher(source: Fetcher, onBytes: ApplyOptions['onBytes']): Fetcher {
  return {
    fetchWhole: source.fetchWhole,
    async *fetch(target, options) {
      for await (const chunk of source.fetch(target, options)) {
        onBytes?.(chunk.length);
        yield chunk;
      }
    },
  };
}
