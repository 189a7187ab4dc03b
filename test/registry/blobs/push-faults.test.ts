import { describe, expect, it } from 'vitest';
import { streamOf } from '../../../src/internal/bytes.ts';
import { SaddlebagError } from '../../../src/internal/error.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { Fetcher } from '../../../src/oci/roles.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { openTestClient } from '../../support/registry/client.ts';
import type { Fault } from '../../support/registry/fault.ts';
import { sampleFetcher } from '../../support/samples/sample-fetcher.ts';
import { incompressibleBytes, sampleImage } from '../../support/samples/sample-image.ts';

const bytes = incompressibleBytes('pushed', 300_000);
const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf(bytes), size: bytes.length };
const content: Fetcher = { fetch: () => streamOf(bytes) };
const image = sampleImage({ name: 'pushed' });

describe('pushing a blob', () => {
  it.each<[string, Fault]>([
    ['the connection breaks', { on: 'PUT upload', action: { type: 'drop-upload', afterBytes: 100_000 } }],
    ['the registry fails', { on: 'PUT upload', action: { type: 'status', status: 500 } }],
    [
      'the session is lost',
      {
        on: 'PUT upload',
        action: { type: 'status', status: 404, body: { errors: [{ code: 'BLOB_UPLOAD_UNKNOWN' }] } },
      },
    ],
    [
      'the session has lost count',
      {
        on: 'PUT upload',
        action: { type: 'status', status: 400, body: { errors: [{ code: 'BLOB_UPLOAD_INVALID' }] } },
      },
    ],
    ['the range does not fit', { on: 'PUT upload', action: { type: 'status', status: 416 } }],
  ])('starts a new session when %s', async (_what, fault) => {
    await using registry = await startRegistry({ faults: [fault] });
    await using client = openTestClient();
    const repository = client.open(registry.host).repository('team/app');
    await repository.push(blob, content);
    expect(await repository.has(blob)).toBe(true);
    expect(registry.log.count('POST upload')).toBe(2);
  });

  it('gives up on a registry whose disk is full, and says so in its words', async () => {
    const body = { errors: [{ code: 'UNKNOWN', message: 'no space left on device' }] };
    await using registry = await startRegistry({
      faults: [{ on: 'PUT upload', times: 99, action: { type: 'status', status: 500, body } }],
    });
    await using client = openTestClient();
    await expect(client.open(registry.host).repository('team/app').push(blob, content)).rejects.toMatchObject(
      {
        code: 'ERR_REGISTRY_FAILED',
        status: 500,
        message: expect.stringContaining('no space left on device'),
      },
    );
    expect(registry.log.count('PUT upload')).toBe(5);
  });

  it.each([
    [403, 'ERR_REGISTRY_DENIED'],
    [405, 'ERR_REGISTRY_FAILED'],
    [413, 'ERR_REGISTRY_FAILED'],
  ])('does not try again what is refused with %i', async (status, code) => {
    await using registry = await startRegistry({
      faults: [{ on: 'POST upload', times: 9, action: { type: 'status', status } }],
    });
    await using client = openTestClient();
    await expect(client.open(registry.host).repository('team/app').push(blob, content)).rejects.toMatchObject(
      {
        code,
        status,
      },
    );
    expect(registry.log.count('POST upload')).toBe(1);
  });

  it('fails when the registry stored something else', async () => {
    const digest = digestOf('something else');
    await using registry = await startRegistry({
      faults: [{ on: 'PUT upload', action: { type: 'digest', digest } }],
    });
    await using client = openTestClient();
    await expect(client.open(registry.host).repository('team/app').push(blob, content)).rejects.toMatchObject(
      {
        code: 'ERR_REGISTRY_FAILED',
        message: expect.stringContaining(digest),
      },
    );
  });

  it('passes on what the source of the content throws, and asks no second time', async () => {
    await using registry = await startRegistry();
    await using client = openTestClient();
    const broken = new SaddlebagError('ERR_BUNDLE_DAMAGED', 'Cannot read blob: the stick was pulled out');
    let opened = 0;
    const failing: Fetcher = {
      fetch: async function* () {
        opened += 1;
        yield bytes.subarray(0, 1000);
        throw broken;
      },
    };
    await expect(client.open(registry.host).repository('team/app').push(blob, failing)).rejects.toBe(broken);
    expect(opened).toBe(1);
  });

  it('stops when it is interrupted', async () => {
    await using registry = await startRegistry();
    await using client = openTestClient();
    const stop = new AbortController();
    const stopping: Fetcher = {
      fetch: async function* () {
        yield bytes.subarray(0, 1000);
        stop.abort();
        yield bytes.subarray(1000);
      },
    };
    const pushing = client
      .open(registry.host)
      .repository('team/app')
      .push(blob, stopping, { signal: stop.signal });
    await expect(pushing).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});

describe('mounting a blob', () => {
  it('cancels the upload that a registry without mounts begins instead', async () => {
    await using registry = await startRegistry({ mounts: false });
    await using client = openTestClient();
    await client.open(registry.host).repository('team/base').push(blob, content);
    registry.log.clear();
    const repository = client.open(registry.host).repository('team/app');
    expect(await repository.mount(blob, 'team/base')).toBe(false);
    expect(registry.log.count('DELETE upload')).toBe(1);
    expect(registry.content.find('team/app')?.uploads.size).toBe(0);
  });

  it('takes a refusal for a no', async () => {
    await using registry = await startRegistry({
      faults: [{ on: 'POST upload', action: { type: 'status', status: 405 } }],
    });
    await using client = openTestClient();
    expect(await client.open(registry.host).repository('team/app').mount(blob, 'team/base')).toBe(false);
  });
});

describe('pushing a manifest', () => {
  it.each<[number, string, 'docker' | 'oci', boolean]>([
    [415, 'MANIFEST_INVALID', 'docker', true],
    [400, 'MANIFEST_INVALID', 'docker', true],
    [405, 'UNSUPPORTED', 'docker', true],
    [415, 'MANIFEST_INVALID', 'oci', false],
    [403, 'DENIED', 'docker', false],
  ])(
    'of a format that a registry does not take is told as such: %i %s %s',
    async (status, code, format, isTold) => {
      const body = { errors: [{ code }] };
      await using registry = await startRegistry({
        faults: [{ on: 'PUT manifest', times: 9, action: { type: 'status', status, body } }],
      });
      await using client = openTestClient();
      const sample = sampleImage({ format });
      const repository = client.open(registry.host).repository('team/app');
      const failure: unknown = await repository
        .push(sample.root, sampleFetcher(sample))
        .catch((error: unknown) => error);
      const hint = failure instanceof SaddlebagError ? (failure.hint ?? '') : '';
      expect(hint.includes('docker2s2')).toBe(isTold);
    },
  );

  it('asks again what the registry has when its answer does not say', async () => {
    await using registry = await startRegistry({
      faults: [{ on: 'PUT manifest', times: 9, action: { type: 'digest', digest: undefined } }],
    });
    await registry.seed('team/app', image);
    await using client = openTestClient();
    await client.open(registry.host).repository('team/app').tag(image.root, sampleFetcher(image), 'v1');
    expect(registry.log.count('HEAD manifest', /\/v1$/)).toBe(1);
  });

  it('fails when the tag stands for something else afterwards', async () => {
    const digest = digestOf('converted');
    await using registry = await startRegistry({
      faults: [{ on: 'PUT manifest', action: { type: 'digest', digest } }],
    });
    await registry.seed('team/app', image);
    await using client = openTestClient();
    const tagging = client
      .open(registry.host)
      .repository('team/app')
      .tag(image.root, sampleFetcher(image), 'v1');
    await expect(tagging).rejects.toMatchObject({
      code: 'ERR_REGISTRY_FAILED',
      message: expect.stringContaining(digest),
    });
  });

  it('explains a refusal of layers that are kept elsewhere', async () => {
    const foreign = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      digest: blob.digest,
      size: blob.size,
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
    await using registry = await startRegistry({
      faults: [{ on: 'PUT manifest', action: { type: 'status', status: 400, body: { errors: [] } } }],
    });
    await using client = openTestClient();
    const repository = client.open(registry.host).repository('team/app');
    await expect(repository.push(target, { fetch: () => streamOf(manifest) })).rejects.toMatchObject({
      hint: expect.stringContaining('validation.manifests.urls.allow'),
    });
  });

  it('reports a read-only registry', async () => {
    const body = { errors: [{ code: 'UNSUPPORTED', message: 'The operation is unsupported.' }] };
    await using registry = await startRegistry({
      faults: [{ on: 'PUT manifest', action: { type: 'status', status: 405, body } }],
    });
    await registry.seed('team/app', image);
    await using client = openTestClient();
    const tagging = client
      .open(registry.host)
      .repository('team/app')
      .tag(image.root, sampleFetcher(image), 'v1');
    await expect(tagging).rejects.toMatchObject({ status: 405, registryCodes: ['UNSUPPORTED'] });
  });
});

describe('giving an upload up', () => {
  it.each(['probe', 'mount'] as const)(
    'after a %s of many repositories does not wait for itself',
    async (how) => {
      await using registry = await startRegistry({ mounts: false });
      await using client = openTestClient();
      const names = Array.from({ length: 30 }, (_, index) => `team/app-${index}`);
      await Promise.all(
        names.map(async (name) => {
          const repository = client.open(registry.host).repository(name);
          await (how === 'probe' ? repository.probe?.() : repository.mount(blob, 'team/base'));
        }),
      );
      expect(registry.log.count('DELETE upload')).toBe(30);
    },
  );
});
