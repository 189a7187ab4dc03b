import { describe, expect, it, onTestFinished } from 'vitest';
import { registryTarget } from '../../../src/targets/registry/registry.ts';
import { plannedImage } from '../../support/planned/items.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { type Exchange, replyError } from '../../support/registry/exchange.ts';
import { startHarbor } from '../../support/registry/harbor.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import { bundleOf } from '../../support/samples/target-samples.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import type { Target } from '../../../src/targets/target.ts';

const IMAGES = ['docker.io/rancher/rancher:v2.9.2', 'quay.io/jetstack/cert-manager-controller:v1.15.3'];

describe('a registry that does not say plainly what it lacks', () => {
  it.each([400, 401, 403, 405, 501])('is filled, and not twice, when it says %i', async (status) => {
    const registry = await startRegistry({
      intercept: async (exchange) => {
        if (await has(registry, exchange)) return false;
        await replyError(exchange, status, { code: 'DENIED' });
        return true;
      },
    });
    const target = await targetAt(registry);
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(['pushed', 'pushed']);
    expect((await target.prove()).map(({ level }) => level)).toEqual(['ok']);
    const again = await targetAt(registry);
    expect((await again.plan()).map(({ state }) => state)).toEqual(['present', 'present']);
  });

  it.each([400, 405, 501])('is filled and proven when it answers every HEAD with %i', async (status) => {
    const target = await targetAt(await withoutHead(status));
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(['pushed', 'pushed']);
    expect((await target.prove()).map(({ level }) => level)).toEqual(['ok']);
  });

  it('is filled when its questions fail, and the proof names each image that cannot be asked for', async () => {
    const target = await targetAt(await withoutHead(503));
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(['pushed', 'pushed']);
    const proof = (await target.prove()).map(({ level, message }) => `${level} ${message}`);
    expect(proof).toEqual(IMAGES.map(() => expect.stringMatching(/^error .* cannot be asked for: .*503/)));
  });
});

describe('a registry that knows the digest behind a tag', () => {
  it('and gives it another size, is filled anew', async () => {
    const registry = await startRegistry({
      intercept: async ({ request, url, response }) => {
        const manifest = registry.content.manifest('rancher/rancher', 'v2.9.2');
        if (request.method !== 'HEAD' || manifest === undefined) return false;
        if (url.pathname !== '/v2/rancher/rancher/manifests/v2.9.2') return false;
        const { mediaType, digest } = manifest;
        const headers = { 'content-type': mediaType, 'docker-content-digest': digest };
        response.writeHead(200, { ...headers, 'content-length': 7 }).end();
        return true;
      },
    });
    await installTarget(await targetAt(registry));
    const again = await targetAt(registry);
    expect((await again.plan()).map(({ state }) => state)).toEqual(['missing', 'present']);
  });
});

describe('a Harbor in trouble', () => {
  it.each(['/api/v2.0/systeminfo', '/api/v2.0/projects'])('takes images all the same: %s', async (path) => {
    const harbor = await startHarbor({ projects: ['rancher', 'quay.io'] });
    for (const on of ['GET other', 'HEAD other'] as const)
      harbor.inject({ on, path: new RegExp(path), times: 99, action: { type: 'status', status: 500 } });
    const target = await targetAt(harbor, harbor);
    expect((await installFully(target)).map(({ outcome }) => outcome)).toEqual(['pushed', 'pushed']);
  });
});

async function withoutHead(status: number): Promise<InProcessRegistry> {
  return await startRegistry({
    intercept: async (exchange) => {
      if (exchange.request.method !== 'HEAD') return false;
      await replyError(exchange, status, { code: 'UNSUPPORTED' });
      return true;
    },
  });
}

async function installFully(target: Target): ReturnType<typeof installTarget> {
  await target.prepare?.(await target.plan());
  return await installTarget(target);
}

async function targetAt(
  registry: InProcessRegistry,
  user?: { readonly username: string; readonly password: string },
): Promise<Target> {
  const { host } = registry;
  const bundle = await bundleOf(IMAGES.map((name) => plannedImage(name)));
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const client = openTestClient(
    user === undefined
      ? {}
      : { credentials: { [host]: { type: 'password', username: user.username, password: user.password } } },
  );
  onTestFinished(() => client[Symbol.asyncDispose]());
  return registryTarget(bundle, { registry: client.open(host) });
}

/** Returns whether the registry has what is asked for; everything but a question about content it has. */
async function has({ content }: InProcessRegistry, { request, url }: Exchange): Promise<boolean> {
  const [, name = '', kind, id = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
  if (kind === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return true;
  return kind === 'manifests'
    ? content.manifest(name, id) !== undefined
    : content.find(name)?.blobs.has(id) === true;
}
