import { describe, expect, it } from 'vitest';
import { memoryArchive } from '../../../src/archive/memory.ts';
import { walkItem } from '../../../src/bundle/plan/graph.ts';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import type { Item } from '../../../src/bundle/format/item.ts';
import { readBundle } from '../../../src/bundle/open.ts';
import type { OpenBundle } from '../../../src/bundle/bundle.ts';
import { streamOf } from '../../../src/internal/bytes.ts';
import { type Descriptor, encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import type { GraphNode } from '../../../src/oci/graph.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { BlobStore } from '../../../src/oci/roles.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';

async function open(): Promise<OpenBundle> {
  return await readBundle(memoryArchive(sampleBundle().files), { path: 'lab' });
}

/** Returns a store of these contents, and an image item for the last of them. */
function storeOf(contents: readonly Uint8Array[], mediaType: string): { store: BlobStore; item: Item } {
  const blobs = new Map(contents.map((bytes) => [digestOf(bytes), bytes]));
  const root = contents.at(-1) ?? Buffer.alloc(0);
  return {
    store: {
      sizeOf: (digest) => blobs.get(digest)?.length,
      fetch: ({ digest }) => streamOf(blobs.get(digest) ?? Buffer.alloc(0)),
    },
    item: {
      kind: 'image',
      name: 'docker.io/a/b:1',
      descriptor: { mediaType, digest: digestOf(root), size: root.length },
      audience: ['registry'],
    },
  };
}

function indexOf(manifests: readonly Descriptor[]): Buffer {
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociIndex,
    manifests: manifests.map(encodeDescriptor),
  };
  return Buffer.from(JSON.stringify(index));
}

describe('the graph of an item', () => {
  it('has every blob that was planned for it, each once, the root last', async () => {
    await using bundle = await open();
    for (const item of bundle.document.items) {
      const nodes = await walked(bundle, item);
      const digests = nodes.map(({ descriptor }) => descriptor.digest);
      expect(digests.at(-1)).toBe(item.descriptor.digest);
      expect(new Set(digests).size).toBe(digests.length);
    }
    const all = await Promise.all(bundle.document.items.map((item) => walked(bundle, item)));
    const reached = new Set(all.flat().map(({ descriptor }) => descriptor.digest));
    expect(reached).toEqual(new Set(bundle.document.blobs.map(({ digest }) => digest)));
  });

  it('lacks nothing without saying so', async () => {
    const image = sampleImage({ name: 'x' });
    const [, ...blobs] = image.blobs;
    const contents = [...blobs, ...image.manifests].map(({ bytes }) => bytes);
    const { store, item } = storeOf(contents, MEDIA_TYPE.ociManifest);
    const walk = walked(store, item);
    await expect(walk).rejects.toMatchObject({
      code: 'ERR_BUNDLE_INVALID',
      message: expect.stringContaining(`it needs blob "${image.blobs[0]?.descriptor.digest}"`),
    });
    const problems: string[] = [];
    const nodes = await walked(store, item, { onProblem: (digest) => problems.push(digest) });
    expect(problems).toEqual([image.blobs[0]?.descriptor.digest]);
    expect(nodes).toHaveLength(contents.length);
  });

  it('notices a size that two documents tell differently', async () => {
    const child = Buffer.from('{}');
    const root = indexOf([{ mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(child), size: 3 }]);
    const { store, item } = storeOf([child, root], MEDIA_TYPE.ociIndex);
    await expect(walked(store, item)).rejects.toMatchObject({ code: 'ERR_SIZE_MISMATCH' });
  });

  it('notices a manifest that is of another type than declared [B-ITEM-5]', async () => {
    const image = sampleImage({ name: 'x' });
    const contents = [...image.blobs, ...image.manifests].map(({ bytes }) => bytes);
    const { store, item } = storeOf(contents, MEDIA_TYPE.dockerManifest);
    await expect(walked(store, item)).rejects.toThrow('is declared as "application/vnd.docker');
  });

  it('notices what is not a manifest [B-ITEM-5]', async () => {
    const { store, item } = storeOf([Buffer.from('{"layers":1}')], MEDIA_TYPE.ociManifest);
    await expect(walked(store, item)).rejects.toMatchObject({ code: 'ERR_DOCUMENT_INVALID' });
  });

  it('may leave out platforms that the bundle did not keep, but none that it did', async () => {
    const image = sampleImage({ name: 'x', platforms: ['linux/amd64', 'linux/arm64'] });
    const [amd64, arm64] = image.manifests.map(({ descriptor }) => descriptor);
    const contents = [...image.blobs, ...image.manifests]
      .filter(({ descriptor }) => descriptor.digest !== arm64?.digest)
      .map(({ bytes }) => bytes);
    const { store, item } = storeOf(contents, MEDIA_TYPE.ociIndex);
    await expect(walked(store, item)).rejects.toThrow(`it needs blob "${arm64?.digest}"`);
    const kept: Item = { ...item, kind: 'image', platforms: ['linux/amd64'] };
    const nodes = await walked(store, kept);
    expect(nodes.map(({ descriptor }) => descriptor.digest)).toContain(amd64?.digest);
    const both: Item = { ...item, kind: 'image', platforms: ['linux/amd64', 'linux/arm64'] };
    await expect(walked(store, both)).rejects.toThrow(`it needs blob "${arm64?.digest}"`);
  });

  it('of indexes in indexes does not take longer than it has parts', async () => {
    // Each index names the one below 50 times: read as a tree, it has 50^8 leaves.
    let below = indexOf([]);
    const contents: Buffer[] = [below];
    for (let depth = 0; depth < 8; depth++) {
      const child = { mediaType: MEDIA_TYPE.ociIndex, digest: digestOf(below), size: below.length };
      below = indexOf(Array.from({ length: 50 }, () => child));
      contents.push(below);
    }
    const { store, item } = storeOf(contents, MEDIA_TYPE.ociIndex);
    expect(await walked(store, item)).toHaveLength(9);
  });

  it('reads documents that items share only once', async () => {
    const { files } = sampleBundle();
    const read = new Map<string, number>();
    const archive = memoryArchive(files);
    await using bundle = await readBundle(
      {
        ...archive,
        stream: (path, options) => {
          read.set(path, (read.get(path) ?? 0) + 1);
          return archive.stream(path, options);
        },
      },
      { path: 'lab' },
    );
    const manifests = new Set<string>();
    for (const item of [...bundle.document.items, ...bundle.document.items])
      for (const { descriptor, document } of await walked(bundle, item))
        if (document !== undefined) manifests.add(blobPath(descriptor.digest));
    expect([...manifests].map((path) => read.get(path))).toEqual([...manifests].map(() => 1));
  });
});

async function walked(...parameters: Parameters<typeof walkItem>): Promise<GraphNode[]> {
  return await Array.fromAsync(walkItem(...parameters));
}
