import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpClient } from '../../src/internal/http/client.ts';
import { createRegistryClient } from '../../src/registry/client.ts';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { cosignTag, seedSigned } from '../support/samples/signed-image.ts';
import type { SampleImage } from '../support/samples/sample-image.ts';

const image = sampleImage({ name: 'signed', sharedLayers: ['base'] });

describe('signatures', () => {
  it('travel with their image, and are found beside it as before', async () => {
    const { lab, bill } = await labWithSigned();
    const spec = lab.spec('images: [rancher/signed:v1]\n');
    expect(await ended(lab, ['build', spec, '-o', 'lab.tar'])).toBe(0);
    expect(await ended(lab, ['verify', 'lab.tar'])).toBe(0);
    expect(await ended(lab, ['install', 'lab.tar', '--registry', lab.offline.host])).toBe(0);
    const there = lab.offline.content.find('rancher/signed');
    expect([...(there?.tags.keys() ?? [])].sort()).toEqual(
      [
        'v1',
        cosignTag(image, 'att'),
        cosignTag(image, 'sig'),
        // This registry keeps no lists, so the tag stands in for one.
        `sha256-${image.root.digest.slice(7)}`,
      ].sort(),
    );
    await using http = createHttpClient();
    const repository = createRegistryClient({ http }).open(lab.offline.host).repository('rancher/signed');
    const found = (await repository.attachments?.(image.root.digest)) ?? [];
    expect(found.map(({ descriptor }) => descriptor.digest)).toContain(bill.root.digest);
    lab.offline.log.clear();
    expect(await ended(lab, ['install', 'lab.tar', '--registry', lab.offline.host])).toBe(0);
    expect(lab.offline.log.entries.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
  });

  it('stay behind when that is wanted', async () => {
    const { lab } = await labWithSigned();
    const spec = lab.spec('signatures: false\nimages: [rancher/signed:v1]\n');
    expect(await ended(lab, ['build', spec, '-o', 'lab.tar'])).toBe(0);
    expect(await ended(lab, ['install', 'lab.tar', '--registry', lab.offline.host])).toBe(0);
    expect([...(lab.offline.content.find('rancher/signed')?.tags.keys() ?? [])]).toEqual(['v1']);
    expect(lab.internet.log.count('GET referrers')).toBe(0);
  });
});

async function labWithSigned(): Promise<{ readonly lab: Lab; readonly bill: SampleImage }> {
  const lab = await startLab();
  onTestFinished(() => lab[Symbol.asyncDispose]());
  await lab.internet.seed('rancher/signed', image, 'v1');
  const { bill } = await seedSigned(lab.internet, 'rancher/signed', image);
  const manifests = [{ mediaType: bill.root.mediaType, digest: bill.root.digest, size: bill.root.size }];
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const response = await fetch(
    `${lab.internet.url}/v2/rancher/signed/manifests/sha256-${image.root.digest.slice(7)}`,
    {
      method: 'PUT',
      headers: { 'content-type': mediaType },
      body: JSON.stringify({ schemaVersion: 2, mediaType, manifests }),
    },
  );
  expect(response.status).toBe(201);
  return { lab, bill };
}

async function ended(lab: Lab, argv: readonly string[]): Promise<number | null> {
  const { status, stderr } = await lab.run(argv).ended;
  if (status !== 0) throw new Error(stderr);
  return status;
}
