import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveCharts } from '../../../../src/sources/charts/charts.ts';
import { type RenderedChart, renderedImages } from '../../../../src/sources/charts/images/helm-template.ts';
import { fakeHelm } from '../../../support/sites/fake-helm.ts';
import { sampleChart } from '../../../support/samples/sample-chart.ts';
import { startBench } from '../../../support/sites/source-context.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { thrownBy } from '../../../support/thrown.ts';

const RENDERED = `---
# Source: app/templates/a.yaml
kind: Deployment
spec:
  template:
    spec:
      initContainers:
        - image: "quay.io/lab/init:1.10"
      containers:
        - image: rancher/one:1.10
          args: [--acme-http01-solver-image=quay.io/lab/solver:2, --v=2]
---
---
kind: Job
metadata: { annotations: { helm.sh/hook: post-install } }
spec: { template: { spec: { containers: [{ image: 'quay.io/lab/hook:3' }] } } }
`;

const CHART = sampleChart('app', '1.0.0', {
  'values.yaml': 'a: { repository: rancher/one, tag: 1.10 }\nb: { repository: rancher/off, tag: 1 }\n',
});

describe('a rendered chart', () => {
  it('names the images of all its documents: init containers, hooks, arguments, tags as written', async () => {
    using folder = temporaryFolder();
    const { env, log } = fakeHelm(folder.path, { output: RENDERED });
    const { images } = await renderedImages({ bytes: CHART }, 'chart "app"', { env, signal: undefined });
    expect(images.map(({ name }) => name)).toEqual([
      'docker.io/rancher/one:1.10',
      'quay.io/lab/hook:3',
      'quay.io/lab/init:1.10',
      'quay.io/lab/solver:2',
    ]);
    const [call = '', plugins = '', magic] = readFileSync(log, 'utf8').split('\n');
    expect(call).toMatch(/^template saddlebag \S+chart\.tgz --include-crds$/);
    expect(magic).toBe(' 1f 8b');
    // It ran with folders of its own, and they are gone.
    expect(plugins).toContain('saddlebag-helm-');
    expect(existsSync(dirname(plugins))).toBe(false);
  });

  it('is compared with what was read: both are wanted, and both differences are reported', async () => {
    using folder = temporaryFolder();
    const { env } = fakeHelm(folder.path, { output: RENDERED });
    await using bench = await startBench({ env });
    const charts = [{ path: 'a.tgz', render: true, exclude: ['quay.io/lab/solver'] }];
    const [resolved] = await resolveCharts({ charts, files: new Map([['a.tgz', CHART]]) }, bench.context);
    expect(resolved?.images.map(({ name, methods }) => [name, methods])).toEqual([
      ['docker.io/rancher/off:1', ['values']],
      ['docker.io/rancher/one:1.10', ['rendered', 'values']],
      ['quay.io/lab/hook:3', ['rendered']],
      ['quay.io/lab/init:1.10', ['rendered']],
    ]);
    expect(bench.warnings.map(({ message }) => message)).toEqual([
      '2 images of chart "a.tgz" found only by "helm template": quay.io/lab/hook:3, quay.io/lab/init:1.10',
      '1 image of chart "a.tgz" not used by "helm template" with these values: docker.io/rancher/off:1',
    ]);
  });
});

describe('what Helm is told', () => {
  const callFor = async (chart: Omit<RenderedChart, 'bytes'>): Promise<string> => {
    using folder = temporaryFolder();
    const { env, log } = fakeHelm(folder.path, { output: RENDERED });
    await renderedImages({ bytes: CHART, ...chart }, 'chart "app"', { env, signal: undefined });
    return readFileSync(log, 'utf8').split('\n')[0] ?? '';
  };

  it.each([
    ['< 1.31.0-0', '1.30.0'],
    ['>=1.21.0-0 <1.28.0-0', '1.27.0'],
    ['>= 1.21.0-0, < 1.31.0-0', '1.30.0'],
    ['^1.20.0-0 < 1.26.0', '1.25.0'],
    ['~1.24.0', '1.24.0'],
    ['1.21 - 1.24', '1.24.0'],
    ['< 1.19.0 || >= 1.22.0 < 1.23.0', '1.22.0'],
  ])('of a chart for %s: the newest version that it fits', async (kubeRange, version) => {
    expect(await callFor({ kubeRange })).toMatch(new RegExp(`--kube-version ${version}$`));
  });

  it.each(['>= 1.21.0-0', undefined, 'no range at all'])(
    'of a chart for %s: no version',
    async (kubeRange) => {
      expect(await callFor({ kubeRange })).not.toContain('--kube-version');
    },
  );

  it('of a spec: its version before that of the chart, and its values', async () => {
    const values = Buffer.from('hostname: a.lan\n');
    const call = await callFor({ kubeRange: '< 1.31.0-0', kubeVersion: 'v1.29', values });
    expect(call).toMatch(/--kube-version v1\.29 --values \S+values\.yaml$/);
  });

  it.each([
    [
      'Error: chart requires kubeVersion: < 1.31.0-0 which is incompatible with Kubernetes v1.36.0',
      '"kubeVersion"',
    ],
    ['Error: execution error at (a.yaml:1:2): hostname is required', '"values"'],
  ])('is what the hint names when Helm says %j', async (words, hint) => {
    using folder = temporaryFolder();
    const { env } = fakeHelm(folder.path, { status: 1, words: `${words}\n` });
    const error = await thrownBy(renderedImages({ bytes: CHART }, 'chart "app"', { env, signal: undefined }));
    expect(error.hint).toContain(hint);
  });
});

describe('a chart that cannot be rendered', () => {
  const render = async (env: Readonly<Record<string, string>>, signal?: AbortSignal) =>
    await thrownBy(renderedImages({ bytes: CHART }, 'chart "app"', { env, signal }));

  it('is an error where there is no helm', async () => {
    using folder = temporaryFolder();
    expect(await render({ PATH: folder.path })).toMatchObject({
      code: 'ERR_RENDER_FAILED',
      message: 'Cannot render chart "app": there is no "helm" on the PATH',
      hint: 'Install helm, or leave "render" out.',
    });
  });

  it('is an error in the words of helm', async () => {
    using folder = temporaryFolder();
    const { env } = fakeHelm(folder.path, {
      status: 1,
      words: 'Error: values do not meet the schema\nmore\n',
    });
    expect((await render(env)).message).toBe(
      'Cannot render chart "app": "helm template" ended with status 1: Error: values do not meet the schema',
    );
  });

  it('is an error when what helm writes is not YAML', async () => {
    using folder = temporaryFolder();
    const { env } = fakeHelm(folder.path, { output: 'a: [\n' });
    expect((await render(env)).message).toMatch(/what "helm template" wrote is not YAML/);
  });

  it('is no error of the chart when the work is interrupted', async () => {
    using folder = temporaryFolder();
    const { env } = fakeHelm(folder.path, { output: RENDERED });
    expect((await render(env, AbortSignal.abort())).code).toBe('ERR_INTERRUPTED');
  });
});
