import type { PlannedItem } from '../../bundle/format/item.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { compareText } from '../../internal/order.ts';
import type { Digest } from '../../oci/digest.ts';
import { decodeManifest } from '../../oci/manifest.ts';
import { isIndexType, isManifestType } from '../../oci/media-type.ts';
import { formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import type { Attachment, Doubt } from '../../oci/roles.ts';
import { Doubts } from './doubts.ts';
import { fetchManifest, graphOf } from './graph.ts';
import type { SourceContext } from '../source.ts';

/** Images at once; each is several questions. */
const CONCURRENCY = 16;

/** How many levels of referrers to follow. */
const DEPTH_LIMIT = 4;
/** Limit for an image with everything attached to it; more is an attempt to fill a disk. */
const COUNT_LIMIT = 500;
/** Real images have at most a dozen platforms. */
const PLATFORM_LIMIT = 64;

/**
 * Returns what belongs to images and charts without being part of them: signatures, attestations, bills of materials. They
 * refer to the digest in the bundle. Nobody knows an index that was made for the bundle, so it is skipped. The platforms of an
 * index are looked up only when the index itself has attachments, because whoever signs them signs the index too; anything else
 * would mean thousands of requests. An image with places of its own is part of a release whose nodes ask for each signature, so
 * there all are looked up.
 *
 * @throws `ERR_DOCUMENT_INVALID` when there are too many
 */
export async function resolveSignatures(
  items: readonly PlannedItem[],
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  return await new SignatureSearch(context).of(items);
}

/** A search for what belongs to images, which may begin while others are still being resolved. */
export class SignatureSearch {
  readonly #context: SourceContext;
  readonly #doubts = new Doubts();
  readonly #begun = new Set<PlannedItem>();
  /** Images are resolved faster than they are searched, and one that waits costs no more than its place here. */
  readonly #waiting: PlannedItem[] = [];
  readonly #working = new Set<Promise<void>>();
  /** Most images have nothing that belongs to them, and are left out. */
  readonly #found = new Map<PlannedItem, readonly PlannedItem[]>();
  #failure: { readonly error: unknown } | undefined;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  /** Begins to look for what belongs to an item. Whoever asks for the result gets a failure. */
  begin(planned: PlannedItem): void {
    const isAsked = planned.isMade !== true && this.#context.images.attached !== undefined;
    if (!isAsked || this.#begun.has(planned)) return;
    this.#begun.add(planned);
    this.#waiting.push(planned);
    if (this.#working.size === CONCURRENCY) return;
    const work = this.#work().finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  /** Returns what belongs to these items. @throws what {@link resolveSignatures} throws */
  async of(items: readonly PlannedItem[]): Promise<readonly PlannedItem[]> {
    for (const planned of items) this.begin(planned);
    await Promise.all(this.#working);
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#doubts.tell(this.#context);
    // One repository may have the same image under several tags: it is signed once.
    const byName = new Map<string, PlannedItem>();
    for (const planned of items.flatMap((item) => this.#found.get(item) ?? []))
      byName.set(planned.item.name, joined(planned, byName.get(planned.item.name)));
    return [...byName.values()];
  }

  /** Looks for one item after the other until none waits, or something failed. */
  async #work(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      try {
        await this.#look(next);
      } catch (error) {
        this.#failure ??= { error };
      }
    }
  }

  #next(): PlannedItem | undefined {
    return this.#failure === undefined ? this.#waiting.shift() : undefined;
  }

  async #look(planned: PlannedItem): Promise<void> {
    throwIfInterrupted(this.#context.signal);
    const onDoubt = (doubt: Doubt): void => this.#doubts.add(doubt, planned.item.name);
    const found = await signaturesOf(planned, this.#context, onDoubt);
    if (found.length > 0) this.#found.set(planned, found);
  }
}

async function signaturesOf(
  planned: PlannedItem,
  context: SourceContext,
  onDoubt: (doubt: Doubt) => void,
): Promise<readonly PlannedItem[]> {
  const { item } = planned;
  const reference = parseReference(item.name);
  const found: Found = new Map();
  const way = { reference, context, found, onDoubt };
  await collect(item.descriptor.digest, way);
  const mayHaveSome = found.size > 0 || placesOf(planned).length > 0;
  const platforms = mayHaveSome ? platformsOf(planned) : [];
  if (platforms.length > PLATFORM_LIMIT) throw tooManyPlatforms(item.name, platforms.length);
  for (const platform of platforms) await collect(platform, way);
  return await Promise.all(
    [...found.values()].map(
      async ({ subject, ...each }) =>
        await planSignature(each, { reference, subject, places: placesOf(planned) }, context),
    ),
  );
}

/** Adds the places of the same signature that was found beside another image. */
function joined(planned: PlannedItem, other: PlannedItem | undefined): PlannedItem {
  if (planned.item.kind !== 'signature' || other?.item.kind !== 'signature') return planned;
  const at = [...new Set([...(planned.item.at ?? []), ...(other.item.at ?? [])])].sort(compareText);
  return at.length === 0 ? planned : { ...planned, item: { ...planned.item, at } };
}

/** Attachments by tag or digest. Each is visited once, so a registry cannot send us in circles. */
type Found = Map<string, Attachment & { readonly subject: Digest }>;

/** Finds attachments of `subject`, and attachments of those. Only manifests that name a subject are known to have more. */
async function collect(
  subject: Digest,
  way: {
    readonly reference: Reference;
    readonly context: SourceContext;
    readonly found: Found;
    readonly onDoubt: (doubt: Doubt) => void;
  },
  depth = 1,
): Promise<void> {
  const { reference, context, found, onDoubt } = way;
  const asked = { signal: context.signal, onDoubt };
  const attachments = (await context.images.attached?.(reference, subject, asked)) ?? [];
  for (const each of attachments) {
    const key = each.tag ?? each.descriptor.digest;
    if (found.has(key)) continue;
    found.set(key, { ...each, subject });
    if (found.size > COUNT_LIMIT) throw tooMany(reference);
    if (each.tag === undefined && depth < DEPTH_LIMIT) await collect(each.descriptor.digest, way, depth + 1);
  }
}

/** Returns the parts of an image's index that have a real platform. */
function platformsOf({ item, blobs }: PlannedItem): readonly Digest[] {
  const root = blobs.at(-1);
  if (root === undefined || root.origin.type !== 'bytes' || !isIndexType(item.descriptor.mediaType))
    return [];
  const document = decodeManifest(root.origin.bytes, item.descriptor.mediaType);
  if (document.type !== 'index') return [];
  return document.manifests
    .filter(({ mediaType, platform }) => isManifestType(mediaType) && platform?.os !== 'unknown')
    .map(({ digest }) => digest);
}

/** Returns the repositories at a registry that an image goes to, when it has places of its own. */
function placesOf({ item }: PlannedItem): readonly string[] {
  const at = item.kind === 'image' ? (item.at ?? []) : [];
  return [...new Set(at.map((name) => name.replace(/:[^/:]*$/, '')))];
}

function tooMany(reference: Reference): SaddlebagError {
  return tooMuch(formatReference(reference), `it has more than ${COUNT_LIMIT} attachments`);
}

function tooManyPlatforms(name: string, count: number): SaddlebagError {
  return tooMuch(name, `it has ${count} platforms to ask for, more than the ${PLATFORM_LIMIT} allowed`);
}

function tooMuch(name: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot include what belongs to "${name}": ${fact}`, {
    hint: 'Leave signatures out with "signatures: false".',
  });
}

async function planSignature(
  { tag, descriptor: { mediaType, digest, size } }: Attachment,
  {
    reference,
    subject,
    places,
  }: { readonly reference: Reference; readonly subject: Digest; readonly places: readonly string[] },
  context: SourceContext,
): Promise<PlannedItem> {
  const { registry, repository } = reference;
  const place = { registry, repository, tag, digest: tag === undefined ? digest : undefined };
  const root = await fetchManifest(place, { mediaType, digest, size }, context);
  return {
    item: {
      kind: 'signature',
      name: formatReference(place),
      at:
        places.length === 0
          ? undefined
          : places.map((name) => `${name}${tag === undefined ? `@${digest}` : `:${tag}`}`),
      subject,
      descriptor: { mediaType: root.document.mediaType, digest, size },
      audience: ['registry'],
    },
    blobs: await graphOf(place, root, context),
  };
}
