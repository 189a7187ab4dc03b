import type { Archive, ArchiveEntry, ListOptions } from '../../archive/archive.ts';
import { entryNotFound } from '../../archive/entry-error.ts';
import type { ByteStream, StreamOptions } from '../../internal/bytes.ts';
import { mapAhead } from '../../internal/gate.ts';
import { entryInvalid, PathGuard } from '../../internal/path/guard.ts';
import { quote } from '../../internal/quote.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { fetchManifestDocument, keepingWhole } from '../../oci/documents.ts';
import type { Index, Manifest } from '../../oci/manifest.ts';
import { isIndexType, MEDIA_TYPE } from '../../oci/media-type.ts';
import type { Fetcher, Repository, WaitOptions } from '../../oci/roles.ts';
import { passedOn, sized, verified } from '../../oci/verified.ts';
import { BUNDLE_MEDIA_TYPE } from '../format/document.ts';
import { BLOB_FOLDER } from '../format/layout.ts';
import { CARRIER, PARTS_LIMIT, pathOfLayer } from './layout.ts';

/** Where a carrier is. */
export interface CarrierPlace {
  /** As the user gave it, for messages. */
  readonly path: string;
  readonly from: Pick<Repository, 'fetch' | 'resolve'>;
  /** A tag, or the digest of a carrier's root. */
  readonly tagOrDigest: string;
}

/** Documents read ahead of the reader. */
const AHEAD = 4;
/** Files read at once: each waits for the network. */
const READS = 6;
/** Files of the head up to this size are kept, all of them together (bytes): they are verified, and then compared. */
const HEAD_LIMIT = 1024 * 1024;

/**
 * Opens the files of a bundle in a registry as an archive, in place. A tag is resolved once: everything after that is read by
 * digest, so a tag that moves in the meantime mixes nothing. What is read from its start is verified.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND`, `ERR_BUNDLE_INVALID` when it is not a bundle; `ERR_DOCUMENT_INVALID`, `ERR_DIGEST_MISMATCH`,
 * `ERR_SIZE_MISMATCH` when the registry sends something else than it names; what the repository throws
 */
export async function openCarrierArchive(place: CarrierPlace, options: WaitOptions = {}): Promise<Archive> {
  const { path, from, tagOrDigest } = place;
  const { signal } = options;
  const root = await from.resolve(tagOrDigest, { signal });
  if (root === undefined) throw notFound(path);
  if (isDigest(tagOrDigest) && root.digest !== tagOrDigest) throw otherDigest(path, root.digest);
  const document = await fetchManifestDocument(root, { from, signal });
  const parts = document.type === 'manifest' ? [root] : partsOf(document, path);
  const bundleRoot = document.annotations?.[CARRIER.rootAnnotation];
  const [firstPart] = parts;
  if (bundleRoot === undefined || firstPart === undefined) throw notCarrier(path, document);
  const first = document.type === 'manifest' ? document : await fetchPart(firstPart, { from, path, signal });
  const head = first.layers.find(({ mediaType }) => mediaType === BUNDLE_MEDIA_TYPE);
  if (head === undefined || head.digest !== bundleRoot) throw otherRoot(path, bundleRoot);
  return new CarrierArchive(place, { parts, first });
}

class CarrierArchive implements Archive {
  readonly shape = 'registry';
  readonly readsAtOnce = READS;
  readonly #place: CarrierPlace;
  readonly #parts: readonly Descriptor[];
  readonly #first: Manifest;
  /** Files by path, as far as they are known. */
  readonly #files = new Map<string, Pick<Descriptor, 'digest' | 'size'>>();
  readonly #readHead: NonNullable<Fetcher['fetchWhole']>;

  constructor(
    place: CarrierPlace,
    found: { readonly parts: readonly Descriptor[]; readonly first: Manifest },
  ) {
    this.#place = place;
    this.#parts = found.parts;
    this.#first = found.first;
    this.#readHead = keepingWhole((target, options) => place.from.fetch(target, options), {
      limit: HEAD_LIMIT,
    });
    for (const layer of found.first.layers) this.#files.set(pathOfLayer(layer), layer);
  }

  async *entries(options: ListOptions = {}): AsyncIterable<ArchiveEntry> {
    const { signal, onProblem } = options;
    const guard = new PathGuard();
    const [, ...others] = this.#parts;
    const load = async (part: Descriptor): Promise<Manifest | undefined> => {
      try {
        return await fetchPart(part, { from: this.#place.from, path: this.#place.path, signal });
      } catch (error) {
        const isOurs = isSaddlebagError(error) && error.code !== 'ERR_INTERRUPTED';
        if (!isOurs || onProblem === undefined) throw error;
        onProblem({ path: '', error });
        return undefined;
      }
    };
    yield* this.#admitted(this.#first, guard, options);
    for await (const part of mapAhead(others, AHEAD, load)) {
      if (part !== undefined) yield* this.#admitted(part, guard, options);
    }
  }

  *#admitted(part: Manifest, guard: PathGuard, { onProblem }: ListOptions): Iterable<ArchiveEntry> {
    for (const layer of part.layers) {
      const path = pathOfLayer(layer);
      const fault = guard.admit(path);
      if (fault === undefined) {
        this.#files.set(path, layer);
        yield { path, size: layer.size };
        continue;
      }
      const error = entryInvalid(path, fault);
      if (onProblem === undefined) throw error;
      onProblem({ path, error });
    }
  }

  stream(path: string, options: StreamOptions & { readonly offset?: number | undefined } = {}): ByteStream {
    const file = this.#files.get(path);
    if (file === undefined) throw entryNotFound(path, this.#place.path);
    const { digest, size } = file;
    const { lease, signal } = options;
    const offset = Math.min(options.offset ?? 0, size);
    const target = { mediaType: MEDIA_TYPE.octetStream, digest, size };
    if (!path.startsWith(BLOB_FOLDER) && offset === 0 && size <= HEAD_LIMIT) {
      const kept = verified(this.#head(target, { signal }), target);
      return passedOn(told(kept), kept);
    }
    const content = this.#place.from.fetch(target, { offset, lease, signal });
    const checked =
      offset === 0 ? verified(content, target) : sized(content, { digest, size: size - offset });
    return passedOn(told(checked), checked);
  }

  async *#head(target: Descriptor, options: WaitOptions): ByteStream {
    yield await this.#readHead(target, options);
  }

  verifiedAs(path: string): string | undefined {
    return this.#files.get(path)?.digest;
  }

  /** A blob is where its digest says, so its size is all that must be known to read it. */
  expect({ entries }: { readonly entries: Iterable<ArchiveEntry> }): void {
    for (const { path, size } of entries) {
      const digest = `sha256:${path.slice(BLOB_FOLDER.length)}`;
      if (!path.startsWith(BLOB_FOLDER) || !isDigest(digest)) continue;
      if (!this.#files.has(path)) this.#files.set(path, { digest, size });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** What the registry has lost or damaged since it took it. */
const LOSSES: readonly ErrorCode[] = ['ERR_UPSTREAM_NOT_FOUND', 'ERR_DIGEST_MISMATCH', 'ERR_SIZE_MISMATCH'];

async function* told(content: ByteStream): ByteStream {
  try {
    yield* content;
  } catch (error) {
    if (!isSaddlebagError(error) || !LOSSES.includes(error.code) || error.hint !== undefined) throw error;
    throw new SaddlebagError(error.code, error.message, {
      hint: 'Push the bundle again with "bundle push --verify": what the registry has lost or damaged is sent once more.',
      cause: error,
    });
  }
}

interface PartOptions extends WaitOptions {
  readonly from: Pick<Repository, 'fetch'>;
  readonly path: string;
}

async function fetchPart(part: Descriptor, { from, path, signal }: PartOptions): Promise<Manifest> {
  const document = await fetchManifestDocument(part, { from, signal });
  if (document.type === 'manifest') return document;
  throw invalid(path, `the part "${part.digest}" is an index`);
}

function partsOf({ manifests }: Index, path: string): readonly Descriptor[] {
  if (manifests.length > PARTS_LIMIT) throw invalid(path, `it has more than ${PARTS_LIMIT} parts`);
  if (manifests.some(({ mediaType }) => isIndexType(mediaType)))
    throw invalid(path, 'it is an index of indexes');
  return manifests;
}

function notFound(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_BUNDLE_NOT_FOUND',
    `Cannot open ${quote(path)}: the registry does not have it`,
    {
      hint: 'Check repository and tag: "bundle push" puts a bundle there.',
    },
  );
}

function otherDigest(path: string, found: Digest): SaddlebagError {
  return new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot open ${quote(path)}: the registry answers with "${found}"`,
  );
}

function notCarrier(path: string, document: Manifest | Index): SaddlebagError {
  const isPart = document.artifactType === CARRIER.partType;
  const what = isPart ? 'one part of a bundle' : 'an image or another artifact';
  return invalid(
    path,
    `it is ${what}`,
    isPart ? 'Give the tag without the digits behind its last dot.' : undefined,
  );
}

function otherRoot(path: string, root: string): SaddlebagError {
  return invalid(path, `its first manifest does not hold the bundle.json ${quote(root)}`);
}

function invalid(path: string, fact: string, hint?: string): SaddlebagError {
  return new SaddlebagError('ERR_BUNDLE_INVALID', `Cannot open ${quote(path)}: not a bundle: ${fact}`, {
    hint: hint ?? 'Give what "bundle push" put there.',
  });
}
