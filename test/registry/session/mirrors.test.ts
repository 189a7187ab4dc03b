import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { openTestClient, readContent } from '../../support/registry/client.ts';
import { sampleFetcher } from '../../support/samples/sample-fetcher.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';

const image = sampleImage({ name: 'mirrored', layerBytes: 200_000 });
const layer = image.blobs[1]?.descriptor ?? image.root;

describe('mirrors', () => {
  it('are asked in their order, and the registry itself last', async () => {
    await using first = await startRegistry();
    await using second = await startRegistry();
    await using own = await startRegistry();
    await own.seed('team/app', image, 'v1');
    await using client = openTestClient({
      settings: { mirrors: { [own.host]: { endpoint: [first.url, second.url] } } },
    });
    expect(await client.open(own.host).repository('team/app').resolve('v1')).toEqual(image.root);
    const asked = [first, second, own].map(({ log }) => log.count('HEAD manifest'));
    expect(asked).toEqual([1, 1, 1]);
  });

  it('spare the registry what they have', async () => {
    await using mirror = await startRegistry();
    await mirror.seed('team/app', image, 'v1');
    await using own = await startRegistry();
    await using client = openTestClient({
      settings: { mirrors: { [own.host]: { endpoint: [mirror.url] } } },
    });
    const repository = client.open(own.host).repository('team/app');
    expect(digestOf(await readContent(repository, image.root))).toBe(image.root.digest);
    expect(digestOf(await readContent(repository, layer))).toBe(layer.digest);
    expect(own.log.entries).toEqual([]);
  });

  it('stand in for Docker Hub, under the names that rewrite gives', async () => {
    await using mirror = await startRegistry();
    await mirror.seed('hub/rancher/rancher', image, 'v2.9.2');
    const endpoint = [mirror.url];
    const rewrite = { '^rancher/(.*)$': 'hub/rancher/$1' };
    await using client = openTestClient({ settings: { mirrors: { 'docker.io': { endpoint, rewrite } } } });
    const repository = client.open('docker.io').repository('rancher/rancher');
    expect(await repository.resolve('v2.9.2')).toEqual(image.root);
    expect(digestOf(await readContent(repository, layer))).toBe(layer.digest);
  });

  it('are told whom they stand in for, as containerd tells them; the registry itself is not', async () => {
    await using mirror = await startRegistry();
    await using own = await startRegistry();
    await own.seed('team/app', image, 'v1');
    await using client = openTestClient({
      settings: { mirrors: { [own.host]: { endpoint: [mirror.url] } } },
    });
    const repository = client.open(own.host).repository('team/app');
    await repository.resolve('v1');
    await readContent(repository, layer);
    const asked = mirror.log.entries.filter(({ topic }) => topic !== 'ping').map(({ path }) => path);
    const query = `ns=${encodeURIComponent(own.host)}`;
    expect(asked).toEqual([
      `/v2/team/app/manifests/v1?${query}`,
      `/v2/team/app/blobs/${layer.digest}?${query}`,
    ]);
    expect(own.log.entries.filter(({ path }) => path.includes('ns='))).toEqual([]);
  });

  it('stand in for every registry under "*"', async () => {
    await using mirror = await startRegistry();
    await mirror.seed('team/app', image, 'v1');
    await using client = openTestClient({ settings: { mirrors: { '*': { endpoint: [mirror.url] } } } });
    expect(await client.open('registry.example').repository('team/app').resolve('v1')).toEqual(image.root);
  });

  it('take over in the middle of a blob', async () => {
    await using broken = await startRegistry({
      faults: [
        { on: 'GET blob', action: { type: 'drop', afterBytes: 70_000 } },
        { on: 'GET blob', times: 9, action: { type: 'status', status: 503 } },
      ],
    });
    await broken.seed('team/app', image);
    await using own = await startRegistry();
    await own.seed('team/app', image);
    await using client = openTestClient({
      settings: { mirrors: { [own.host]: { endpoint: [broken.url] } } },
    });
    const repository = client.open(own.host).repository('team/app');
    expect(digestOf(await readContent(repository, layer))).toBe(layer.digest);
    expect(own.log.entries.find(({ topic }) => topic === 'blob')?.headers.range).toBe('bytes=70000-');
  });

  it('that send a manifest with another digest are passed over', async () => {
    await using wrong = await startRegistry({
      faults: [{ on: 'GET manifest', action: { type: 'corrupt', atByte: 5 } }],
    });
    await wrong.seed('team/app', image);
    await using own = await startRegistry();
    await own.seed('team/app', image);
    await using client = openTestClient({ settings: { mirrors: { [own.host]: { endpoint: [wrong.url] } } } });
    const repository = client.open(own.host).repository('team/app');
    expect(digestOf(await readContent(repository, image.root))).toBe(image.root.digest);
  });

  it('that are not there are passed over, and asked no second time', async () => {
    const gone = await startRegistry();
    await gone[Symbol.asyncDispose]();
    await using own = await startRegistry();
    await own.seed('team/app', image, 'v1');
    await using client = openTestClient({ settings: { mirrors: { [own.host]: { endpoint: [gone.url] } } } });
    const repository = client.open(own.host).repository('team/app');
    expect(await repository.resolve('v1')).toEqual(image.root);
    expect(await repository.resolve('v1')).toEqual(image.root);
  });

  it('are named in the error when neither they nor the registry has an answer', async () => {
    await using own = await startRegistry();
    await using failing = await startRegistry({
      faults: [{ on: 'HEAD manifest', times: 9, action: { type: 'status', status: 403 } }],
    });
    const gone = await startRegistry();
    await gone[Symbol.asyncDispose]();
    const endpoint = [gone.url, failing.url];
    await using client = openTestClient({ settings: { mirrors: { [own.host]: { endpoint } } } });
    await expect(client.open(own.host).repository('team/app').resolve('v1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_DENIED',
      message: expect.stringMatching(new RegExp(`${gone.host}.*${failing.host}`)),
    });
  });

  it('are never written to', async () => {
    await using mirror = await startRegistry();
    await using own = await startRegistry();
    await own.seed('team/app', { ...image, manifests: [] });
    await using client = openTestClient({
      settings: { mirrors: { [own.host]: { endpoint: [mirror.url] } } },
    });
    const repository = client.open(own.host).repository('team/app');
    await repository.tag(image.root, sampleFetcher(image), 'v1');
    expect(await repository.has(image.root)).toBe(true);
    expect(mirror.log.entries).toEqual([]);
  });
});
