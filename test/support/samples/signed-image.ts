import { encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf, hexOf } from '../../../src/oci/digest.ts';
import { EMPTY_CONFIG, EMPTY_CONFIG_BYTES } from '../../../src/oci/artifact.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { InProcessRegistry } from '../registry/registry.ts';
import { type SampleImage, sampleImage } from './sample-image.ts';

/** Something that refers to an image by its `subject`; always the same bytes for a name. */
export function referrerOf(image: SampleImage, name: string): SampleImage {
  const layer = Buffer.from(`${name} of ${image.root.digest}\n`);
  const blob = {
    descriptor: { mediaType: 'text/plain', digest: digestOf(layer), size: layer.length },
    bytes: layer,
  };
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociManifest,
    artifactType: `application/vnd.sample.${name}`,
    config: encodeDescriptor(EMPTY_CONFIG),
    layers: [encodeDescriptor(blob.descriptor)],
    subject: encodeDescriptor({ ...image.root }),
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const descriptor = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(bytes), size: bytes.length };
  return {
    root: descriptor,
    blobs: [blob, { descriptor: EMPTY_CONFIG, bytes: EMPTY_CONFIG_BYTES }],
    manifests: [{ descriptor, bytes }],
  };
}

/** Returns the tag under which cosign keeps something of an image. */
export function cosignTag(image: SampleImage, suffix: 'sig' | 'att' | 'sbom'): string {
  return `sha256-${hexOf(image.root.digest)}.${suffix}`;
}

/** Puts a signature and an attestation by cosign's tags, and a bill of materials by its subject, beside an image. */
export async function seedSigned(
  registry: InProcessRegistry,
  repository: string,
  image: SampleImage,
): Promise<{ readonly bill: SampleImage; readonly signature: SampleImage }> {
  const signature = sampleImage({ name: `signature of ${image.root.digest}`, layers: 1 });
  const attestation = sampleImage({ name: `attestation of ${image.root.digest}`, layers: 1 });
  const bill = referrerOf(image, 'bill');
  await registry.seed(repository, signature, cosignTag(image, 'sig'));
  await registry.seed(repository, attestation, cosignTag(image, 'att'));
  await registry.seed(repository, bill);
  return { bill, signature };
}
