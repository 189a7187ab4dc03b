import { describe, expect, it } from 'vitest';
import { digestOf, hexOf } from '../../src/oci/digest.ts';
import { copyGraph } from '../../src/oci/copy.ts';
import type { Repository } from '../../src/oci/roles.ts';
import { startRegistry } from '../support/registry.ts';
import { openTestClient } from '../support/registry-client.ts';
import { sampleFetcher } from '../support/sample-fetcher.ts';
import { type SampleImage, sampleImage } from '../support/sample-image.ts';
import { referrerOf } from '../support/signed-image.ts';

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

  it('is nothing where nobody ever heard of it', async () => {
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
