import { describe, expect, it, onTestFinished } from 'vitest';
import type { Descriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import {
  reset,
  type Script,
  type ScriptedServer,
  sendBeginning,
  serveFile,
  startHttpServer,
} from '../../support/http/http-server.ts';
import { openTestClient, readContent, type TestClient } from '../../support/registry/client.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { thrownBy } from '../../support/thrown.ts';

const image = sampleImage({ name: 'stored', layerBytes: 300_000 });
const [, layer = { descriptor: image.root, bytes: new Uint8Array() }] = image.blobs;
const content = Buffer.from(layer.bytes);

/** A registry that keeps its blobs at a storage, to which it sends whoever asks. */
async function setUp(
  script: Script,
  user?: { readonly username: string; readonly password: string },
): Promise<{ registry: InProcessRegistry; storage: ScriptedServer; client: TestClient }> {
  const storage = await startHttpServer(script);
  const auth = user === undefined ? {} : { auth: { scheme: 'basic', ...user } as const };
  let given = 0;
  const registry = await startRegistry({
    ...auth,
    intercept: async ({ entry, response }) => {
      if (entry.topic !== 'blob') return false;
      given += 1;
      response.writeHead(307, { location: `${storage.url}/layer?signature=${given}` }).end();
      return true;
    },
  });
  await registry.seed('team/app', image, 'v1');
  const credentials =
    user === undefined ? {} : { credentials: { [registry.host]: { type: 'password', ...user } as const } };
  const client = openTestClient(credentials);
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
    await storage[Symbol.asyncDispose]();
  });
  return { registry, storage, client };
}

async function digestFrom(
  { client, registry }: Awaited<ReturnType<typeof setUp>>,
  target: Descriptor,
): Promise<string> {
  return digestOf(await readContent(client.open(registry.host).repository('team/app'), target));
}

describe('a blob at a storage', () => {
  it.each([400, 401, 403])(
    'is asked for anew at the registry when the storage answers %i',
    async (status) => {
      const scene = await setUp((request, response) => {
        if (request.path.endsWith('=1')) response.writeHead(status).end();
        else serveFile(request, response, content);
      });
      expect(await digestFrom(scene, layer.descriptor)).toBe(layer.descriptor.digest);
    },
  );

  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
    ['another tag', { etag: '"one"' }, { etag: '"two"' }],
    [
      'another date',
      { 'last-modified': 'Fri, 31 Dec 1999 23:59:59 GMT' },
      { 'last-modified': 'Sat, 01 Jan 2000 00:00:00 GMT' },
    ],
    ['no tag', { etag: '"one"' }, {}],
  ])('is read on from another copy, which has %s', async (_what, before, after) => {
    const scene = await setUp(async (request, response) => {
      if (!request.path.endsWith('=1')) return serveFile(request, response, content, after);
      await sendBeginning(response, content.subarray(0, 1000), {
        headers: { 'content-length': content.length, ...before },
      });
      return reset(response);
    });
    expect(await digestFrom(scene, layer.descriptor)).toBe(layer.descriptor.digest);
    expect(scene.storage.requests[1]?.headers['range']).toBe('bytes=1000-');
  });

  it('that stays refused is reported with the host that refused, not with the credentials of the registry', async () => {
    const user = { username: 'operator', password: 'S3CR3T' };
    const scene = await setUp((_, response) => void response.writeHead(403).end(), user);
    const storageHost = new URL(scene.storage.url).host;
    expect(await thrownBy(digestFrom(scene, layer.descriptor))).toMatchObject({
      message: expect.stringContaining(`"${storageHost}", where the registry sent us, answered 403`),
      hint: expect.stringContaining('check that both clocks are right'),
    });
    expect(scene.storage.requests).toHaveLength(3);
    expect(scene.storage.requests.some(({ headers }) => 'authorization' in headers)).toBe(false);
  });
});
