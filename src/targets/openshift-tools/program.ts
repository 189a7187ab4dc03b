import type { Bundle } from '../../bundle/bundle.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { layerEntries } from '../../oci/layer/entries.ts';
import { decodeManifest, type Manifest, MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { formatReference } from '../../oci/reference.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { fetchDocument, verified } from '../../oci/verified.ts';
import type { Component } from '../../products/openshift/payload/image-references.ts';
import type { ProgramSource } from '../../products/openshift/tools/programs.ts';

/** Layers of the images that hold programs have some 2 GiB at most (bytes). */
const LIMITS = { bytes: 16 * 1024 ** 3, entries: 500_000 } as const;
/** A link points to a file, and that is that. */
const LINKS = 2;

/** A program in a layer of an image. */
export interface FoundProgram {
  readonly layer: Descriptor;
  readonly path: string;
}

/** Returns where a program is in the bundle, `undefined` when none of the places has it. */
export async function findProgram(
  bundle: Bundle,
  sources: readonly ProgramSource[],
  {
    components,
    architecture,
    signal,
  }: WaitOptions & { readonly components: readonly Component[]; readonly architecture: string },
): Promise<FoundProgram | undefined> {
  for (const { component, path } of sources) {
    const reference = components.find(({ name }) => name === component)?.reference;
    const name = reference && formatReference(reference);
    const image = bundle.document.items.find((item) => item.kind === 'image' && item.name === name);
    if (image === undefined || image.descriptor.digest !== reference?.digest) continue;
    const manifest = await manifestFor(bundle, image.descriptor, { architecture, signal });
    const found = manifest && (await findInLayers(bundle, manifest, { path, signal }));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of a list, the image of this architecture, or else of amd64: its artifacts are for every platform. */
async function manifestFor(
  bundle: Bundle,
  root: Descriptor,
  { architecture, signal }: WaitOptions & { readonly architecture: string },
): Promise<Manifest | undefined> {
  const read = async (target: Descriptor): Promise<ReturnType<typeof decodeManifest>> =>
    decodeManifest(await fetchDocument(bundle, target, { signal, limit: MANIFEST_LIMIT }), target.mediaType);
  const document = await read(root);
  if (document.type === 'manifest') return document;
  const ofArchitecture = (wanted: string): Descriptor | undefined =>
    document.manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === wanted);
  const child = ofArchitecture(architecture) ?? ofArchitecture('amd64');
  const manifest = child === undefined ? undefined : await read(child);
  return manifest?.type === 'manifest' ? manifest : undefined;
}

/** The highest layer that has the path wins; a link is followed, also to a lower layer. */
async function findInLayers(
  bundle: Bundle,
  { layers }: Manifest,
  { path, signal }: WaitOptions & { readonly path: string },
): Promise<FoundProgram | undefined> {
  let wanted = path;
  for (let followed = 0; followed <= LINKS; followed += 1) {
    const found = await highest(bundle, layers, { path: wanted, signal });
    if (found === undefined) return undefined;
    if (found.target === undefined) return { layer: found.layer, path: wanted };
    wanted = found.target;
  }
  return undefined;
}

async function highest(
  bundle: Bundle,
  layers: readonly Descriptor[],
  { path, signal }: WaitOptions & { readonly path: string },
): Promise<{ readonly layer: Descriptor; readonly target?: string | undefined } | undefined> {
  for (const layer of layers.toReversed())
    for await (const entry of layerEntries(bundle.fetch(layer, { signal }), LIMITS)) {
      if (entry.path !== path) continue;
      if (entry.type === 'file') return { layer };
      if (entry.type === 'hard-link') return { layer, target: plain(entry.target) };
      if (entry.type === 'link') return { layer, target: resolved(path, entry.target) };
      return undefined;
    }
  return undefined;
}

function plain(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '');
}

function resolved(path: string, target: string): string {
  return new URL(target, `file:///${path}`).pathname.slice(1);
}

/** Yields a program; ends without an error only when its layer is what its image says. */
export async function* programBytes(
  bundle: Bundle,
  { layer, path }: FoundProgram,
  { signal }: WaitOptions,
): ByteStream {
  let isDone = false;
  for await (const entry of layerEntries(verified(bundle.fetch(layer, { signal }), layer), LIMITS)) {
    if (isDone || entry.type !== 'file' || entry.path !== path) continue;
    isDone = true;
    yield* entry.content;
  }
}
