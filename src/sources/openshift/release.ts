import { SaddlebagError } from '../../internal/error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import { type Payload, readPayload } from '../../products/openshift/payload/read-payload.ts';
import { type FetchedManifest, fetchManifest } from '../images/graph.ts';
import { platformOffers } from '../images/platforms.ts';
import { fetchRoot } from '../images/root.ts';
import type { PlatformOffer } from '../images/select-platforms.ts';
import type { SourceContext } from '../source.ts';

/** A release with its payload. */
export interface Release extends Payload {
  /** By digest alone. */
  readonly reference: Reference & { readonly digest: Digest };
  /** `amd64` …, or `multi` for a list. */
  readonly architecture: string;
  /** The images of a list, one for each architecture; empty for a single image. */
  readonly children: readonly Digest[];
}

/** A release image, and the version that it should be when that is known. */
export interface ReleaseImage {
  readonly written: string;
  readonly version?: string | undefined;
}

/**
 * Reads a release. Of a list, the payload of linux/amd64 is read: it is the same for all, as `oc` relies on.
 *
 * @throws `ERR_DOCUMENT_INVALID` for an image that is no release, or another one than asked for; what the registry throws
 */
export async function readRelease(
  { written, version }: ReleaseImage,
  context: SourceContext,
): Promise<Release> {
  const named = parseReference(written);
  const root = await fetchRoot({ reference: named, name: formatReference(named) }, context);
  const { registry, repository } = named;
  const reference = { registry, repository, digest: root.descriptor.digest };
  const name = formatReference(named);
  const offers = await platformOffers({ name, reference }, root, context);
  const chosen = offers.find(
    ({ platform: { os, architecture } }) => os === 'linux' && architecture === 'amd64',
  );
  const manifest = await manifestOf(root, (chosen ?? offers[0])?.descriptor, { reference, context });
  const payload = await readPayload(name, manifest.layers, (layer) =>
    context.images.content(reference, layer, context),
  );
  if (version !== undefined && payload.metadataVersion !== version)
    throw new SaddlebagError(
      'ERR_DOCUMENT_INVALID',
      `Cannot use "${name}" as OpenShift ${version}: it says that it is ${payload.metadataVersion}`,
    );
  const isList = root.document.type === 'index';
  return {
    ...payload,
    reference,
    architecture: isList ? 'multi' : architectureIn(offers, name),
    children: isList ? offers.map(({ descriptor }) => descriptor.digest) : [],
  };
}

async function manifestOf(
  root: FetchedManifest,
  child: Descriptor | undefined,
  { reference, context }: { readonly reference: Reference; readonly context: SourceContext },
): Promise<Manifest> {
  const document =
    root.document.type === 'manifest' || child === undefined
      ? root.document
      : (await fetchManifest(reference, child, context)).document;
  if (document.type === 'manifest') return document;
  throw new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot use "${formatReference(reference)}" as an OpenShift release: it is a list without images`,
  );
}

function architectureIn(offers: readonly PlatformOffer[], name: string): string {
  const architecture = offers[0]?.platform.architecture;
  if (architecture !== undefined) return architecture;
  throw new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot use "${name}" as an OpenShift release: its config names no architecture`,
  );
}
