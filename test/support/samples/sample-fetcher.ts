import { streamOf } from '../../../src/internal/bytes.ts';
import type { Fetcher } from '../../../src/oci/roles.ts';
import type { SampleImage } from './sample-image.ts';

/** Returns a fetcher over images in memory. It throws for what they do not hold. */
export function sampleFetcher(...images: readonly SampleImage[]): Fetcher {
  const contents = new Map(
    images
      .flatMap((image) => [...image.blobs, ...image.manifests])
      .map(({ descriptor, bytes }) => [descriptor.digest, bytes]),
  );
  return {
    fetch: (target, { offset = 0 } = {}) => {
      const bytes = contents.get(target.digest);
      if (bytes === undefined) throw new Error(`Cannot fetch "${target.digest}": it is not in the sample`);
      return streamOf(bytes, offset);
    },
  };
}
