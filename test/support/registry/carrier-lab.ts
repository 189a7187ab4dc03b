import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../../src/oci/digest.ts';
import { isDigest } from '../../../src/oci/digest.ts';
import { type PushResult, type PushWish, pushBundle } from '../../../src/verbs/carrier/push.ts';
import { plannedFile } from '../planned/items.ts';
import { type SampleBundle, sampleBundle, SAMPLES } from '../samples/sample-bundle.ts';
import { NOBODY } from '../surroundings.ts';
import { temporaryFolder } from '../temporary.ts';
import { type InProcessRegistry, type InProcessRegistryOptions, startRegistry } from './registry.ts';

/** A bundle, and the next one of it with one file more. */
export const LAB: SampleBundle = sampleBundle();
export const NEXT: SampleBundle = sampleBundle([
  ...SAMPLES,
  plannedFile('new.bin', Buffer.alloc(9000, 'new')),
]);

const REPOSITORY = 'bundles/lab';

/** A registry, and a folder with those bundles as files. */
export interface CarrierLab extends AsyncDisposable {
  readonly registry: InProcessRegistry;
  /** `HOST/bundles/lab:TAG` */
  reference(tag?: string): string;
  /** The same as a command takes it for a bundle. */
  oci(tag?: string): string;
  /** Returns a path in the folder. */
  at(name: string): string;
  push(wish?: Partial<PushWish>): Promise<PushResult>;
  /** What the tag names there. */
  tagged(tag: string): Digest | undefined;
  tags(): readonly string[];
  /** Makes the registry lose a blob. */
  lose(digest: Digest): void;
  /** Bytes of blobs that the registry has received since its log was cleared. */
  received(): number;
}

export async function startCarrierLab(options: InProcessRegistryOptions = {}): Promise<CarrierLab> {
  const registry = await startRegistry(options);
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  for (const [name, { tar }] of [
    ['lab', LAB],
    ['next', NEXT],
  ] as const)
    writeFileSync(at(`${name}.tar`), tar);
  const reference = (tag = '2026-11'): string => `${registry.host}/${REPOSITORY}:${tag}`;
  const content = (): ReturnType<typeof registry.content.open> => registry.content.open(REPOSITORY);
  return {
    registry,
    reference,
    oci: (tag) => `oci://${reference(tag)}`,
    at,
    push: async (wish = {}) => {
      const { path = at('lab.tar'), reference: to = reference() } = wish;
      return await pushBundle({ ...wish, path, reference: to }, NOBODY);
    },
    tagged: (tag) => content().tags.get(tag),
    tags: () => [...content().tags.keys()],
    lose: (digest) => void content().blobs.delete(digest),
    received: () =>
      registry.log.entries
        .filter(({ topic }) => topic === 'upload')
        .reduce((sum, { bytesReceived }) => sum + bytesReceived, 0),
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Returns the digest of the largest blob of a bundle. */
export function largestOf({ plan }: SampleBundle): Digest {
  const [first] = plan.blobs
    .map(({ descriptor }) => descriptor)
    .sort((left, right) => right.size - left.size);
  if (first === undefined || !isDigest(first.digest)) throw new Error('Cannot find a blob: there is none');
  return first.digest;
}
