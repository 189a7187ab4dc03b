import { collectBytes, type ByteStream } from '../../../internal/bytes.ts';
import { SaddlebagError } from '../../../internal/error.ts';
import { compareText } from '../../../internal/order.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { type LayerEntry, layerEntries } from '../../../oci/layer/entries.ts';
import { verified } from '../../../oci/verified.ts';
import { verificationKeys } from './config-map.ts';
import { decodeImageReferences, type ImageReferences, REFERENCES_LIMIT } from './image-references.ts';
import { IMAGE_REFERENCES, MANIFESTS, RELEASE_METADATA } from './names.ts';
import { decodeReleaseVersion } from './release-metadata.ts';

/** What the manifests of a release say. */
export interface Payload extends ImageReferences {
  /** Version in the metadata, which names files and goes into programs. */
  readonly metadataVersion: string;
  /** Both documents as they are, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Keyrings by name, of any origin: nothing vouches for them here. */
  readonly keyrings: ReadonlyMap<string, Uint8Array>;
}

/** The layer of a real release has some 30 MiB, and below it is a base image (bytes). */
const LIMITS = { bytes: 8 * 1024 ** 3, entries: 500_000 } as const;
/** Largest manifest of a release that is looked into (bytes); real ones have less than 2 MiB. */
const MANIFEST_LIMIT = 16 * 1024 * 1024;
const LAYER_LIMIT = 500;

/**
 * Reads the payload of a release image, called `name` in messages: from its last layer down, until the two documents are there. A file that a higher
 * layer has or removes hides those below.
 *
 * @throws `ERR_DOCUMENT_INVALID` when it is no release image, or its documents cannot be read; `ERR_ARCHIVE_INVALID`, and what
 * `contentOf` throws
 */
export async function readPayload(
  name: string,
  layers: readonly Descriptor[],
  contentOf: (layer: Descriptor) => ByteStream,
): Promise<Payload> {
  const fail = (fact: string): SaddlebagError =>
    new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot use "${name}" as an OpenShift release: ${fact}`, {
      hint: 'A release is an image such as quay.io/openshift-release-dev/ocp-release:4.20.3-x86_64.',
    });
  if (layers.length > LAYER_LIMIT) throw fail(`it has ${layers.length} layers`);
  const found: Found = { files: new Map(), manifests: new Map(), hidden: [] };
  for (const layer of layers.toReversed()) {
    if (found.files.size === DOCUMENTS.length) break;
    await readLayer(verified(contentOf(layer), layer), found, fail);
  }
  const [references, metadata] = DOCUMENTS.map((name) => found.files.get(name));
  if (references === undefined || metadata === undefined)
    throw fail(
      `no layer of it has "${MANIFESTS}/${references === undefined ? IMAGE_REFERENCES : RELEASE_METADATA}"`,
    );
  const keyed = [...found.manifests].sort(([left], [right]) => compareText(left, right));
  return {
    ...decodeImageReferences(references),
    metadataVersion: decodeReleaseVersion(metadata),
    files: found.files,
    keyrings: keyed[0]?.[1] ?? new Map(),
  };
}

const DOCUMENTS: readonly string[] = [IMAGE_REFERENCES, RELEASE_METADATA];

interface Found {
  readonly files: Map<string, Uint8Array>;
  /** Keyrings of the manifests that name any, by the manifest's name. */
  readonly manifests: Map<string, ReadonlyMap<string, Uint8Array>>;
  /** Paths that a higher layer removed. */
  hidden: readonly string[];
}

/** Reads the layer to its end: only there it is known that its bytes are what the manifest says. */
async function readLayer(
  bytes: ByteStream,
  found: Found,
  fail: (fact: string) => SaddlebagError,
): Promise<void> {
  const own: Found = { files: new Map(), manifests: new Map(), hidden: [] };
  for await (const entry of layerEntries(bytes, LIMITS)) {
    own.hidden = [...own.hidden, ...whiteout(entry.path)];
    const name = nameIn(entry);
    if (name === undefined || isHidden(entry.path, found.hidden)) continue;
    if (DOCUMENTS.includes(name)) {
      if (own.files.has(name)) throw fail(`a layer of it has "${entry.path}" twice`);
      own.files.set(name, await bytesOf(entry, REFERENCES_LIMIT, fail));
    } else if (entry.size <= MANIFEST_LIMIT) {
      const keys = verificationKeys(await bytesOf(entry, MANIFEST_LIMIT, fail));
      if (keys !== undefined) own.manifests.set(name, keys);
    }
  }
  for (const [name, content] of own.files) if (!found.files.has(name)) found.files.set(name, content);
  for (const [name, keys] of own.manifests) if (!found.manifests.has(name)) found.manifests.set(name, keys);
  found.hidden = [...found.hidden, ...own.hidden];
}

/** Returns the name of a file that lies right in the folder of the manifests. */
function nameIn({ path, type }: LayerEntry): string | undefined {
  const name = path.startsWith(`${MANIFESTS}/`) ? path.slice(MANIFESTS.length + 1) : undefined;
  return type !== 'file' || name === undefined || name.includes('/') || name.startsWith('.wh.')
    ? undefined
    : name;
}

/** `.wh.name` removes a path of the layers below, `.wh..wh..opq` all of a folder (OCI image-spec, layer.md, "Whiteouts"). */
function whiteout(path: string): readonly string[] {
  const slash = path.lastIndexOf('/');
  const [folder, name] = [path.slice(0, slash + 1), path.slice(slash + 1)];
  if (!name.startsWith('.wh.') || !`${MANIFESTS}/`.startsWith(folder)) return [];
  return [name === '.wh..wh..opq' ? folder : `${folder}${name.slice('.wh.'.length)}`];
}

function isHidden(path: string, hidden: readonly string[]): boolean {
  return hidden.some(
    (each) => path === each || path.startsWith(each.endsWith('/') ? each : `${each}/`) || each === '',
  );
}

async function bytesOf(
  { path, size, content }: LayerEntry,
  limit: number,
  fail: (fact: string) => SaddlebagError,
): Promise<Uint8Array> {
  const tooLarge = (): SaddlebagError => fail(`"${path}" of it has ${size} bytes, and ${limit} are allowed`);
  if (size > limit) throw tooLarge();
  return Buffer.from(await collectBytes(content, { limit, onExcess: tooLarge }));
}
