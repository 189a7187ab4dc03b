import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { RegistryError } from '../../../src/registry/session/registry-error.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import type { Fault } from '../../support/registry/fault.ts';
import { openTestClient, readContent, type TestClient } from '../../support/registry/client.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { waitUntil } from '../../support/wait-until.ts';

const image = sampleImage({ name: 'pulled', layerBytes: 300_000 });
const layer = layerOf();

describe('pulling a blob', () => {
  it.each<[string, Fault]>([
    ['breaks off', { on: 'GET blob', action: { type: 'drop', afterBytes: 100_000 } }],
    ['breaks off before the first byte', { on: 'GET blob', action: { type: 'drop', afterBytes: 0 } }],
    ['falls silent', { on: 'GET blob', action: { type: 'stall', afterBytes: 50_000 } }],
    ['fails for the moment', { on: 'GET blob', action: { type: 'status', status: 503 } }],
    [
      'asks for a pause',
      { on: 'GET blob', action: { type: 'status', status: 429, headers: { 'retry-after': '1' } } },
    ],
  ])('ends well when the transfer %s', async (_what, fault) => {
    await using registry = await seeded(fault);
    await using client = openTestClient();
    expect(digestOf(await readContent(repositoryOf(client, registry), layer))).toBe(layer.digest);
  });

  it('continues where the connection broke, by a range', async () => {
    await using registry = await seeded({ on: 'GET blob', action: { type: 'drop', afterBytes: 100_000 } });
    await using client = openTestClient();
    await readContent(repositoryOf(client, registry), layer);
    const requests = registry.log.entries.filter(({ topic }) => topic === 'blob');
    expect(requests.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=100000-']);
  });

  it('reads again from the beginning where ranges are ignored', async () => {
    await using registry = await seeded({ on: 'GET blob', action: { type: 'drop', afterBytes: 100_000 } });
    registry.inject({ on: 'GET blob', action: { type: 'ignore-range' } });
    await using client = openTestClient();
    expect(digestOf(await readContent(repositoryOf(client, registry), layer))).toBe(layer.digest);
  });

  it('fails on a flipped bit', async () => {
    await using registry = await seeded({ on: 'GET blob', action: { type: 'corrupt', atByte: 1234 } });
    await using client = openTestClient();
    await expect(readContent(repositoryOf(client, registry), layer)).rejects.toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
    });
  });

  it('says that it met a web page', async () => {
    await using registry = await seeded({ on: 'GET blob', action: { type: 'html' } });
    await using client = openTestClient();
    await expect(readContent(repositoryOf(client, registry), layer)).rejects.toMatchObject({
      code: 'ERR_REGISTRY_FAILED',
      message: expect.stringContaining('HTML page'),
    });
  });

  it('stops at once when it is interrupted', async () => {
    await using registry = await seeded({ on: 'GET blob', action: { type: 'stall', afterBytes: 10 } });
    await using client = openTestClient();
    const stop = new AbortController();
    const reading = readContent(repositoryOf(client, registry), layer, stop.signal);
    await waitUntil(() => registry.log.count('GET blob') === 1);
    stop.abort();
    await expect(reading).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});

describe('resolving a tag', () => {
  it('asks by HEAD alone when HEAD says enough', async () => {
    await using registry = await seeded();
    await using client = openTestClient();
    expect(await repositoryOf(client, registry).resolve('v1')).toEqual(image.root);
    expect(registry.log.count('GET manifest')).toBe(0);
  });

  it.each<[string, Fault]>([
    ['HEAD is refused', { on: 'HEAD manifest', action: { type: 'status', status: 405 } }],
    ['HEAD names no digest', { on: 'HEAD manifest', action: { type: 'digest', digest: undefined } }],
    [
      'HEAD names a digest of another kind',
      { on: 'HEAD manifest', action: { type: 'digest', digest: 'sha512:abc' } },
    ],
    ['HEAD meets a web page', { on: 'HEAD manifest', action: { type: 'html' } }],
  ])('asks by GET when %s', async (_what, fault) => {
    await using registry = await seeded(fault);
    await using client = openTestClient();
    expect(await repositoryOf(client, registry).resolve('v1')).toEqual(image.root);
    expect(registry.log.count('GET manifest')).toBe(1);
  });

  it('does not believe a digest that the body does not have', async () => {
    const digest = digestOf('something else');
    await using registry = await seeded(
      { on: 'HEAD manifest', action: { type: 'status', status: 405 } },
      { on: 'GET manifest', action: { type: 'digest', digest } },
    );
    await using client = openTestClient();
    await expect(repositoryOf(client, registry).resolve('v1')).rejects.toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
      message: expect.stringContaining(digest),
    });
  });

  it('refuses a manifest that is not the one asked for', async () => {
    await using registry = await seeded({ on: 'GET manifest', action: { type: 'corrupt', atByte: 20 } });
    await using client = openTestClient();
    await expect(readContent(repositoryOf(client, registry), image.root)).rejects.toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
    });
  });

  it('refuses a login page answered with 200', async () => {
    await using registry = await seeded(
      { on: 'HEAD manifest', action: { type: 'html' } },
      { on: 'GET manifest', action: { type: 'html' } },
    );
    await using client = openTestClient();
    await expect(repositoryOf(client, registry).resolve('v1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_FAILED',
      status: 200,
      message: expect.stringContaining('web page'),
    });
  });

  it.each([MEDIA_TYPE.dockerSchema1, MEDIA_TYPE.dockerSchema1Signed])(
    'refuses %s and says why',
    async (type) => {
      const headers = { 'content-type': type, 'docker-content-digest': digestOf('old') };
      await using registry = await seeded({
        on: 'HEAD manifest',
        action: { type: 'status', status: 200, headers, body: '{}' },
      });
      await using client = openTestClient();
      await expect(repositoryOf(client, registry).resolve('v1')).rejects.toMatchObject({
        code: 'ERR_MANIFEST_UNSUPPORTED',
        message: expect.stringContaining('schema 1'),
        hint: expect.stringContaining('newer tag'),
      });
    },
  );

  it('refuses a manifest beyond the ceiling without reading all of it', async () => {
    const body = ' '.repeat(5 * 1024 * 1024);
    await using registry = await seeded(
      { on: 'HEAD manifest', action: { type: 'status', status: 405 } },
      { on: 'GET manifest', action: { type: 'status', status: 200, body } },
    );
    await using client = openTestClient();
    await expect(repositoryOf(client, registry).resolve('v1')).rejects.toMatchObject({
      code: 'ERR_DOCUMENT_INVALID',
    });
  });

  it('passes the registry’s own words on, labelled and fit for a terminal', async () => {
    const body = { errors: [{ code: 'DENIED', message: 'pull \u001b[31mrate\u0007 limit\nreached' }] };
    await using registry = await seeded({
      on: 'HEAD manifest',
      action: { type: 'status', status: 405 },
    });
    registry.inject({ on: 'GET manifest', action: { type: 'status', status: 403, body } });
    await using client = openTestClient();
    const error: unknown = await repositoryOf(client, registry)
      .resolve('v1')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RegistryError);
    expect(error).toMatchObject({
      code: 'ERR_REGISTRY_DENIED',
      status: 403,
      registryCodes: ['DENIED'],
      words: 'DENIED: pull [31mrate limit reached',
      message: `Cannot fetch manifest "${registry.host}/team/app:v1": the registry answered 403 and says "DENIED: pull [31mrate limit reached"`,
    });
  });

  it('names the host when nothing answers there', async () => {
    const { host } = await gone();
    await using client = openTestClient();
    await expect(client.open(`http://${host}`).repository('team/app').resolve('v1')).rejects.toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
      message: expect.stringContaining(host),
    });
  });

  it('does not ask a host again that was not there a moment ago, until some time has gone by', async () => {
    const { host } = await gone();
    let time = 0;
    await using client = openTestClient({ now: () => time });
    const repository = client.open(`http://${host}`).repository('team/app');
    const failureOf = async (tag: string): Promise<unknown> =>
      repository.resolve(tag).catch((error: unknown) => error);
    const first = await failureOf('v1');
    const second = await failureOf('v2');
    expect(second).toMatchObject({ message: expect.stringContaining('team/app:v2') });
    expect(causeOf(second)).toBe(causeOf(first));
    time = 60_000;
    expect(causeOf(await failureOf('v3'))).not.toBe(causeOf(first));
  });
});

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

async function gone(): Promise<{ host: string }> {
  await using registry = await startRegistry();
  return { host: registry.host };
}

async function seeded(...faults: readonly Fault[]): Promise<InProcessRegistry> {
  const registry = await startRegistry({ faults });
  await registry.seed('team/app', image, 'v1');
  return registry;
}

function repositoryOf(
  client: TestClient,
  registry: InProcessRegistry,
): ReturnType<ReturnType<TestClient['open']>['repository']> {
  return client.open(registry.host).repository('team/app');
}

function layerOf(): Descriptor {
  const found = image.blobs[1];
  if (found === undefined) throw new Error('Cannot test: the sample has no layer');
  return found.descriptor;
}
