import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, hexOf } from '../../src/oci/digest.ts';
import { plannedChart } from '../support/planned/chart.ts';
import { type Serving, startServing } from '../support/sites/serving.ts';
import { artifactSample } from '../support/samples/target-samples.ts';

const chart = plannedChart('quay.io/charts/app:1.2.3_x', 'app', '1.2.3+x');
const older = plannedChart('quay.io/charts/app:1.2.2', 'app', '1.2.2');
const archive = chart.contents.find(({ descriptor }) =>
  descriptor.mediaType.endsWith('chart.content.v1.tar+gzip'),
);
const lists = artifactSample({ kind: 'rancher', name: 'v2.9.2', audience: ['files'] }, [
  { name: 'rancher-images.txt', bytes: Buffer.from('rancher/rancher:v2.9.2\n') },
]);

let serving: Serving;
beforeAll(async () => {
  serving = await startServing({ bundles: [[chart, older, lists]] });
});
afterAll(() => serving[Symbol.asyncDispose]());

describe('charts that are served', () => {
  it('are a Helm repository, each with its own metadata and the digest of its archive', async () => {
    const response = await serving.get('/charts/index.yaml');
    expect(response.status).toBe(200);
    expect(JSON.parse(await response.text())).toEqual({
      apiVersion: 'v1',
      entries: {
        app: expect.arrayContaining([
          expect.objectContaining({
            name: 'app',
            version: '1.2.3+x',
            urls: ['app-1.2.3%2Bx.tgz'],
            digest: hexOf(archive?.descriptor.digest ?? digestOf('')),
          }),
          expect.objectContaining({ version: '1.2.2', urls: ['app-1.2.2.tgz'] }),
        ]),
      },
    });
  });

  it.each(['app-1.2.3%2Bx.tgz', 'app-1.2.3+x.tgz'])('are there as archives by the name %s', async (name) => {
    const response = await serving.get(`/charts/${name}`);
    expect(response.status).toBe(200);
    expect(digestOf(new Uint8Array(await response.arrayBuffer()))).toBe(archive?.descriptor.digest);
  });

  it('are in the registry as well, and what is not there is not found', async () => {
    const manifest = await serving.get('/v2/quay.io/charts/app/manifests/1.2.3_x');
    expect(manifest.status).toBe(200);
    await manifest.arrayBuffer();
    expect((await serving.get('/charts/app-9.9.9.tgz')).status).toBe(404);
    expect((await serving.get('/charts/')).status).toBe(404);
  });
});

describe('lists of Rancher that are served', () => {
  it('are where GitHub has them', async () => {
    const response = await serving.get('/rancher/rancher/releases/download/v2.9.2/rancher-images.txt');
    expect(await response.text()).toBe('rancher/rancher:v2.9.2\n');
    expect((await serving.get('/rancher/rancher/releases/download/v2.9.2/none')).status).toBe(404);
    expect((await serving.get('/rancher/other/releases/download/v2.9.2/rancher-images.txt')).status).toBe(
      404,
    );
  });
});
