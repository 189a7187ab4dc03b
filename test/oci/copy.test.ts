import { describe, expect, it } from 'vitest';
import { collectBytes } from '../../src/internal/bytes.ts';
import { Gate } from '../../src/internal/gate.ts';
import { copyGraph, type CopyEvent } from '../../src/oci/copy.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { Ledger } from '../../src/oci/ledger.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import type { Repository } from '../../src/oci/roles.ts';
import { sampleFetcher } from '../support/samples/sample-fetcher.ts';
import { sampleImage } from '../support/samples/sample-image.ts';

describe('copyGraph', () => {
  it('brings children before parents, each once', async () => {
    const image = sampleImage({ platforms: ['linux/amd64', 'linux/arm64'], sharedLayers: ['base'] });
    const { repository, pushed } = recorder();
    await copyGraph(image.root, { from: sampleFetcher(image), to: repository });
    const order = pushed.map(({ digest }) => digest);
    expect(new Set(order).size).toBe(order.length);
    expect([...order].sort()).toEqual(
      [...image.blobs, ...image.manifests].map(({ descriptor }) => descriptor.digest).sort(),
    );
    expect(order.at(-1)).toBe(image.root.digest);
    for (const { descriptor, bytes } of image.manifests.slice(0, -1))
      for (const [, child = ''] of Buffer.from(bytes)
        .toString()
        .matchAll(/"digest":"(sha256:[0-9a-f]+)"/g))
        expect(order.findIndex((digest) => digest === child)).toBeLessThan(order.indexOf(descriptor.digest));
  });

  it('moves nothing below a manifest that is there', async () => {
    const image = sampleImage();
    const { repository, asked, pushed } = recorder({ has: [image.root] });
    const events: CopyEvent[] = [];
    await copyGraph(image.root, {
      from: sampleFetcher(image),
      to: repository,
      onEvent: (event) => events.push(event),
    });
    expect(asked).toEqual([image.root.digest]);
    expect(pushed).toEqual([]);
    expect(events).toEqual([{ type: 'present', target: image.root }]);
  });

  it('mounts what another repository is known to have, and sends what cannot be mounted', async () => {
    const image = sampleImage();
    const [config, layer] = image.blobs.map(({ descriptor }) => descriptor);
    const { repository, pushed } = recorder({ mountable: layer === undefined ? [] : [layer] });
    const events: CopyEvent[] = [];
    await copyGraph(image.root, {
      from: sampleFetcher(image),
      to: repository,
      mountFrom: () => 'team/base',
      onEvent: (event) => events.push(event),
    });
    expect(events.filter(({ type }) => type === 'mounted').map(({ target }) => target.digest)).toEqual([
      layer?.digest,
    ]);
    expect(pushed.map(({ digest }) => digest)).toContain(config?.digest);
  });

  it('sends a blob shared by repositories once, and mounts it in the others', async () => {
    const images = ['one', 'two', 'three'].map((name) =>
      sampleImage({ name, layers: 0, sharedLayers: ['base'] }),
    );
    const base = images[0]?.blobs[1]?.descriptor ?? fail();
    const ledger = new Ledger();
    const gate = new Gate(1);
    const events: CopyEvent[] = [];
    await Promise.all(
      images.map((image, index) =>
        copyGraph(image.root, {
          from: sampleFetcher(image),
          to: recorder({ mountable: [base] }).repository,
          repository: `team/${index}`,
          ledger,
          gate,
          onEvent: (event) => events.push(event),
        }),
      ),
    );
    const ofBase = events.filter(({ target }) => target.digest === base.digest).map(({ type }) => type);
    expect(ofBase.sort()).toEqual(['mounted', 'mounted', 'pushed']);
  });

  it('keeps to the gate', async () => {
    const image = sampleImage({ layers: 12 });
    let running = 0;
    let most = 0;
    const { repository } = recorder();
    const counted: Repository = {
      ...repository,
      push: async (expected, content) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        await repository.push(expected, content);
        running -= 1;
      },
    };
    await copyGraph(image.root, { from: sampleFetcher(image), to: counted, gate: new Gate(3) });
    expect(most).toBe(3);
  });

  it('throws the first failure, and pushes no parent of what is missing', async () => {
    const image = sampleImage({ platforms: ['linux/amd64', 'linux/arm64'] });
    const refused = image.blobs[1]?.descriptor ?? fail();
    const { repository, pushed } = recorder();
    const broken = new Error('refused');
    const failing: Repository = {
      ...repository,
      push: async (expected, content) => {
        if (expected.digest === refused.digest) throw broken;
        await repository.push(expected, content);
      },
    };
    await expect(copyGraph(image.root, { from: sampleFetcher(image), to: failing })).rejects.toBe(broken);
    expect(pushed.map(({ digest }) => digest)).not.toContain(image.root.digest);
  });

  it('leaves nothing running when it throws', async () => {
    const image = sampleImage({ layers: 3 });
    const [config, slow] = image.blobs.map(({ descriptor }) => descriptor);
    let running = 0;
    const { repository } = recorder();
    const mixed: Repository = {
      ...repository,
      push: async (expected, _content, { signal } = {}) => {
        if (expected.digest === config?.digest) throw new Error('refused');
        if (expected.digest !== slow?.digest) return;
        running += 1;
        await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
        running -= 1;
      },
    };
    await expect(copyGraph(image.root, { from: sampleFetcher(image), to: mixed })).rejects.toThrow('refused');
    expect(running).toBe(0);
  });

  it('does not start when it is interrupted before', async () => {
    const image = sampleImage();
    const { repository, asked } = recorder();
    const signal = AbortSignal.abort();
    await expect(
      copyGraph(image.root, { from: sampleFetcher(image), to: repository, signal }),
    ).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(asked).toEqual([]);
  });

  it('trusts no manifest that is not what its descriptor says', async () => {
    const image = sampleImage();
    const bytes = image.manifests[0]?.bytes ?? fail();
    const forged = Buffer.from(bytes);
    forged.writeUInt8(forged.readUInt8(30) ^ 1, 30);
    const { repository, pushed } = recorder();
    const from = {
      fetch: async function* () {
        yield forged;
      },
    };
    await expect(copyGraph(image.root, { from, to: repository })).rejects.toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
    });
    expect(pushed).toEqual([]);
  });

  it('refuses indexes that nest without end', async () => {
    const { contents, root } = nested(12);
    const { repository } = recorder();
    await expect(copyGraph(root, { from: contents, to: repository })).rejects.toMatchObject({
      code: 'ERR_DOCUMENT_INVALID',
      message: expect.stringContaining('nested'),
    });
  });
});

/** A repository in memory that writes down what is asked of it. */
function recorder(options: { has?: readonly Descriptor[]; mountable?: readonly Descriptor[] } = {}): {
  repository: Repository;
  asked: string[];
  pushed: Descriptor[];
} {
  const asked: string[] = [];
  const pushed: Descriptor[] = [];
  const isIn = (list: readonly Descriptor[] | undefined, target: Descriptor): boolean =>
    list?.some(({ digest }) => digest === target.digest) === true;
  const repository: Repository = {
    fetch: () => fail(),
    resolve: async () => undefined,
    tag: async () => undefined,
    has: async (target) => {
      asked.push(target.digest);
      return isIn(options.has, target) || isIn(pushed, target);
    },
    mount: async (target) => isIn(options.mountable, target),
    push: async (expected, content) => {
      const onExcess = (): Error => new Error('too long');
      await collectBytes(content.fetch(expected), { limit: 1024 * 1024, onExcess });
      pushed.push(expected);
    },
  };
  return { repository, asked, pushed };
}

function nested(depth: number): { contents: ReturnType<typeof sampleFetcher>; root: Descriptor } {
  const manifests = [...sampleImage().manifests];
  for (let level = 0; level < depth; level++) {
    const child = manifests.at(-1)?.descriptor;
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests: [child] }),
    );
    const descriptor = { mediaType: MEDIA_TYPE.ociIndex, digest: digestOf(bytes), size: bytes.length };
    manifests.push({ descriptor, bytes });
  }
  const root = manifests.at(-1)?.descriptor ?? fail();
  return { contents: sampleFetcher({ root, blobs: [], manifests }), root };
}

function fail(): never {
  throw new Error('Cannot test: the sample is not as expected');
}
