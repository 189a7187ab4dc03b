import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type RemoteBlob, curlDiscard } from './curl.ts';
import { measure } from './measure.ts';

/** The limits of this machine (bytes per second), which put the ratios in context. */
export interface Floor {
  readonly hashing: number;
  readonly writing: number;
  readonly receiving: number;
}

const MEBIBYTE = 1024 * 1024;

/** Measures hashing on one core, writing to disk with a final sync, and downloading from the registry to nowhere. */
export async function measureFloor(
  registry: string,
  blobs: readonly RemoteBlob[],
  options: { readonly folder: string; readonly parallel: number; readonly bytes: number },
): Promise<Floor> {
  const megabytes = Math.ceil(options.bytes / MEBIBYTE);
  const written = join(options.folder, 'floor');
  const dd = await measure('dd', [
    'if=/dev/zero',
    `of=${written}`,
    'bs=1M',
    `count=${megabytes}`,
    'conv=fsync',
  ]);
  await measure('rm', [written]);
  const received = await curlDiscard(registry, blobs, options);
  return {
    hashing: hashingRate(),
    writing: options.bytes / dd.seconds,
    receiving: options.bytes / received.seconds,
  };
}

function hashingRate(): number {
  const block = Buffer.alloc(MEBIBYTE);
  const hash = createHash('sha256');
  const rounds = 1024;
  const started = performance.now();
  for (let round = 0; round < rounds; round++) hash.update(block);
  hash.digest();
  return (rounds * MEBIBYTE) / ((performance.now() - started) / 1000);
}
