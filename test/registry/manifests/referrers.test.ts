import { describe, expect, it } from 'vitest';
import { digestOf, hexOf } from '../../../src/oci/digest.ts';
import { copyGraph } from '../../../src/oci/copy.ts';
import type { Doubt, Repository } from '../../../src/oci/roles.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { sampleFetcher } from '../../support/samples/sample-fetcher.ts';
import { type SampleImage, sampleImage } from '../../support/samples/sample-image.ts';
import { referrerOf } from '../../support/samples/signed-image.ts';

const image = sampleImage({ name: 'signed' });
const bills = ['bill', 'signature', 'attestation'].map((name) => referrerOf(image, name));
const FALLBACK = `sha256-${hexOf(image.root.digest)}`;

describe('what refers to an image', () => {
  it.each([true, false])('is found again where the registry keeps lists: %s', async (referrers) => {
    await using registry = await startRegistry({ referrers });
    await using client = openTestClient();
    const repository = client.open(registry.host).repository('team/app');
    await push(repository, image);
    await Promise.all(bills.map(async (bill) => await push(repository, bill)));
    const found = (await repository.attachments?.(image.root.digest)) ?? [];
    expect(found.map(({ descriptor }) => descriptor.digest).sort()).toEqual(
      bills.map(({ root }) => root.digest).sort(),
    );
    // The tag stands in for the list, and only there.
    expect((await repository.resolve(FALLBACK)) === undefined).toBe(referrers);
  });

  it('is found on every page of the list, wherever a link says that the next one is', async () => {
    await using registry = await startRegistry({ referrers: true, referrerPage: 1 });
    await using client = openTestClient();
    const repository = client.open(registry.host).repository('team/app');
    await registry.seed('team/app', image);
    for (const bill of bills) await registry.seed('team/app', bill);
    const digests = bills.map(({ root }) => root.digest).sort();
    const found = async (): Promise<readonly string[]> =>
      ((await repository.attachments?.(image.root.digest)) ?? []).map(({ descriptor }) => descriptor.digest);
    expect((await found()).toSorted()).toEqual(digests);
    expect(registry.log.count('GET referrers')).toBe(3);
    // Behind a proxy a registry takes itself for another host: nobody there is asked.
    const link = `<http://registry.internal:5000/v2/team/app/referrers/${image.root.digest}?start=1>; rel="next"`;
    const headers = { link, 'content-type': 'application/vnd.oci.image.index.v1+json' };
    const empty = { schemaVersion: 2, manifests: [] };
    registry.inject({ on: 'GET referrers', action: { type: 'status', status: 200, headers, body: empty } });
    expect(await found()).toHaveLength(2);
  });

  it('is nothing rather than half when a page of the list is refused', async () => {
    await using registry = await startRegistry({ referrers: true, referrerPage: 1 });
    await using client = openTestClient();
    for (const content of [image, ...bills]) await registry.seed('team/app', content);
    registry.inject({ on: 'GET referrers', path: /start/, action: { type: 'status', status: 404 } });
    const repository = client.open(registry.host).repository('team/app');
    const doubts: Doubt[] = [];
    const onDoubt = (doubt: Doubt): void => void doubts.push(doubt);
    expect(await repository.attachments?.(image.root.digest, { onDoubt })).toEqual([]);
    expect(doubts).toEqual([{ host: registry.host, fact: expect.stringContaining('answered 404') }]);
  });

  it('ends where a list never does', async () => {
    const headers = { link: '<?again>; rel=next', 'content-type': 'application/vnd.oci.image.index.v1+json' };
    const body = { schemaVersion: 2, manifests: [] };
    await using registry = await startRegistry({
      faults: [{ on: 'GET referrers', times: 1000, action: { type: 'status', status: 200, headers, body } }],
    });
    await using client = openTestClient();
    await registry.seed('team/app', image);
    const repository = client.open(registry.host).repository('team/app');
    const doubts: Doubt[] = [];
    const onDoubt = (doubt: Doubt): void => void doubts.push(doubt);
    expect(await repository.attachments?.(image.root.digest, { onDoubt })).toEqual([]);
    expect(doubts).toEqual([{ host: registry.host, fact: 'the list is too long' }]);
    expect(registry.log.count('GET referrers')).toBe(100);
  });

  it('is listed once, however often it is pushed', async () => {
    await using registry = await startRegistry();
    await using client = openTestClient();
    const repository = client.open(registry.host).repository('team/app');
    const [bill = image] = bills;
    await push(repository, image);
    await push(repository, bill);
    await repository.push(bill.root, sampleFetcher(bill));
    expect(await repository.attachments?.(image.root.digest)).toMatchObject([
      { descriptor: { digest: bill.root.digest, artifactType: 'application/vnd.sample.bill' } },
    ]);
  });

  it('is nothing where it was never known', async () => {
    await using registry = await startRegistry();
    await using client = openTestClient();
    const repository = client.open(registry.host).repository('team/app');
    expect(await repository.attachments?.(digestOf('unknown'))).toEqual([]);
  });

  it('is asked of the mirror that has the image, and not of a registry behind it that is gone', async () => {
    await using mirror = await startRegistry({ referrers: true });
    await mirror.seed('team/app', image, 'v1');
    const settings = { mirrors: { 'gone.invalid': { endpoint: [mirror.url] } } };
    await using client = openTestClient({ settings });
    const repository = client.open('gone.invalid').repository('team/app');
    expect(await repository.attachments?.(image.root.digest)).toEqual([]);
  });

  it('is nothing where a web page is the answer, or a tag stands for something else', async () => {
    await using registry = await startRegistry({
      faults: [{ on: 'GET referrers', action: { type: 'html' } }],
    });
    await registry.seed('team/app', image, FALLBACK);
    await using client = openTestClient();
    const repository = client.open(registry.host).repository('team/app');
    expect(await repository.attachments?.(image.root.digest)).toEqual([]);
  });
});

async function push(to: Repository, content: SampleImage): Promise<void> {
  await copyGraph(content.root, { from: sampleFetcher(content), to });
}
