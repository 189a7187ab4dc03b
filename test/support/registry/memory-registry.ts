import { streamOf } from '../../../src/internal/bytes.ts';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { formatReference, parseReference } from '../../../src/oci/reference.ts';
import type { Registry, Repository } from '../../../src/oci/roles.ts';
import type { SampleContent, SampleImage } from '../samples/sample-image.ts';

/** Registries in memory, to be read only. */
export interface MemoryRegistries {
  /** Returns the registry at a host. */
  readonly registryOf: (host: string) => Registry;
  /** Questions asked: `resolve <reference>` and `fetch <digest>`. */
  readonly asked: readonly string[];
}

/** Returns registries that hold these images; the keys are references as people write them. */
export function memoryRegistries(images: Readonly<Record<string, SampleImage>>): MemoryRegistries {
  const asked: string[] = [];
  const tags = new Map(
    Object.entries(images).map(([text, image]) => [formatReference(parseReference(text)), image.root]),
  );
  const contents = new Map(
    Object.values(images)
      .flatMap(({ blobs, manifests }): readonly SampleContent[] => [...blobs, ...manifests])
      .map(({ descriptor, bytes }) => [descriptor.digest, bytes]),
  );
  const repositoryOf = (host: string, name: string): Repository => ({
    async resolve(tagOrDigest): Promise<Descriptor | undefined> {
      asked.push(`resolve ${host}/${name} ${tagOrDigest}`);
      const tagged = tags.get(`${host}/${name}:${tagOrDigest}`);
      const known = Object.values(images).find(({ root }) => root.digest === tagOrDigest);
      return tagged ?? known?.root;
    },
    fetch(target, options) {
      asked.push(`fetch ${target.digest}`);
      return streamOf(contents.get(target.digest) ?? Buffer.from('gone'), options?.offset);
    },
    push: readOnly,
    tag: readOnly,
    has: async (target) => contents.has(target.digest),
    mount: async () => false,
  });
  const registryOf = (host: string): Registry => ({
    host,
    repository: (name) => repositoryOf(host, name),
    ping: async () => undefined,
  });
  return { registryOf, asked };
}

async function readOnly(): Promise<void> {
  throw new Error('Cannot write: the registry of this test is to be read');
}
