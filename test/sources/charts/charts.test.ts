import { describe, expect, it } from 'vitest';
import { chartFiles } from '../../../src/bundle/format/chart-files.ts';
import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { decodeManifest } from '../../../src/oci/manifest.ts';
import { resolveCharts } from '../../../src/sources/charts/charts.ts';
import type { ChartPart } from '../../../src/sources/charts/part.ts';
import { pushedChart, sampleChart } from '../../support/samples/sample-chart.ts';
import { type SourceBench, startBench } from '../../support/sites/source-context.ts';
import { problemsOf } from '../../support/thrown.ts';

const PLAIN = { render: false, exclude: [] } as const;
const VALUES = { 'values.yaml': 'image: { repository: rancher/one, tag: 1.10 }\n' };
const APP = sampleChart('app', '1.2.3+up4', VALUES);

async function resolveOne(bench: SourceBench, chart: ChartPart, files = new Map<string, Uint8Array>()) {
  const [resolved] = await resolveCharts({ charts: [chart], files }, bench.context);
  if (resolved === undefined) throw new Error('expected one chart');
  return resolved;
}

function manifestOf({ item, blobs }: PlannedItem) {
  const root = blobs.find(({ descriptor }) => descriptor.digest === item.descriptor.digest);
  if (root?.origin.type !== 'bytes') throw new Error('expected a manifest at hand');
  return decodeManifest(root.origin.bytes);
}

describe('a chart of an HTTP repository', () => {
  it('becomes what Helm would push, its layer the packed chart itself', async () => {
    await using bench = await startBench();
    const repository = `${bench.upstream.url}/helm`;
    const { planned, images } = await resolveOne(bench, {
      repository,
      name: 'cert-manager',
      version: 'v1.15.3',
      ...PLAIN,
    });
    const host = new URL(bench.upstream.url).host;
    expect(planned.item).toMatchObject({
      kind: 'chart',
      name: `${host}/helm/cert-manager:v1.15.3`,
      chart: 'cert-manager',
      version: 'v1.15.3',
      audience: ['files', 'registry'],
    });
    const manifest = manifestOf(planned);
    const packed = bench.upstream.content('/helm/charts/cert-manager-v1.15.3.tgz') ?? Buffer.alloc(0);
    expect(manifest).toMatchObject({
      type: 'manifest',
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.cncf.helm.config.v1+json' },
      layers: [
        {
          mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
          digest: digestOf(packed),
          size: packed.length,
        },
      ],
    });
    if (planned.item.kind !== 'chart') throw new Error('expected a chart');
    expect(chartFiles(planned.item, manifest)).toEqual([
      { name: 'cert-manager-v1.15.3.tgz', descriptor: { digest: digestOf(packed), size: packed.length } },
    ]);
    expect(images.map(({ name }) => name.replace('quay.io/jetstack/cert-manager-', ''))).toEqual([
      'acmesolver:v1.15.3',
      'cainjector:v1.15.3',
      'controller:v1.15.3',
      'startupapicheck:v1.15.3',
      'webhook:v1.15.3',
    ]);
    expect(planned.item.images?.[0]?.methods).toEqual(['known', 'values-inferred']);
  });

  it('is refused when it is not what the index says', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /cert-manager-v1\.15\.3\.tgz$/, answer: 'wrong-bytes' });
    const repository = `${bench.upstream.url}/helm`;
    const [problem] = await problemsOf(
      resolveOne(bench, { repository, name: 'cert-manager', version: 'v1.15.3', ...PLAIN }),
    );
    expect(problem).toMatch(/^ERR_DIGEST_MISMATCH Cannot verify chart "cert-manager" v1.15.3 of/);
  });

  it('is refused when a login page comes in its place', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: '/helm/index.yaml', answer: 'html' });
    const repository = `${bench.upstream.url}/helm`;
    expect(
      await problemsOf(resolveOne(bench, { repository, name: 'cert-manager', version: 'v1.15.3', ...PLAIN })),
    ).toEqual([expect.stringMatching(/^ERR_HTTP_BODY/)]);
  });
});

describe('a chart of a registry', () => {
  it('keeps the bytes it has there', async () => {
    const image = pushedChart('app', '1.2.3+up4', APP);
    await using bench = await startBench({ images: { 'ghcr.io/lab/app:1.2.3_up4': image } });
    const { planned, images } = await resolveOne(bench, {
      reference: 'oci://ghcr.io/lab/app:1.2.3+up4',
      ...PLAIN,
    });
    expect(planned.item).toMatchObject({
      kind: 'chart',
      name: 'ghcr.io/lab/app:1.2.3_up4',
      version: '1.2.3+up4',
      descriptor: { digest: image.root.digest },
      images: [{ name: 'docker.io/rancher/one:1.10', methods: ['values'] }],
    });
    expect(planned.blobs.map(({ descriptor }) => descriptor.digest)).toContain(digestOf(APP));
    expect(images).toHaveLength(1);
  });

  it('is refused when what is there is an image', async () => {
    const { sampleImage } = await import('../../support/samples/sample-image.ts');
    await using bench = await startBench({ images: { 'ghcr.io/lab/app:1.0.0': sampleImage() } });
    expect(
      await problemsOf(resolveOne(bench, { reference: 'oci://ghcr.io/lab/app:1.0.0', ...PLAIN })),
    ).toEqual([
      'ERR_DOCUMENT_INVALID Cannot resolve chart "ghcr.io/lab/app:1.0.0": what is there is not a Helm chart',
    ]);
  });
});

describe('a chart of this machine', () => {
  const files = new Map([['./app.tgz', APP]]);

  it('is named below "localhost", its "+" as "_"', async () => {
    await using bench = await startBench();
    const { planned } = await resolveOne(bench, { path: './app.tgz', ...PLAIN }, files);
    expect(planned.item).toMatchObject({ name: 'localhost/charts/app:1.2.3_up4', version: '1.2.3+up4' });
  });

  it('gives the same manifest each time, with texts in its config as they were written', async () => {
    await using bench = await startBench();
    const chart = { 'Chart.yaml': 'name: app\nversion: 1.0.0\nappVersion: 1.10\ndeprecated: true\nicon:\n' };
    const packed = new Map([['a.tgz', sampleChart('app', '1.0.0', { ...chart, ...VALUES })]]);
    const first = await resolveOne(bench, { path: 'a.tgz', ...PLAIN }, packed);
    const second = await resolveOne(bench, { path: 'a.tgz', ...PLAIN }, packed);
    expect(second.planned.item.descriptor).toEqual(first.planned.item.descriptor);
    const [config] = first.planned.blobs;
    expect(config?.origin.type === 'bytes' ? Buffer.from(config.origin.bytes).toString() : '').toBe(
      '{"name":"app","version":"1.0.0","appVersion":"1.10","deprecated":true}',
    );
  });

  it('leaves out what is excluded, with a tag or without', async () => {
    await using bench = await startBench();
    const values =
      'a: { repository: rancher/one, tag: 1.10 }\nb: { repository: quay.io/lab/two, tag: 2 }\nc: { repository: rancher/onetwo, tag: 3 }\n';
    const packed = new Map([['a.tgz', sampleChart('app', '1.0.0', { 'values.yaml': values })]]);
    const exclude = ['rancher/one', 'quay.io/lab/two:2'];
    const { images } = await resolveOne(bench, { path: 'a.tgz', render: false, exclude }, packed);
    expect(images.map(({ name }) => name)).toEqual(['docker.io/rancher/onetwo:3']);
  });

  it('without images is worth a warning, and so is a file of it that cannot be read', async () => {
    await using bench = await startBench();
    const packed = new Map([['a.tgz', sampleChart('app', '1.0.0', { 'values.yaml': 'a: [\n' })]]);
    await resolveOne(bench, { path: 'a.tgz', ...PLAIN }, packed);
    expect(bench.warnings.map(({ message }) => message)).toEqual([
      'Cannot read values.yaml of chart "a.tgz": some images that it names cannot be found',
      'No image was found in chart "a.tgz"',
    ]);
  });

  it.each([
    ['no name', 'version: 1.0.0\n', /it has no "name"/],
    ['a name that leads elsewhere', 'name: ../evil\nversion: 1.0.0\n', /its name "..\/evil" is not valid/],
    ['a version that is none', 'name: app\nversion: "1 0"\n', /its version "1 0" is not valid/],
    ['nothing in it', '', /it is not a mapping/],
  ])('with %s is refused', async (_, yaml, fact) => {
    await using bench = await startBench();
    const packed = new Map([['a.tgz', sampleChart('app', '1.0.0', { 'Chart.yaml': yaml })]]);
    const [problem] = await problemsOf(resolveOne(bench, { path: 'a.tgz', ...PLAIN }, packed));
    expect(problem).toMatch(fact);
    expect(problem).toMatch(/^ERR_DOCUMENT_INVALID Cannot read Chart.yaml of chart "a.tgz": /);
  });
});
