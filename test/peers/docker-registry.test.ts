import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { streamOf } from '../../src/internal/bytes.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import { createCredentialStore } from '../../src/registry/credentials/store.ts';
import { tlsFor } from '../../src/registry/settings/tls.ts';
import { describeRegistry } from '../contracts/registry.ts';
import { makeCertificates } from '../support/http/certificate.ts';
import { startCuttingProxy } from '../support/http/cutting-proxy.ts';
import { DOCKER_REGISTRY_USER, startDockerRegistry } from '../support/registry/docker-registry.ts';
import { requirePeer } from '../support/peers/peers.ts';
import { openTestClient } from '../support/registry/client.ts';
import { sampleFetcher } from '../support/samples/sample-fetcher.ts';
import { incompressibleBytes, sampleImage } from '../support/samples/sample-image.ts';

const PASSWORD = { type: 'password', ...DOCKER_REGISTRY_USER } as const;

describeRegistry('docker-registry', async (context) =>
  startDockerRegistry({ program: requirePeer(context, 'docker-registry') }),
);

describeRegistry('docker-registry with htpasswd', async (context) => ({
  ...(await startDockerRegistry({ program: requirePeer(context, 'docker-registry'), htpasswd: true })),
  credential: PASSWORD,
}));

describeRegistry('docker-registry with htpasswd and TLS, by registries.yaml', async (context) => {
  const program = requirePeer(context, 'docker-registry');
  const folder = await mkdtemp(join(tmpdir(), 'saddlebag-peer-'));
  const tls = await makeCertificates(requirePeer(context, 'openssl'), folder);
  const server = await startDockerRegistry({ program, htpasswd: true, tls });
  const settings = {
    configs: { [server.host]: { auth: DOCKER_REGISTRY_USER, tls: { ca_file: tls.caFile } } },
  };
  const credential = await createCredentialStore({ settings, env: {}, home: folder }).find(server.host);
  return {
    host: server.host,
    tls: tlsFor(settings),
    ...(credential === undefined ? {} : { credential }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

describe('docker-registry', () => {
  it('that is read-only refuses a blob and a manifest, and is not asked again', async (context) => {
    const program = requirePeer(context, 'docker-registry');
    await using server = await startDockerRegistry({ program, readOnly: true });
    await using client = openTestClient();
    const repository = client.open(server.host).repository('team/app');
    const image = sampleImage();
    const blob = image.blobs[0]?.descriptor ?? image.root;
    const refused = { code: 'ERR_REGISTRY_FAILED', status: 405, words: 'Method not allowed' };
    await expect(repository.push(blob, sampleFetcher(image))).rejects.toMatchObject(refused);
    await expect(repository.tag(image.root, sampleFetcher(image), 'v1')).rejects.toMatchObject(refused);
  });

  it('lists its tags, and says no for a repository that it does not have', async (context) => {
    const program = requirePeer(context, 'docker-registry');
    await using server = await startDockerRegistry({ program });
    await using client = openTestClient();
    const image = sampleImage();
    const repository = client.open(server.host).repository('team/app');
    for (const { descriptor } of image.blobs) await repository.push(descriptor, sampleFetcher(image));
    for (const tag of ['v1.0.0', 'v1.1.0', 'latest'])
      await repository.tag(image.root, sampleFetcher(image), tag);
    expect([...((await repository.listTags?.()) ?? [])].sort()).toEqual(['latest', 'v1.0.0', 'v1.1.0']);
    await expect(client.open(server.host).repository('team/other').listTags?.()).rejects.toMatchObject({
      code: 'ERR_UPSTREAM_NOT_FOUND',
      status: 404,
    });
  });

  it('gets a large blob whole over a line that breaks in the middle of it', async (context) => {
    const program = requirePeer(context, 'docker-registry');
    await using server = await startDockerRegistry({ program });
    const afterBytes = 3 * 1024 * 1024;
    await using line = await startCuttingProxy(Number(server.host.split(':')[1]), { afterBytes, times: 2 });
    await using client = openTestClient();
    const bytes = incompressibleBytes('over a bad line', 40 * 1024 * 1024);
    const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size: bytes.length };
    const repository = client.open(`http://${line.host}`).repository('team/app');
    await repository.push(blob, { fetch: () => streamOf(bytes) });
    expect(line.cuts()).toBe(2);
    expect(await client.open(server.host).repository('team/app').has(blob)).toBe(true);
  });

  it('takes a blob in chunks of a chosen size', async (context) => {
    const program = requirePeer(context, 'docker-registry');
    await using server = await startDockerRegistry({ program });
    await using client = openTestClient({ uploadChunk: 1_000_000 });
    const bytes = incompressibleBytes('in chunks', 3_500_000);
    const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size: bytes.length };
    const repository = client.open(server.host).repository('team/app');
    await repository.push(blob, { fetch: (_target, { offset } = {}) => streamOf(bytes, offset) });
    expect(await repository.has(blob)).toBe(true);
  });

  it('names the user it does not let in, and not the password', async (context) => {
    const program = requirePeer(context, 'docker-registry');
    await using server = await startDockerRegistry({ program, htpasswd: true });
    const wrong = { ...PASSWORD, password: 'battery-staple' };
    await using client = openTestClient({ credentials: { [server.host]: wrong } });
    const error: unknown = await client
      .open(server.host)
      .ping()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'ERR_REGISTRY_DENIED',
      hint: expect.stringContaining('user "saddlebag"'),
    });
    expect(`${error instanceof Error ? error.stack : ''}${JSON.stringify(error)}`).not.toContain(
      'battery-staple',
    );
  });

  it('that takes no foreign layers gets a hint how it would', async (context) => {
    const program = requirePeer(context, 'docker-registry');
    await using server = await startDockerRegistry({ program });
    await using client = openTestClient();
    const repository = client.open(server.host).repository('team/app');
    const bytes = Buffer.from('layer');
    const blob = { mediaType: MEDIA_TYPE.dockerConfig, digest: digestOf(bytes), size: bytes.length };
    await repository.push(blob, { fetch: () => streamOf(bytes) });
    const foreign = {
      ...blob,
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      urls: ['https://layers.example/1'],
    };
    const document = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.dockerManifest,
      config: blob,
      layers: [foreign],
    };
    const manifest = Buffer.from(JSON.stringify(document));
    const target = {
      mediaType: MEDIA_TYPE.dockerManifest,
      digest: digestOf(manifest),
      size: manifest.length,
    };
    await expect(repository.push(target, { fetch: () => streamOf(manifest) })).rejects.toMatchObject({
      code: 'ERR_REGISTRY_FAILED',
      hint: expect.stringContaining('validation.manifests.urls.allow'),
    });
  });

  it('takes a blob after a connection that broke in the middle of it', async (context) => {
    const program = requirePeer(context, 'docker-registry');
    await using server = await startDockerRegistry({ program });
    await using client = openTestClient();
    const repository = client.open(server.host).repository('team/app');
    const bytes = Buffer.alloc(3_000_000, 'x');
    const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size: bytes.length };
    const stop = new AbortController();
    const half = {
      fetch: async function* () {
        yield bytes.subarray(0, 1_000_000);
        stop.abort();
        yield bytes.subarray(1_000_000);
      },
    };
    await expect(repository.push(blob, half, { signal: stop.signal })).rejects.toMatchObject({
      code: 'ERR_INTERRUPTED',
    });
    await repository.push(blob, { fetch: () => streamOf(bytes) });
    expect(await repository.has(blob)).toBe(true);
  });
});
