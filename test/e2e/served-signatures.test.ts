import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { isRecord } from '../../src/internal/json.ts';
import { startService } from '../../src/serve/service.ts';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { routesTo } from '../support/sites/served-internet.ts';
import { cosignTag, seedSigned } from '../support/samples/signed-image.ts';

const image = sampleImage({ name: 'signed', sharedLayers: ['base'] });
/** To Rancher these are two images, with one set of signatures. */
const PARTS = 'images: [busybox:1.36, library/busybox:1.36]\n';

let lab: Lab;
let sample: Awaited<ReturnType<typeof seedSigned>>;
let original: unknown;

beforeAll(async () => {
  lab = await startLab();
  await lab.internet.seed('library/busybox', image, '1.36');
  sample = await seedSigned(lab.internet, 'library/busybox', image);
  // The registry of the lab keeps no lists of referrers, so the tag stands in for one.
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const tag = image.root.digest.replace(':', '-');
  const list = await fetch(`${lab.internet.url}/v2/library/busybox/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: JSON.stringify({ schemaVersion: 2, mediaType, manifests: [sample.bill.root] }),
  });
  if (!list.ok) throw new Error(`the lab's registry answered ${list.status}`);
  original = await itemsOf(lab.spec(PARTS), 'first.tar');
});
afterAll(() => lab[Symbol.asyncDispose]());

async function itemsOf(spec: string, out: string): Promise<unknown> {
  const built = await lab.run(['build', spec, '-o', out, '--quiet']).ended;
  expect(built).toMatchObject({ status: 0 });
  const inspected: unknown = JSON.parse((await lab.run(['inspect', out, '--json']).ended).stdout);
  return isRecord(inspected) ? inspected['items'] : undefined;
}

async function serve(path: string): Promise<string> {
  const service = await startService({ paths: [path], host: '127.0.0.1', port: 0 });
  onTestFinished(() => service.stop(0));
  return service.url;
}

/** What cosign and others find beside the image of a repository. */
async function foundIn(repository: string): Promise<unknown> {
  const tagged = await fetch(`${repository}/manifests/${cosignTag(image, 'sig')}`);
  await tagged.arrayBuffer();
  const referrers: unknown = await (await fetch(`${repository}/referrers/${image.root.digest}`)).json();
  const list: unknown = await (await fetch(`${repository}/tags/list`)).json();
  return {
    signature: tagged.headers.get('docker-content-digest'),
    referrers: isRecord(referrers) ? referrers['manifests'] : undefined,
    tags: isRecord(list) ? list['tags'] : undefined,
  };
}

const everything = (): unknown => ({
  signature: sample.signature.root.digest,
  referrers: [expect.objectContaining({ digest: sample.bill.root.digest })],
  tags: expect.arrayContaining(['1.36', cosignTag(image, 'att'), cosignTag(image, 'sig')]),
});

describe('signatures that are served', () => {
  it.each(['library/busybox', 'docker.io/library/busybox', 'rancher/busybox'])(
    'are where clients look for them, in %s',
    async (repository) => {
      const url = await serve(lab.at('first.tar'));
      expect(await foundIn(`${url}/v2/${repository}`)).toEqual(everything());
    },
  );

  it('come along into a bundle that is built from the served one', async () => {
    const url = await serve(lab.at('first.tar'));
    lab.internet.log.clear();
    writeFileSync(lab.at('again.yaml'), `bundle: 1\nname: lab\n${PARTS}${routesTo(url)}`);
    expect(await itemsOf(lab.at('again.yaml'), 'second.tar')).toEqual(original);
    expect(lab.internet.log.entries).toEqual([]);
    expect(JSON.stringify(original)).toContain('"signature"');
  });

  it('are in the folder that stands in for a registry, too', async () => {
    const install = ['install', 'first.tar', '--registry', `embedded:${lab.at('layout')}`];
    expect(await lab.run(install).ended).toMatchObject({ status: 0 });
    const url = await serve(lab.at('layout'));
    for (const repository of ['library/busybox', 'rancher/busybox'])
      expect(await foundIn(`${url}/v2/${repository}`)).toEqual(everything());
  });
});
