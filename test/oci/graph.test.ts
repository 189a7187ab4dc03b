import { describe, expect, it } from 'vitest';
import { type GraphNode, walkGraph } from '../../src/oci/graph.ts';
import type { Fetcher } from '../../src/oci/roles.ts';
import { sampleFetcher } from '../support/samples/sample-fetcher.ts';
import { sampleImage } from '../support/samples/sample-image.ts';

describe('walkGraph', () => {
  it('yields children before parents, each digest once, and the root last', async () => {
    const image = sampleImage({ platforms: ['linux/amd64', 'linux/arm64'], sharedLayers: ['base'] });
    const nodes = await collect(walkGraph(image.root, { from: sampleFetcher(image) }));
    const digests = nodes.map(({ descriptor }) => descriptor.digest);
    expect(new Set(digests).size).toBe(digests.length);
    expect(digests).toHaveLength(image.blobs.length + image.manifests.length);
    expect(digests.at(-1)).toBe(image.root.digest);
    const amd64 = image.manifests[0]?.descriptor.digest;
    expect(digests.findIndex((digest) => digest === amd64)).toBe(4);
  });

  it('fetches manifests and nothing else', async () => {
    const image = sampleImage({ platforms: ['linux/amd64', 'linux/arm64'] });
    const content = sampleFetcher(image);
    const fetched: string[] = [];
    const from: Fetcher = {
      fetch: (target, options) => {
        fetched.push(target.digest);
        return content.fetch(target, options);
      },
    };
    const nodes = await collect(walkGraph(image.root, { from }));
    expect(fetched.sort()).toEqual(image.manifests.map(({ descriptor }) => descriptor.digest).sort());
    expect(nodes.filter(({ document }) => document !== undefined)).toHaveLength(3);
  });

  it('fails on a manifest that is cut short', async () => {
    const image = sampleImage();
    const from: Fetcher = {
      fetch: async function* () {
        yield Buffer.from('{');
      },
    };
    await expect(collect(walkGraph(image.root, { from }))).rejects.toMatchObject({
      code: 'ERR_SIZE_MISMATCH',
    });
  });
});

async function collect(nodes: AsyncIterable<GraphNode>): Promise<GraphNode[]> {
  const all: GraphNode[] = [];
  for await (const node of nodes) all.push(node);
  return all;
}
