import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import type { RegistryAuth } from '../../support/registry/auth.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { openTestClient, readContent } from '../../support/registry/client.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';

const USER = { username: 'operator', password: 'correct horse' };
const credential = { type: 'password', ...USER } as const;
const image = sampleImage({ name: 'redirected', layerBytes: 200_000 });
const layer = image.blobs[1]?.descriptor ?? image.root;

describe.each<RegistryAuth>([
  { scheme: 'basic', ...USER },
  { scheme: 'bearer', ...USER },
])('credentials for a registry with $scheme authentication', (auth) => {
  it('do not follow a blob to another origin', async () => {
    await using storage = await startRegistry();
    await storage.seed('team/app', image);
    await using registry = await startRegistry({
      auth,
      faults: [{ on: 'GET blob', times: 9, action: { type: 'redirect', to: storage.url } }],
    });
    await registry.seed('team/app', image, 'v1');
    await using client = openTestClient({ credentials: { [registry.host]: credential } });
    const repository = client.open(registry.host).repository('team/app');
    expect(digestOf(await readContent(repository, layer))).toBe(layer.digest);
    expect(storage.log.count('GET blob')).toBe(1);
    expect(storage.log.entries.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  it('do not follow a manifest to another origin', async () => {
    await using other = await startRegistry();
    await other.seed('team/app', image, 'v1');
    await using registry = await startRegistry({
      auth,
      faults: [{ on: 'HEAD manifest', times: 9, action: { type: 'redirect', to: other.url } }],
    });
    await using client = openTestClient({ credentials: { [registry.host]: credential } });
    expect(await client.open(registry.host).repository('team/app').resolve('v1')).toEqual(image.root);
    expect(other.log.entries.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('do not go to the storage service that a registry has uploads sent to', async () => {
    await using storage = await startRegistry();
    const location = `${storage.url}/v2/team/app/blobs/uploads/elsewhere?_state=0`;
    await using registry = await startRegistry({
      auth,
      faults: [
        { on: 'POST upload', times: 9, action: { type: 'status', status: 202, headers: { location } } },
      ],
    });
    await using client = openTestClient({ credentials: { [registry.host]: credential } });
    const repository = client.open(registry.host).repository('team/app');
    const bytes = image.blobs[0]?.bytes ?? new Uint8Array();
    const blob = image.blobs[0]?.descriptor ?? image.root;
    await expect(
      repository.push(blob, {
        fetch: async function* () {
          yield bytes;
        },
      }),
    ).rejects.toMatchObject({ code: 'ERR_UPSTREAM_NOT_FOUND' });
    expect(storage.log.count('PUT upload')).toBeGreaterThan(0);
    expect(storage.log.entries.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  it('do not go to the place where a foreign layer is kept', async () => {
    await using elsewhere = await startRegistry();
    await elsewhere.seed('layers', image);
    await using registry = await startRegistry({ auth });
    const urls = [`${elsewhere.url}/v2/layers/blobs/${layer.digest}`];
    await using client = openTestClient({ credentials: { [registry.host]: credential } });
    const repository = client.open(registry.host).repository('team/app');
    expect(digestOf(await readContent(repository, { ...layer, urls }))).toBe(layer.digest);
    expect(elsewhere.log.entries.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('do not go to a mirror', async () => {
    await using mirror = await startRegistry({ auth });
    await using registry = await startRegistry({ auth });
    await registry.seed('team/app', image, 'v1');
    await using client = openTestClient({
      credentials: { [registry.host]: credential },
      settings: { mirrors: { [registry.host]: { endpoint: [mirror.url] } } },
    });
    expect(await client.open(registry.host).repository('team/app').resolve('v1')).toEqual(image.root);
    expect(mirror.log.entries.length).toBeGreaterThan(0);
    expect(mirror.log.entries.filter(({ headers }) => headers.authorization?.startsWith('Basic'))).toEqual(
      [],
    );
  });
});
