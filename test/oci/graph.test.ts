import { describe, expect, it } from 'vitest';
import { SaddlebagError } from '../../src/internal/error.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { fetchManifestDocument } from '../../src/oci/documents.ts';
import { type GraphNode, walkGraph, type WalkOptions } from '../../src/oci/graph.ts';
import type { Index, Manifest } from '../../src/oci/manifest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import { sampleFetcher } from '../support/samples/sample-fetcher.ts';
import { sampleImage } from '../support/samples/sample-image.ts';

describe('walkGraph', () => {
  it('yields children before parents, each digest once, and the root last', async () => {
    const image = sampleImage({ platforms: ['linux/amd64', 'linux/arm64'], sharedLayers: ['base'] });
    const from = sampleFetcher(image);
    const nodes = await collect(image.root, { read: (target) => fetchManifestDocument(target, { from }) });
    const digests = nodes.map(({ descriptor }) => descriptor.digest);
    expect(new Set(digests).size).toBe(digests.length);
    expect(digests).toHaveLength(image.blobs.length + image.manifests.length);
    expect(digests.at(-1)).toBe(image.root.digest);
    const amd64 = image.manifests[0]?.descriptor.digest;
    expect(digests.findIndex((digest) => digest === amd64)).toBe(4);
    expect(nodes.filter(({ document }) => document !== undefined)).toHaveLength(3);
  });

  it('fails on a manifest that is cut short', async () => {
    const image = sampleImage();
    const from = {
      fetch: async function* () {
        yield Buffer.from('{');
      },
    };
    const walk = collect(image.root, { read: (target) => fetchManifestDocument(target, { from }) });
    await expect(walk).rejects.toMatchObject({ code: 'ERR_SIZE_MISMATCH' });
  });

  const ORDERS: readonly { readonly name: string; readonly graph: Graph; readonly order: string }[] = [
    {
      name: 'a part of an index beside it',
      graph: { root: ['inner', 'part'], inner: ['part'], part: ['layer'] },
      order: 'layer part inner root',
    },
    {
      name: 'a part before an index of it',
      graph: { root: ['part', 'inner'], inner: ['part'], part: ['layer'] },
      order: 'layer part inner root',
    },
    {
      name: 'a part listed twice',
      graph: { root: ['part', 'part'], part: ['layer', 'layer'] },
      order: 'layer part root',
    },
    {
      name: 'indexes in indexes',
      graph: { root: ['one'], one: ['two'], two: ['three'], three: ['layer'] },
      order: 'layer three two one root',
    },
    {
      name: 'a circle, which only unverified content can make',
      graph: { root: ['one'], one: ['two'], two: ['one', 'layer'] },
      order: 'layer two one root',
    },
    { name: 'a document that contains itself', graph: { root: ['root', 'layer'] }, order: 'layer root' },
  ];
  for (const { name, graph, order } of ORDERS)
    for (const ahead of [1, 4])
      it(`puts children first in ${name}, ${ahead} read ahead`, async () => {
        const { read, reads } = graphOf(graph);
        expect((await collect(nodeOf('root'), { read, ahead })).map(nameOf).join(' ')).toBe(order);
        expect(reads.toSorted()).toEqual(Object.keys(graph).toSorted());
      });

  it('does not take longer than it has parts where indexes name the one below many times', async () => {
    const graph: Record<string, string[]> = { root: Array.from({ length: 50 }, () => '7') };
    for (let level = 7; level > 0; level--)
      graph[String(level)] = Array.from({ length: 50 }, () => String(level - 1));
    graph['0'] = ['layer'];
    expect(await collect(nodeOf('root'), graphOf(graph))).toHaveLength(10);
  });

  it('ends where indexes nest deeper than eight', async () => {
    const deep = (levels: number): Graph =>
      Object.fromEntries(
        Array.from({ length: levels }, (_, level) => [level === 0 ? 'root' : `${level}`, [`${level + 1}`]]),
      );
    expect(await collect(nodeOf('root'), graphOf({ ...deep(8), 8: ['layer'] }))).toHaveLength(10);
    await expect(collect(nodeOf('root'), graphOf({ ...deep(9), 9: ['layer'] }))).rejects.toMatchObject({
      code: 'ERR_DOCUMENT_INVALID',
      message: expect.stringContaining('nested more than 8 deep'),
    });
  });

  it('ends where there is no end to the pieces', async () => {
    const wide = Array.from({ length: 100_001 }, (_, number) => nodeOf(`layer ${number}`));
    await expect(collect(nodeOf('root'), { read: async () => indexOf(wide) })).rejects.toThrow(
      'it is part of a graph of more than 100000 pieces',
    );
  });

  it('notices a size that two documents tell differently', async () => {
    const layer = nodeOf('layer');
    const read = async (): Promise<Index> => indexOf([layer, { ...layer, size: 2 }]);
    await expect(collect(nodeOf('root'), { read })).rejects.toMatchObject({
      code: 'ERR_DOCUMENT_INVALID',
      message: `Cannot read "${layer.digest}": it is declared with 1 bytes and with 2 bytes`,
    });
  });

  it('reports what is wrong with a piece, and continues without it', async () => {
    const { read } = graphOf({ root: ['bad', 'good'], good: ['layer'], bad: ['lost'] });
    const problems: string[] = [];
    const nodes = await collect(nodeOf('root'), {
      read: async (target) => {
        if (target.digest === nodeOf('bad').digest) throw new SaddlebagError('ERR_DOCUMENT_INVALID', 'bad');
        return await read(target);
      },
      ahead: 4,
      onProblem: ({ digest }, { message }) => problems.push(`${NAMES.get(digest)}: ${message}`),
    });
    expect(nodes.map(nameOf)).toEqual(['layer', 'good', 'root']);
    expect(problems).toEqual(['bad: bad']);
  });

  it('lets a bug through, whether or not problems are collected', async () => {
    const bug = new TypeError('a bug');
    const read = async (): Promise<Index> => await Promise.reject(bug);
    await expect(collect(nodeOf('root'), { read, onProblem: () => undefined })).rejects.toBe(bug);
  });

  it('skips what it is told to, and asks once about each piece', async () => {
    const { read, reads } = graphOf({ root: ['one', 'two', 'two'], one: ['layer'], two: ['other'] });
    const asked: string[] = [];
    const nodes = await collect(nodeOf('root'), {
      read,
      ahead: 4,
      enter: ({ digest }) => {
        asked.push(NAMES.get(digest) ?? '');
        return digest !== nodeOf('two').digest;
      },
    });
    expect(nodes.map(nameOf)).toEqual(['layer', 'one', 'root']);
    expect(reads).toEqual(['root', 'one']);
    expect(asked).toEqual(['root', 'one', 'two', 'layer']);
  });

  it('reads no more ahead than it is asked to, and nothing when it is stopped', async () => {
    const parts = Array.from({ length: 20 }, (_, number) => `part ${number}`);
    const { read } = graphOf({ root: parts, ...Object.fromEntries(parts.map((part) => [part, ['layer']])) });
    let [running, most, total] = [0, 0, 0];
    const walk = walkGraph(nodeOf('root'), {
      ahead: 3,
      read: async (target) => {
        most = Math.max(most, ++running);
        total += 1;
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return await read(target);
      },
    });
    for await (const node of walk) if (nameOf(node) === 'part 0') break;
    expect(most).toBe(3);
    expect(running).toBe(0);
    expect(total).toBeLessThan(7);
  });

  it('stops when it is interrupted', async () => {
    const stop = new AbortController();
    const { read } = graphOf({ root: ['one', 'two'], one: ['layer'], two: ['layer'] });
    const seen: string[] = [];
    const walk = async (): Promise<void> => {
      for await (const node of walkGraph(nodeOf('root'), { read, signal: stop.signal })) {
        seen.push(nameOf(node));
        stop.abort();
      }
    };
    await expect(walk()).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(seen).toEqual(['layer']);
  });
});

/** Children by name; what has no entry is a layer. */
type Graph = Readonly<Record<string, readonly string[]>>;

const NAMES = new Map<string, string>();

function nodeOf(name: string, graph: Graph = {}): Descriptor {
  const digest = digestOf(name);
  NAMES.set(digest, name);
  const isLayer = /^(layer|other|lost)/.test(name) && graph[name] === undefined;
  return { mediaType: isLayer ? MEDIA_TYPE.ociLayer : MEDIA_TYPE.ociIndex, digest, size: 1 };
}

function nameOf({ descriptor }: GraphNode): string {
  return NAMES.get(descriptor.digest) ?? '';
}

function indexOf(manifests: readonly Descriptor[]): Index {
  return { type: 'index', mediaType: MEDIA_TYPE.ociIndex, manifests };
}

/** Returns a reader of documents that are not verified, so that they may be anything. */
function graphOf(graph: Graph): { read: (target: Descriptor) => Promise<Manifest | Index>; reads: string[] } {
  const reads: string[] = [];
  const read = async ({ digest }: Descriptor): Promise<Index> => {
    const name = NAMES.get(digest) ?? '';
    reads.push(name);
    await new Promise((resolve) => setImmediate(resolve));
    return indexOf((graph[name] ?? []).map((child) => nodeOf(child, graph)));
  };
  return { read, reads };
}

async function collect(root: Descriptor, options: WalkOptions): Promise<GraphNode[]> {
  return await Array.fromAsync(walkGraph(root, options));
}
