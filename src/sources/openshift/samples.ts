import { collectBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { encodeJson } from '../../internal/json.ts';
import { nearest } from '../../internal/nearest.ts';
import { compareText } from '../../internal/order.ts';
import { type LayerEntry, layerEntries } from '../../oci/layer/entries.ts';
import { formatReference } from '../../oci/reference.ts';
import { verified } from '../../oci/verified.ts';
import {
  decodeSamples,
  isSamplesPath,
  samplePlace,
  SAMPLES_COMPONENT,
  SAMPLES_LIMIT,
  type SampleStream,
} from '../../products/openshift/payload/samples.ts';
import { tagArchitecture } from '../../products/openshift/payload/tags.ts';
import { type FetchedManifest, fetchManifest } from '../images/graph.ts';
import { fetchRoot } from '../images/root.ts';
import type { ImageWant } from '../images/want.ts';
import type { SourceContext } from '../source.ts';
import type { Release } from './release.ts';

/** The samples that a bundle has of a release. */
export interface Samples {
  readonly images: readonly ImageWant[];
  /** Which streams those are, and which there are besides. */
  readonly list: Uint8Array;
}

const LIMITS = { bytes: 8 * 1024 ** 3, entries: 500_000 } as const;

/**
 * Returns the images of the named image streams, as the release itself lists them.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND` for a stream that the release does not have
 */
export async function samplesOf(
  release: Release,
  wanted: readonly string[],
  context: SourceContext,
): Promise<Samples> {
  const streams = await streamsOf(release, context);
  const names = [...new Set(streams.map(({ name }) => name))].sort(compareText);
  for (const name of wanted) if (!names.includes(name)) throw unknownStream(name, names, release);
  const images = streams.filter(({ name }) => wanted.includes(name)).flatMap((stream) => stream.images);
  const carried = names.filter((name) => wanted.includes(name));
  const skipped = names.filter((name) => !wanted.includes(name));
  return {
    images: [...new Set(images)].flatMap((reference) => {
      const place = samplePlace(reference);
      if (place !== undefined) return [{ reference, at: [place] }];
      context.warn({
        level: 'warning',
        message: `The Samples Operator cannot find "${reference}" at a mirror registry: the bundle goes without it`,
      });
      return [];
    }),
    list: encodeJson({ carried, skipped }),
  };
}

async function streamsOf(release: Release, context: SourceContext): Promise<readonly SampleStream[]> {
  const reference = release.components.find(({ name }) => name === SAMPLES_COMPONENT)?.reference;
  if (reference === undefined) return [];
  const root = await fetchRoot({ reference, name: formatReference(reference) }, context);
  const { document } = await imageOf(root, { reference, context });
  const layers = document.type === 'manifest' ? document.layers : [];
  // Of a list, the samples of amd64 are taken.
  const architecture = tagArchitecture(release.architecture === 'multi' ? 'amd64' : release.architecture);
  const found = new Map<string, readonly SampleStream[]>();
  for (const layer of layers.toReversed()) {
    const bytes = verified(context.images.content(reference, layer, context), layer);
    for await (const entry of layerEntries(bytes, LIMITS)) {
      if (entry.type !== 'file' || found.has(entry.path) || !isSamplesPath(entry.path, architecture))
        continue;
      found.set(entry.path, decodeSamples(await bytesOf(entry), entry.path));
    }
  }
  return [...found.values()].flat();
}

async function imageOf(
  root: FetchedManifest,
  { reference, context }: { readonly reference: Release['reference']; readonly context: SourceContext },
): Promise<FetchedManifest> {
  if (root.document.type === 'manifest') return root;
  const { manifests } = root.document;
  const child = manifests.find(({ platform }) => platform?.architecture === 'amd64') ?? manifests[0];
  return child === undefined ? root : await fetchManifest(reference, child, context);
}

async function bytesOf({ path, content }: LayerEntry): Promise<Uint8Array> {
  const onExcess = (): SaddlebagError =>
    new SaddlebagError(
      'ERR_DOCUMENT_INVALID',
      `Cannot read the samples in "${path}": they have more than ${SAMPLES_LIMIT} bytes`,
    );
  return Buffer.from(await collectBytes(content, { limit: SAMPLES_LIMIT, onExcess }));
}

function unknownStream(name: string, known: readonly string[], { version }: Release): SaddlebagError {
  const near = nearest(name, known);
  return new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find image stream "${name}": the samples of OpenShift ${version} do not have it`,
    { hint: near === undefined ? `They have: ${known.join(', ') || 'none'}.` : `Did you mean "${near}"?` },
  );
}
