import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import type { Repository } from '../../../src/oci/roles.ts';
import { openTestClient } from '../../support/registry/client.ts';
import type { FaultAction } from '../../support/registry/fault.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { cosignTag, seedSigned } from '../../support/samples/signed-image.ts';
import { waitUntil } from '../../support/wait-until.ts';

const image = sampleImage({ name: 'known' });
const status = (code: number, error?: string): FaultAction => ({
  type: 'status',
  status: code,
  body: error === undefined ? 'no such page' : { errors: [{ code: error }] },
});

describe('a registry without a referrers API', () => {
  it.each([
    ['404 with a page', status(404)],
    ['404 with an error of another kind', status(404, 'UNSUPPORTED')],
    ['405', status(405)],
    ['501', status(501)],
  ])('is asked for it once when it says %s', async (_, action) => {
    await using registry = await startRegistry();
    await using client = openTestClient();
    registry.inject({ on: 'GET referrers', times: 99, action });
    for (const name of ['team/app', 'team/web', 'team/app/deeper']) {
      await registry.seed(name, image, 'v1');
      await client.open(registry.host).repository(name).attachments?.(image.root.digest);
    }
    expect(registry.log.count('GET referrers')).toBe(1);
    expect(registry.log.count('GET manifest')).toBe(3);
  });

  it.each([
    ['it does not know the repository', status(404, 'NAME_UNKNOWN')],
    ['it does not know the manifest', status(404, 'MANIFEST_UNKNOWN')],
    ['this user may not', status(403)],
    ['the request is bad', status(400)],
  ])('is not what a registry is that says %s', async (_, action) => {
    await using registry = await startRegistry({ referrers: true });
    await using client = openTestClient();
    await registry.seed('team/app', image, 'v1');
    await seedSigned(registry, 'team/app', image);
    registry.inject({ on: 'GET referrers', action });
    const repository = client.open(registry.host).repository('team/other');
    await repository.attachments?.(image.root.digest);
    const found = await client.open(registry.host).repository('team/app').attachments?.(image.root.digest);
    expect(found?.some(({ tag }) => tag === undefined)).toBe(true);
  });

  it('is a part of what one host joins, and the others are asked', async () => {
    await using registry = await startRegistry({ referrers: true });
    await using client = openTestClient();
    registry.inject({ on: 'GET referrers', path: /old-remote/, times: 99, action: status(404) });
    const attached = async (name: string): Promise<number> => {
      await registry.seed(name, image, 'v1');
      await seedSigned(registry, name, image);
      const found = await client.open(registry.host).repository(name).attachments?.(image.root.digest);
      return found?.filter(({ tag }) => tag === undefined).length ?? 0;
    };
    expect(await attached('old-remote/app')).toBe(0);
    expect(await attached('new-local/app')).toBe(1);
  });
});

describe('what belongs to an image', () => {
  it('is asked for in one round once it is known that there is no list', async () => {
    let holds = false;
    let most = 0;
    let underWay = 0;
    await using registry = await startRegistry({
      intercept: async ({ entry }) => {
        if (!holds || entry.topic !== 'manifest') return false;
        underWay += 1;
        most = Math.max(most, underWay);
        // The three tags and the list: none of them waits for another.
        await waitUntil(() => most === 4);
        return false;
      },
    });
    await using client = openTestClient();
    await registry.seed('team/app', image, 'v1');
    await seedSigned(registry, 'team/app', image);
    const repository = client.open(registry.host).repository('team/app');
    await repository.attachments?.(digestOf('something else'));
    holds = true;
    const found = await repository.attachments?.(image.root.digest);
    expect(found?.map(({ tag }) => tag)).toContain(cosignTag(image, 'sig'));
    expect(most).toBe(4);
  });

  it.each<[string, (repository: Repository) => Promise<unknown>]>([
    ['resolved', (repository) => repository.resolve('v1')],
    ['resolved with its manifest', async (repository) => await repository.resolveWhole?.('v1')],
    ['fetched', async (repository) => await Array.fromAsync(repository.fetch(image.root))],
  ])('is looked for where it was %s, without asking who has it', async (_, find) => {
    await using first = await startRegistry();
    await using second = await startRegistry();
    await using client = openTestClient({
      settings: { mirrors: { 'registry.example': { endpoint: [first.url, second.url] } } },
    });
    await second.seed('team/app', image, 'v1');
    await seedSigned(second, 'team/app', image);
    const repository = client.open('registry.example').repository('team/app');
    await find(repository);
    for (const { log } of [first, second]) log.clear();
    const found = await repository.attachments?.(image.root.digest);
    expect(found?.map(({ tag }) => tag)).toContain(cosignTag(image, 'sig'));
    expect(second.log.entries.some(({ path }) => path.endsWith(`/manifests/${image.root.digest}`))).toBe(
      false,
    );
  });
});
