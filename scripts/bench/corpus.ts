import { pushSample } from '../../test/support/registry/push-sample.ts';
import { sampleImage } from '../../test/support/samples/sample-image.ts';
import type { RemoteBlob } from './curl.ts';

/** The benchmark's data: images with large layers at a registry. */
export interface Corpus {
  readonly references: readonly string[];
  readonly blobs: readonly RemoteBlob[];
  /** The digest under each reference. */
  readonly roots: readonly string[];
  /** Total bytes of all blobs. */
  readonly bytes: number;
}

/** Fills a registry with `images` images of four layers each, all layers different. Only one image is in memory at a time. */
export async function fillCorpus(
  registry: { readonly host: string; readonly url: string },
  options: { readonly images: number; readonly layerBytes: number },
): Promise<Corpus> {
  const references: string[] = [];
  const roots: string[] = [];
  const blobs: RemoteBlob[] = [];
  let bytes = 0;
  for (let index = 0; index < options.images; index++) {
    const repository = `bench/image-${index}`;
    const image = sampleImage({ name: repository, layers: 4, layerBytes: options.layerBytes });
    await pushSample(registry, repository, image, 'v1');
    references.push(`${registry.host}/${repository}:v1`);
    roots.push(image.root.digest);
    for (const { descriptor } of image.blobs) {
      blobs.push({ repository, digest: descriptor.digest });
      bytes += descriptor.size;
    }
  }
  return { references, roots, blobs, bytes };
}
