import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutVolumes } from '../../../src/archive/volumes/volumes.ts';
import { VolumeHasher } from '../../../src/bundle/volumes/hasher.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';

const BYTES = Buffer.from(incompressibleBytes('hasher', 3000));

/** Cuts bytes into chunks of these sizes, over and over. */
function chunksOf(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

describe('a hasher of volumes', () => {
  it('knows the digest of each, however the bytes come', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 4, max: 4000 }),
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }),
        (total, size, sizes) => {
          const bytes = BYTES.subarray(0, total);
          const volumes = cutVolumes('x', total, size);
          const hasher = new VolumeHasher(volumes);
          hasher.take(chunksOf(bytes.subarray(0, total / 2), [7]), 0);
          let position = 0;
          for (const chunk of chunksOf(bytes, sizes)) {
            hasher.take([chunk.subarray(0, 3), chunk.subarray(3)], position);
            position += chunk.length;
          }
          expect([...hasher.digests]).toEqual(
            volumes.map((volume, index) => [
              volume.file,
              digestOf(bytes.subarray(index * size, index * size + volume.size)),
            ]),
          );
        },
      ),
    );
  });

  it('knows nothing of what comes after a gap', () => {
    const hasher = new VolumeHasher(cutVolumes('x', 3000, 1000));
    hasher.take([BYTES.subarray(0, 1500)], 0);
    hasher.take([BYTES.subarray(1600)], 1600);
    expect([...hasher.digests.keys()]).toEqual(['x.001']);
  });
});
