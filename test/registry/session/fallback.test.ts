import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import type { Repository } from '../../../src/oci/roles.ts';
import { openTestClient, readContent } from '../../support/registry/client.ts';
import type { FaultAction } from '../../support/registry/fault.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import type { RequestKind } from '../../support/registry/request-log.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';

const image = sampleImage({ name: 'fallback', layerBytes: 100_000 });
const layer = image.blobs[1]?.descriptor ?? image.root;

/** How an endpoint answers: with a status, as if nobody were there, or with what is asked for. */
type Behaviour = number | 'gone' | 'fine';

const QUESTIONS: Readonly<Record<string, (repository: Repository) => Promise<unknown>>> = {
  'what a tag stands for': (repository) => repository.resolve('v1'),
  'a manifest': (repository) => readContent(repository, image.root),
  'a blob': (repository) => readContent(repository, layer),
};

describe.each(Object.entries(QUESTIONS))(
  'asked for %s, mirrors and the registry behind them',
  (_what, ask) => {
    it.each<[string, readonly Behaviour[], Behaviour, string]>([
      ['say no where the mirror does and the registry is away', [404], 'gone', 'ERR_UPSTREAM_NOT_FOUND'],
      ['say no where the mirror does and the registry denies', [404], 401, 'ERR_UPSTREAM_NOT_FOUND'],
      ['say no where the mirror does and the registry fails', [404], 500, 'ERR_UPSTREAM_NOT_FOUND'],
      ['say no where every mirror does', [404, 404], 'gone', 'ERR_UPSTREAM_NOT_FOUND'],
      ['are away where both are', ['gone'], 'gone', 'ERR_REGISTRY_UNREACHABLE'],
      ['deny where the mirror does and the registry is away', [403], 'gone', 'ERR_REGISTRY_DENIED'],
      ['fail where the mirror does and the registry is away', [500], 'gone', 'ERR_REGISTRY_FAILED'],
      ['are away where the mirror is and the registry says no', ['gone'], 404, 'ERR_REGISTRY_UNREACHABLE'],
      ['fail where one mirror does', [404, 500], 'gone', 'ERR_REGISTRY_FAILED'],
      ['fail where one mirror does, whichever', [500, 404], 'gone', 'ERR_REGISTRY_FAILED'],
    ])('%s', async (_case, mirrors, own, code) => {
      const servers = await Promise.all([...mirrors, own].map(startBehaving));
      const registry = servers.at(-1);
      try {
        const endpoint = servers.slice(0, -1).map(({ url }) => url);
        const settings = { mirrors: { [registry?.host ?? '']: { endpoint } } };
        await using client = openTestClient({ settings });
        const failure: unknown = await ask(client.open(registry?.host ?? '').repository('team/app')).catch(
          (error: unknown) => error,
        );
        const named = new URL(endpoint[0] ?? '').host;
        // Where all that is configured says no, that is what to look into.
        const hinted = code === 'ERR_UPSTREAM_NOT_FOUND' ? named : '';
        expect(failure).toMatchObject({ code, hint: expect.stringContaining(hinted) });
        for (const { host } of servers) expect(String(failure)).toContain(`"${host}": `);
      } finally {
        await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
      }
    });

    it('report a proxy that cannot be used, whatever the mirror says', async () => {
      await using mirror = await startBehaving(404);
      const settings = { mirrors: { 'registry.example': { endpoint: [mirror.url] } } };
      await using client = openTestClient({
        settings,
        env: { HTTPS_PROXY: 'http://user:S3cr3T@proxy.example/x' },
      });
      await expect(ask(client.open('registry.example').repository('team/app'))).rejects.toMatchObject({
        code: 'ERR_USAGE_INVALID',
        message: expect.stringMatching(/HTTPS_PROXY "http:\/\/proxy\.example\/x"/),
      });
    });
  },
);

describe('a mirror in trouble, when the registry is well', () => {
  it.each([500, 502, 503, 504, 429])('is passed over for a while after a %i', async (status) => {
    await using mirror = await startBehaving(status);
    await using own = await startBehaving('fine');
    let time = 0;
    const settings = { mirrors: { [own.host]: { endpoint: [mirror.url] } } };
    await using client = openTestClient({ settings, now: () => time });
    const repository = client.open(own.host).repository('team/app');
    await repository.resolve('v1');
    const asked = mirror.log.entries.length;
    expect(asked).toBeLessThanOrEqual(3);
    for (const { descriptor } of image.blobs) await readContent(repository, descriptor);
    expect(mirror.log.entries.length).toBe(asked);
    time = 31_000;
    await repository.resolve('v1');
    expect(mirror.log.entries.length).toBeGreaterThan(asked);
  });

  it.each([429, 503])('is not waited for when it asks for a pause with %i', async (status) => {
    const action = { type: 'status', status, headers: { 'retry-after': '600' } } as const;
    await using mirror = await startRegistry({ faults: faultsOf(action) });
    await using own = await startBehaving('fine');
    let time = 0;
    const settings = { mirrors: { [own.host]: { endpoint: [mirror.url] } } };
    await using client = openTestClient({ settings, now: () => time });
    const repository = client.open(own.host).repository('team/app');
    expect(digestOf(await readContent(repository, layer))).toBe(layer.digest);
    time = 599_000;
    expect(digestOf(await readContent(repository, layer))).toBe(layer.digest);
    expect(mirror.log.count('GET blob')).toBe(1);
  });

  it('is waited for when no other endpoint has an answer', async () => {
    const action = { type: 'status', status: 503 } as const;
    await using mirror = await startRegistry();
    for (const on of ['HEAD manifest', 'GET blob'] as const) mirror.inject({ on, times: 3, action });
    await mirror.seed('team/app', image, 'v1');
    for (const behaviour of ['gone', 404, 401, 500] as const) {
      await using own = await startBehaving(behaviour);
      const settings = { mirrors: { [own.host]: { endpoint: [mirror.url] } } };
      await using client = openTestClient({ settings });
      const repository = client.open(own.host).repository('team/app');
      expect(await repository.resolve('v1')).toEqual(image.root);
      expect(digestOf(await readContent(repository, layer))).toBe(layer.digest);
      for (const on of ['HEAD manifest', 'GET blob'] as const) mirror.inject({ on, times: 3, action });
    }
  });
});

const KINDS: readonly RequestKind[] = ['HEAD manifest', 'GET manifest', 'GET blob'];

function faultsOf(action: FaultAction): { on: RequestKind; times: number; action: FaultAction }[] {
  return KINDS.map((on) => ({ on, times: 99, action }));
}

async function startBehaving(behaviour: Behaviour): Promise<InProcessRegistry> {
  const faults =
    typeof behaviour === 'number' && behaviour !== 404 ? faultsOf({ type: 'status', status: behaviour }) : [];
  const registry = await startRegistry({ faults });
  if (behaviour === 'fine') await registry.seed('team/app', image, 'v1');
  if (behaviour !== 'gone') return registry;
  await registry[Symbol.asyncDispose]();
  return { ...registry, [Symbol.asyncDispose]: async () => undefined };
}
