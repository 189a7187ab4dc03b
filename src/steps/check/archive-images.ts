import { type ByteStream, collectBytes } from '../../internal/bytes.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { layerEntries } from '../../oci/layer/entries.ts';
import { decodePlatform, formatPlatform } from '../../oci/platform.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import type { Held } from './holding.ts';

/** Ceilings (bytes): an archive unpacked, one of its documents, all of them. */
const UNPACKED_LIMIT = 64 * 1024 * 1024 * 1024;
const DOCUMENT_LIMIT = 4 * 1024 * 1024;
const DOCUMENTS_LIMIT = 64 * 1024 * 1024;
const ENTRY_LIMIT = 200_000;

/** The images that archives hold by full reference, each with its platforms; none where an archive does not say. */
export type ArchiveImages = Map<string, Set<string>>;

/**
 * Adds to `images` those of an archive as a node imports it: of Docker, or an OCI layout; packed or not. It is read to its end.
 *
 * @throws `ERR_ARCHIVE_INVALID`; what the stream throws
 */
export async function archiveImages(stream: ByteStream, images: ArchiveImages): Promise<void> {
  for (const { name, platform } of namedImages(await documentsIn(stream))) addTo(images, name, platform);
}

/** Adds an image. */
export function addTo(images: ArchiveImages, name: string, platform: string | undefined): void {
  const known = images.get(name) ?? new Set();
  images.set(name, known);
  if (platform !== undefined) known.add(platform);
}

/** Returns what archives hold under a reference. A digest finds what has its tag: an archive names images by tag alone. */
export function findIn(images: ArchiveImages, wanted: string): Held | undefined {
  const { registry, repository, tag, digest } = parseReference(wanted);
  const tagged = formatReference({ registry, repository, tag });
  const found =
    images.get(wanted) ?? (digest === undefined || tag === undefined ? undefined : images.get(tagged));
  if (found === undefined) return undefined;
  return { platforms: found.size === 0 ? undefined : [...found] };
}

/** Returns the small JSON documents of an archive by path. */
async function documentsIn(stream: ByteStream): Promise<ReadonlyMap<string, unknown>> {
  const documents = new Map<string, unknown>();
  let left = DOCUMENTS_LIMIT;
  const limits = { bytes: UNPACKED_LIMIT, entries: ENTRY_LIMIT };
  for await (const { path: name, type, size, content } of layerEntries(stream, limits)) {
    const isDocument = /\.json$|^blobs\/sha256\//.test(name) && size <= DOCUMENT_LIMIT && size <= left;
    if (type !== 'file' || !isDocument) continue;
    const bytes = await collectBytes(content, { limit: size, onExcess: () => tooLong(name) });
    if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) continue;
    left -= size;
    documents.set(name, parsed(bytes));
  }
  return documents;
}

/** An archive of Docker lists its images in `manifest.json`, an OCI layout in `index.json`; K3s has both. */
function* namedImages(
  documents: ReadonlyMap<string, unknown>,
): Generator<{ readonly name: string; readonly platform: string | undefined }, void, undefined> {
  const list = documents.get('manifest.json');
  for (const image of Array.isArray(list) ? list : []) {
    if (!isRecord(image) || !Array.isArray(image['RepoTags'])) continue;
    const platform = decodePlatform(documents.get(String(image['Config'])));
    for (const tag of image['RepoTags']) yield* named(tag, platform);
  }
  const index = documents.get('index.json');
  const manifests = isRecord(index) && Array.isArray(index['manifests']) ? index['manifests'] : [];
  for (const descriptor of manifests) {
    if (!isRecord(descriptor)) continue;
    const annotations = isRecord(descriptor['annotations']) ? descriptor['annotations'] : {};
    const name = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'];
    for (const platform of platformsIn(descriptor, documents)) yield* named(name, platform);
  }
}

function platformsIn(
  descriptor: Readonly<Record<string, unknown>>,
  documents: ReadonlyMap<string, unknown>,
): readonly ReturnType<typeof decodePlatform>[] {
  const own = decodePlatform(descriptor['platform']);
  if (own !== undefined) return [own];
  const document = documents.get(blobPath(descriptor));
  if (!isRecord(document)) return [undefined];
  const children: readonly unknown[] = Array.isArray(document['manifests']) ? document['manifests'] : [];
  if (children.length > 0)
    return children.map((child) => (isRecord(child) ? decodePlatform(child['platform']) : undefined));
  const config = document['config'];
  return [isRecord(config) ? decodePlatform(documents.get(blobPath(config))) : undefined];
}

function blobPath(descriptor: Readonly<Record<string, unknown>>): string {
  return `blobs/${String(descriptor['digest']).replace(':', '/')}`;
}

function* named(
  name: unknown,
  platform: ReturnType<typeof decodePlatform>,
): Generator<{ readonly name: string; readonly platform: string | undefined }, void, undefined> {
  if (typeof name !== 'string') return;
  try {
    const full = formatReference(parseReference(name));
    yield { name: full, platform: platform === undefined ? undefined : formatPlatform(platform) };
  } catch (error) {
    // A tag alone, as OCI layouts have it, names nothing.
    if (!isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) throw error;
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // A layer may begin like JSON.
    return undefined;
  }
}

function tooLong(name: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_ARCHIVE_INVALID',
    `Cannot read ${JSON.stringify(name)}: it is longer than it says`,
  );
}
