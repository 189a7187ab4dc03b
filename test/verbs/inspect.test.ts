import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectBundle } from '../../src/verbs/inspect.ts';
import { plannedImage } from '../support/planned/items.ts';
import { SAMPLES, sampleBundle, type SampleBundle } from '../support/samples/sample-bundle.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { NOBODY } from '../support/surroundings.ts';

async function inspect(sample: SampleBundle): Promise<Awaited<ReturnType<typeof inspectBundle>>> {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lab.tar');
  writeFileSync(path, sample.tar);
  return { ...(await inspectBundle({ path }, NOBODY)), path: 'lab.tar' };
}

describe('inspect', () => {
  it('tells what is in a bundle, and how large it is', async () => {
    const sample = sampleBundle();
    const result = await inspect(sample);
    expect(result).toMatchObject({
      root: sample.plan.root,
      name: 'lab',
      path: 'lab.tar',
      form: 'tar',
      blobs: sample.plan.blobs.length,
      bytes: [...sample.files.values()].reduce((sum, { length }) => sum + length, 0),
    });
    expect(result.items.map(({ kind, name }) => [kind, name])).toEqual([
      ['file', 'empty.txt'],
      ['file', 'tool.bin'],
      ['image', 'docker.io/library/busybox:1.36'],
      ['image', 'docker.io/rancher/rancher:v2.9.2'],
      ['k3s', 'v1.30.6+k3s1'],
    ]);
  });

  it('gives each item the size of all that it is made of, and how much of that others share', async () => {
    const { items } = await inspect(sampleBundle());
    const base = sampleBundle([
      plannedImage('docker.io/a/base:1', { layers: 0, sharedLayers: ['base'], layerBytes: 2000 }),
    ]);
    const baseLayer = Math.max(...base.plan.document.blobs.map(({ size }) => size));
    for (const item of items) {
      const planned = SAMPLES.find((one) => one.planned.item.name === item.name)?.planned;
      const sizes = new Map(planned?.blobs.map(({ descriptor }) => [descriptor.digest, descriptor.size]));
      expect(item.bytes).toBe([...sizes.values()].reduce((sum, size) => sum + size, 0));
      // Images share a layer; artifacts share the empty config, two bytes.
      expect(item.sharedBytes).toBe(item.kind === 'image' ? baseLayer : 2);
    }
  });

  it('adds up each kind, with every blob once', async () => {
    const { items, kinds } = await inspect(sampleBundle());
    expect(Object.fromEntries(kinds.map(({ kind, items: count }) => [kind, count]))).toEqual({
      file: 2,
      image: 2,
      k3s: 1,
    });
    const sizes = kinds.map(({ bytes }) => bytes);
    expect(sizes).toEqual(sizes.toSorted((left, right) => right - left));
    for (const { kind, bytes, savedBytes } of kinds) {
      const own = items.filter((item) => item.kind === kind);
      expect(bytes + savedBytes).toBe(own.reduce((sum, item) => sum + item.bytes, 0));
      // Two images have their layer in common; two files the empty config, and nothing else is in two items.
      expect(savedBytes).toBe(own.length === 1 ? 0 : own[0]?.sharedBytes);
    }
  });

  it('tells the platforms of images, from the index or else from the config', async () => {
    const { items } = await inspect(
      sampleBundle([
        plannedImage('docker.io/a/one:1', { platforms: ['linux/arm/v7'] }),
        plannedImage('docker.io/a/two:1', { platforms: ['windows/amd64', 'linux/amd64'] }),
        plannedImage('docker.io/a/three:1', { format: 'docker' }),
      ]),
    );
    expect(items.map(({ name, platforms }) => [name, platforms])).toEqual([
      ['docker.io/a/one:1', ['linux/arm/v7']],
      ['docker.io/a/three:1', ['linux/amd64']],
      ['docker.io/a/two:1', ['linux/amd64', 'windows/amd64']],
    ]);
  });

  it('lists the files of everything that is not an image', async () => {
    const { items } = await inspect(sampleBundle());
    const k3s = items.find(({ kind }) => kind === 'k3s');
    expect(k3s?.files?.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['k3s', 1000],
      ['k3s-airgap-images-amd64.tar.zst', 1000],
      ['sha256sum-amd64.txt', 1000],
    ]);
    expect(items.filter(({ kind, files }) => (kind === 'image') === (files !== undefined))).toEqual([]);
  });

  it('does not trust a manifest that was changed', async () => {
    const sample = sampleBundle();
    const root = sample.plan.document.items.at(-1)?.descriptor.digest.slice(7) ?? '';
    const entry = sample.layout.entries.find(({ path }) => path.endsWith(root));
    const tar = Buffer.from(sample.tar);
    const at = (entry?.position ?? 0) + 30;
    tar.writeUInt8(tar.readUInt8(at) ^ 1, at);
    await expect(inspect({ ...sample, tar })).rejects.toMatchObject({ code: 'ERR_DIGEST_MISMATCH' });
  });
});
