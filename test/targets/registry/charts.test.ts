import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkBundle } from '../../../src/bundle/check/check.ts';
import type { Naming } from '../../../src/oci/naming.ts';
import { chosenTargets } from '../../../src/targets/chosen-targets.ts';
import { filesTarget } from '../../../src/targets/files/files.ts';
import { registryTarget } from '../../../src/targets/registry/registry.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import { plannedChart } from '../../support/planned/chart.ts';
import { plannedImage, type PlannedSample } from '../../support/planned/items.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { sampleChart } from '../../support/samples/sample-chart.ts';
import { artifactSample, bundleOf } from '../../support/samples/target-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';

const CERT_MANAGER = plannedChart('charts.jetstack.io/cert-manager:v1.15.3', 'cert-manager', 'v1.15.3');
const LOCAL = plannedChart('localhost/charts/app:1.0.0_up2', 'app', '1.0.0+up2');
const LISTS = artifactSample({ kind: 'rancher', name: 'v2.9.2', audience: ['files'] }, [
  { name: 'rancher-images.txt', bytes: Buffer.from('rancher/rancher:v2.9.2\n') },
  { name: 'sha256sum.txt', bytes: Buffer.from('sums\n') },
]);

async function setUpRegistry(samples: readonly PlannedSample[], naming?: Naming) {
  const registry = await startRegistry();
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const client = openTestClient();
  onTestFinished(() => client[Symbol.asyncDispose]());
  const bundle = await bundleOf(samples);
  const target = registryTarget(bundle, {
    registry: client.open(registry.host),
    ...(naming === undefined ? {} : { naming }),
  });
  return { registry, bundle, target };
}

describe('a chart in a bundle', () => {
  it('is sound content: nothing is missing, nothing is too much', async () => {
    const bundle = await bundleOf([CERT_MANAGER, LOCAL, LISTS, plannedImage('docker.io/rancher/one:1.10')]);
    expect(await checkBundle(bundle)).toEqual([]);
  });

  it('is listed without a name: containerd would take what has one for an image', async () => {
    const bundle = await bundleOf([CERT_MANAGER]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of bundle.stream('index.json')) chunks.push(chunk);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({
      manifests: [{ artifactType: 'application/vnd.cncf.helm.config.v1+json' }],
    });
    expect(Buffer.concat(chunks).toString()).not.toContain('cert-manager');
  });

  it('is refused when its manifest is that of something else', async () => {
    const { planned, contents } = plannedImage('charts.jetstack.io/cert-manager:v1.15.3');
    const { descriptor } = planned.item;
    const item = { ...CERT_MANAGER.planned.item, descriptor };
    const bundle = await bundleOf([{ planned: { ...planned, item }, contents }]);
    const problems = await checkBundle(bundle);
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'ERR_BUNDLE_INVALID Cannot read chart "charts.jetstack.io/cert-manager:v1.15.3": its manifest is not that of one Helm chart',
    ]);
  });
});

describe('the files target', () => {
  it('places the packed chart, which is a layer of the chart, and the lists of Rancher', async () => {
    using folder = temporaryFolder();
    const target = filesTarget(await bundleOf([CERT_MANAGER, LOCAL, LISTS]), { folder: folder.path });
    expect((await installTarget(target)).map(({ kind, name, outcome }) => [kind, name, outcome])).toEqual([
      ['file', 'cert-manager-v1.15.3.tgz', 'placed'],
      ['file', 'app-1.0.0+up2.tgz', 'placed'],
      ['file', 'rancher-images.txt', 'placed'],
      ['file', 'sha256sum.txt', 'placed'],
    ]);
    const yaml = { 'Chart.yaml': 'name: app\nversion: 1.0.0+up2\n' };
    expect(readFileSync(join(folder.path, 'app-1.0.0+up2.tgz'))).toEqual(
      Buffer.from(sampleChart('app', '1.0.0+up2', yaml)),
    );
    expect((await target.prove()).map(({ level }) => level)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(Array(4).fill('present'));
  });

  it('refuses two charts of one file name before any change', async () => {
    using folder = temporaryFolder();
    const other = plannedChart('charts.example.com/cert-manager:v1.15.3', 'cert-manager', 'v1.15.3');
    const target = filesTarget(await bundleOf([CERT_MANAGER, other]), { folder: folder.path });
    expect(await problemsOf(target.plan())).toEqual([
      expect.stringMatching(/has the name "cert-manager-v1.15.3.tgz" as well$/),
    ]);
  });
});

describe('the registry target', () => {
  it.each([
    ['rancher', ['charts.jetstack.io/cert-manager:v1.15.3', 'charts/app:1.0.0_up2']],
    ['strip', ['cert-manager:v1.15.3', 'charts/app:1.0.0_up2']],
    ['full', ['charts.jetstack.io/cert-manager:v1.15.3', 'charts/app:1.0.0_up2']],
  ] as const)('pushes charts under their names, by the naming "%s"', async (naming, expected) => {
    const { registry, target } = await setUpRegistry([CERT_MANAGER, LOCAL], naming);
    const results = await installTarget(target);
    expect(results.map(({ kind, outcome, destination }) => [kind, outcome, destination])).toEqual(
      expected.map((name) => ['chart', 'pushed', `${registry.host}/${name}`]),
    );
    expect((await target.prove()).map(({ level }) => level)).toEqual(['ok']);
  });

  it('pushes what "helm pull" asks for: the manifest by its tag, with the layer it names', async () => {
    const { registry, target } = await setUpRegistry([CERT_MANAGER]);
    await installTarget(target);
    const at = `${registry.url}/v2/charts.jetstack.io/cert-manager`;
    const accept = { accept: 'application/vnd.oci.image.manifest.v1+json' };
    const manifest: unknown = await (await fetch(`${at}/manifests/v1.15.3`, { headers: accept })).json();
    const { descriptor } = CERT_MANAGER.planned.blobs.at(1) ?? {};
    expect(manifest).toMatchObject({
      config: { mediaType: 'application/vnd.cncf.helm.config.v1+json' },
      layers: [
        { mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', digest: descriptor?.digest },
      ],
    });
    const layer = await fetch(`${at}/blobs/${descriptor?.digest}`);
    expect((await layer.arrayBuffer()).byteLength).toBe(descriptor?.size);
  });

  it('refuses a chart and an image under one name', async () => {
    const { target } = await setUpRegistry(
      [CERT_MANAGER, plannedImage('quay.io/cert-manager:v1.15.3')],
      'strip',
    );
    expect(await problemsOf(target.plan())).toEqual([
      expect.stringMatching(/^ERR_TARGET_REFUSED Cannot push/),
    ]);
  });
});

describe('a bundle of charts alone', () => {
  it('has something for a registry and for a folder, and nothing for a node', async () => {
    const bundle = await bundleOf([CERT_MANAGER]);
    const { registry } = await setUpRegistry([]);
    const client = openTestClient();
    onTestFinished(() => client[Symbol.asyncDispose]());
    const context = {
      host: { os: 'linux', env: {}, home: '/nowhere' },
      platform: { os: 'linux', architecture: 'amd64' },
      registryAt: (host: string) => client.open(host),
    };
    const choice = { registry: [registry.host], files: '/tmp/files' };
    const targets = await chosenTargets(bundle, choice, context);
    expect(targets.map(({ name }) => name)).toEqual(['files', 'registry']);
    const node = (async () => await chosenTargets(bundle, { 'k3s-node': true }, context))();
    expect((await thrownBy(node)).code).toBe('ERR_CONTENT_NOT_FOUND');
  });
});
