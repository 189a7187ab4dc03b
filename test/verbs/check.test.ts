import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { streamOf } from '../../src/internal/bytes.ts';
import { type CheckWish, checkImages } from '../../src/verbs/check.ts';
import { plannedImage } from '../support/planned/items.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { sampleChart } from '../support/samples/sample-chart.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';

const BUNDLE = sampleBundle([
  plannedImage('docker.io/library/nginx:1.25', { platforms: ['linux/amd64'] }),
  plannedImage('docker.io/rancher/mirrored-pause:3.6', { platforms: ['linux/amd64', 'linux/arm64'] }),
  plannedImage('quay.io/jetstack/cert-manager-controller:v1.15.3'),
]);

type Files = Readonly<Record<string, string | Uint8Array>>;

async function check(
  files: Files,
  wish: Partial<CheckWish> = {},
): Promise<Awaited<ReturnType<typeof checkImages>>> {
  using folder = temporaryFolder();
  const path = join(folder.path, 'lab.tar');
  writeFileSync(path, BUNDLE.tar);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
  const result = await checkImages(
    { bundles: [path], files: Object.keys(files).map((name) => join(folder.path, name)), ...wish },
    NOBODY,
  );
  // Folders have random names.
  return JSON.parse(JSON.stringify(result).replaceAll(`${folder.path}/`, ''));
}

const podOf = (spec: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: ${spec}\n`;

async function missingIn(files: Files, wish: Partial<CheckWish> = {}): Promise<readonly string[]> {
  const { missing } = await check(files, wish);
  return missing.map(({ reference, platform = '' }) => `${reference} ${platform}`.trim());
}

describe('check', () => {
  it('tells what is missing, where it is named, and what is nearest', async () => {
    const text =
      '# a comment\n---\n' +
      podOf('\n  containers:\n    - name: a\n      image: quay.io/jetstack/cert-manager-controller:v1.15.4');
    expect((await check({ 'a.yaml': text })).missing).toEqual([
      {
        reference: 'quay.io/jetstack/cert-manager-controller:v1.15.4',
        nearest: 'quay.io/jetstack/cert-manager-controller:v1.15.3',
        places: [{ file: 'a.yaml', line: 9, path: 'spec.containers[0].image', object: 'Pod shop/web' }],
        times: 1,
      },
    ]);
  });

  it('tells the line and the path in JSON that was cut into items', async () => {
    const items = ['nginx:1.25', 'team/a:1'].map((image) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: image.slice(0, 4) },
      spec: { containers: [{ name: '"x', image }] },
    }));
    const text = JSON.stringify({ apiVersion: 'v1', items, kind: 'List' }, null, 2);
    const line = text.split('\n').findIndex((each) => each.includes('team/a:1')) + 1;
    const { missing, present } = await check({ 'pods.json': text });
    expect(missing[0]?.places).toEqual([
      { file: 'pods.json', line, path: 'items[1].spec.containers[0].image', object: 'Pod team' },
    ]);
    expect(present.map(({ reference, in: holder }) => [reference, holder])).toEqual([
      ['docker.io/library/nginx:1.25', 'lab.tar'],
    ]);
  });

  it.each([
    ['what is asked for by nobody in particular', podOf('{containers: [{image: "nginx:1.25"}]}'), [], []],
    [
      'an image for another architecture',
      podOf('{containers: [{image: "nginx:1.25"}]}'),
      ['linux/arm64'],
      ['docker.io/library/nginx:1.25 linux/arm64'],
    ],
    [
      'one for all',
      podOf('{containers: [{image: "rancher/mirrored-pause:3.6"}]}'),
      ['linux/arm64', 'linux/amd64'],
      [],
    ],
    [
      'by what the pod asks of its node',
      podOf('{nodeSelector: {kubernetes.io/arch: arm64}, containers: [{image: "nginx:1.25"}]}'),
      ['linux/amd64'],
      ['docker.io/library/nginx:1.25 linux/arm64'],
    ],
    [
      'by the node that the pod is on',
      `${podOf('{nodeName: n2, containers: [{image: "nginx:1.25"}]}')}---\napiVersion: v1\nkind: Node\nmetadata: {name: n2}\nstatus: {nodeInfo: {architecture: arm64, operatingSystem: linux}}\n`,
      [],
      ['docker.io/library/nginx:1.25 linux/arm64'],
    ],
    [
      'by an affinity',
      podOf(
        '{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [arm64]}]}]}}}, containers: [{image: "nginx:1.25"}]}',
      ),
      [],
      ['docker.io/library/nginx:1.25 linux/arm64'],
    ],
    [
      'of Compose',
      'services: {a: {image: "nginx:1.25", platform: linux/arm64}}\n',
      [],
      ['docker.io/library/nginx:1.25 linux/arm64'],
    ],
  ])('minds the platform: %s', async (_, text, platforms, expected) => {
    expect(await missingIn({ 'a.yaml': text }, { platforms })).toEqual(expected);
  });

  it('finds an image by digest, also that for one platform', async () => {
    const item = BUNDLE.plan.document.items.find(({ name }) => name.includes('nginx'));
    const digest = item?.descriptor.digest ?? '';
    const other = `sha256:${'0'.repeat(64)}`;
    expect(
      await missingIn({ 'list.txt': `nginx@${digest}\nnginx:1.25@${digest}\nnginx:1.25@${other}\n` }),
    ).toEqual([`docker.io/library/nginx:1.25@${other}`]);
  });

  it('asks the registry of the setting for what is packaged, as an install leaves it there', async () => {
    const files = {
      'config.yaml': 'system-default-registry: registry.lan:5000\npause-image: rancher/other:1\n',
      'k3s-images.txt': 'docker.io/rancher/mirrored-pause:3.6\ndocker.io/rancher/mirrored-coredns:1.11\n',
    };
    expect(await missingIn(files)).toEqual([
      'docker.io/rancher/other:1',
      'registry.lan:5000/rancher/mirrored-coredns:1.11',
    ]);
  });

  it('merges values into their chart', async () => {
    const chart = sampleChart('app', '1.0.0', {
      'values.yaml': 'image: {repository: quay.io/team/app, tag: v1}\n',
      'templates/a.yaml': 'image: "nginx:1.25"\n',
    });
    const { missing, findings } = await check({ 'app.tgz': chart, 'mine.yaml': 'image: {tag: v2}\n' });
    expect(missing.map(({ reference, places }) => [reference, places[0]?.file])).toEqual([
      ['quay.io/team/app:v2', 'app.tgz'],
    ]);
    expect(findings).toEqual([]);
  });

  it('opens the chart that an object of K3s has inside', async () => {
    const chart = sampleChart('app', '1.0.0', {
      'values.yaml': 'image: {repository: quay.io/team/app, tag: v1}\n',
    });
    const text = `apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: app}\nspec:\n  valuesContent: 'image: {tag: v3}'\n  chartContent: ${Buffer.from(chart).toString('base64')}\n`;
    const { missing } = await check({ 'a.yaml': text });
    expect(missing.map(({ reference, places }) => [reference, places[0]?.line])).toEqual([
      ['quay.io/team/app:v3', 6],
    ]);
  });

  it.each([
    [
      'a release that is only named',
      'apiVersion: provisioning.cattle.io/v1\nkind: Cluster\nspec: {kubernetesVersion: v1.31.2+rke2r1}\n',
      /v1\.31\.2\+rke2r1/,
    ],
    [
      'a chart that is somewhere else',
      'apiVersion: helm.cattle.io/v1\nkind: HelmChart\nspec: {chart: stable/x}\n',
      /stable\/x/,
    ],
    [
      'images of KubeVirt beyond those that every release has',
      'apiVersion: kubevirt.io/v1\nkind: KubeVirt\nmetadata: {name: kv}\nspec: {imageRegistry: quay.io/kubevirt, imageTag: v1.3.0}\n',
      /^KubeVirt kv asks for more images of its release of KubeVirt, which it does not name$/,
    ],
    [
      'images of KubeVirt whose registry its operator knows',
      'apiVersion: kubevirt.io/v1\nkind: KubeVirt\nspec: {imageTag: v1.3.0}\n',
      /KubeVirt asks for the images of its release of KubeVirt, which it does not name/,
    ],
    ['values without their chart', 'image: {repository: nginx, tag: "1.25"}\n', /values of a chart/],
    ['a file that names nothing', 'apiVersion: v1\nkind: Service\n', /No image is named/],
    ['an empty file', '', /No image is named/],
  ])('says what a file leaves open: %s', async (_, text, expected) => {
    const { findings } = await check({ 'a.yaml': text });
    expect(findings.map(({ message }) => message).join()).toMatch(expected);
  });

  it('reads the standard input once', async () => {
    const stdin = streamOf(Buffer.from(podOf('{containers: [{image: "team/x:1"}]}')));
    const { missing } = await check({}, { files: ['-'], stdin });
    expect(missing[0]?.places[0]?.file).toBe('standard input');
    expect((await thrownBy(check({}, { files: ['-', '-'], stdin }))).code).toBe('ERR_USAGE_INVALID');
  });
});

const bomb = `${['a: &a [x, x, x, x, x, x, x, x, x]', ...'bcdefghi'.split('').map((key, at) => `${key}: &${key} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[at]}`).join(', ')}]`)].join('\n')}\n`;
const utf16 = Buffer.concat([
  Buffer.from([0xff, 0xfe]),
  Buffer.from(podOf('{containers: [{image: "team/x:1"}]}'), 'utf16le'),
]);

/** An anchor and its alias, many times. */
function shared(count: number): string {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const anchors = numbers.map((number) => `  - &a${number} {image: "team/x:1"}\n`);
  return `a:\n${anchors.join('')}b:\n${numbers.map((number) => `  - *a${number}\n`).join('')}`;
}

describe('of a strange file, check', () => {
  it.each<readonly [string, string | Uint8Array, RegExp]>([
    [
      'a template of Helm',
      'kind: Pod\n{{- if .Values.a }}\nspec: {{ toYaml .Values.b }}\n{{- end }}\n',
      /line 2: it is a template of Helm/,
    ],
    [
      'a template that is YAML as well',
      podOf('{containers: [{image: "{{ .Values.image }}"}]}'),
      /template of Helm/,
    ],
    ['tabs', 'kind: Pod\nspec:\n\tcontainers: []\n', /line 3: tabs/],
    ['JSON that ends early', '{"kind": "List",\n "items": [{"a": 1},', /line 2: it ends early/],
    ['JSON with a comma too many', '{"items": [{"a": 1},\n{"b": }]}', /line 2: it is not JSON/],
    ['a YAML bomb', bomb, /line 1: excessive alias count/],
    [
      'aliases by the ten thousand',
      `a: &a {image: "team/x:1"}\nb:\n${'  - *a\n'.repeat(10_000)}`,
      /more than 5000 aliases/,
    ],
    ['anchors by the ten thousand', shared(10_000), /more than 5000 aliases/],
    [
      'one document of a million lines',
      `apiVersion: v1\nkind: ConfigMap\ndata:\n${'  k: v\n'.repeat(1_000_000)}`,
      /line 1: one document in it is too large/,
    ],
    [
      'one of a million values in a line',
      `a: [${'b,'.repeat(1_000_000)}]\n`,
      /line 1: one document in it is too large/,
    ],
    [
      'a line without an end',
      `a: "${'b'.repeat(7_000_000)}"\n`,
      /line 1: (?:one document in it is too large|it has a line that is too long)/,
    ],
    [
      'a list with such a line',
      `nginx:1.25\nteam/${'b'.repeat(2_000_000)}\n`,
      /line 2: it has a line that is too long/,
    ],
    [
      'tabs below a list',
      `${podOf('{containers: [{image: "team/x:1"}]}')}---\nkind: Pod\nspec:\n  containers:\n\t- image: team/y:1\n`,
      /line 9: tabs/,
    ],
    ['an unknown alias', 'a: *b\n', /line 1: unresolved alias/],
    ['bytes', Buffer.from([1, 2, 0, 3]), /neither text nor a packed chart/],
    ['a list with a wrong line', 'nginx:1.25\nNGINX:1\n', /a\.yaml:2|problem|without a reference/],
  ])('says what is wrong with it: %s', async (_, content, expected) => {
    await expect(check({ 'a.yaml': content })).rejects.toThrow(expected);
  });

  it.each<readonly [string, string | Uint8Array]>([
    ['UTF-16, as PowerShell writes it', utf16],
    [
      'a byte order mark and CRLF',
      `\uFEFF${podOf('{containers: [{image: "team/x:1"}]}').replaceAll('\n', '\r\n')}`,
    ],
    ['thousands of aliases', `a: &a {image: "team/x:1"}\nb:\n${'  - *a\n'.repeat(5000)}`],
    ['thousands of anchors', shared(3000)],
    ['thousands of merges', `a: &a {image: "team/x:1"}\nb:\n${'  - {<<: *a, c: d}\n'.repeat(3000)}`],
    ['JSON with a byte order mark', '\uFEFF{"image": "team/x:1", "apiVersion": "v1", "kind": "X"}'],
    [
      'several documents, some empty',
      `---\n---\n# nothing\n---\n${podOf('{containers: [{image: "team/x:1"}]}')}...\n---\n`,
    ],
  ])('reads it: %s', async (_, content) => {
    expect(await missingIn({ 'a.yaml': content })).toEqual(['docker.io/team/x:1']);
  });

  it('reads a list of a million lines item by item', async () => {
    const note = '    x\n'.repeat(9994);
    const item = `- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - image: team/x:1\n  note: |\n${note}`;
    const text = `apiVersion: v1\nitems:\n${item.repeat(100)}kind: List\n`;
    const { missing } = await check({ 'a.yaml': text });
    expect(missing.map(({ reference, times, places }) => [reference, times, places.at(-1)?.line])).toEqual([
      ['docker.io/team/x:1', 100, 2 + 9 * 10_000 + 5],
    ]);
  });

  it.each([
    ['a document', 'apiVersion: v1\nkind: X\n', 'a: b\n'],
    ['a line', '', 'abc '],
    ['a line of a list', 'nginx:1.25\nteam/', 'abcdefgh'],
    ['an object of JSON', '{"apiVersion": "v1", "items": [{"a": "', 'abcdefgh'],
  ])('does not read for ever: %s without an end', async (_, start, more) => {
    const chunk = Buffer.from(more.repeat(16 * 1024));
    const stdin = (async function* () {
      yield Buffer.from(start);
      for (;;) yield chunk;
    })();
    expect((await thrownBy(check({}, { files: ['-'], stdin }))).message).toMatch(/too (?:large|long)$/);
  });

  it('reads a large list item by item, with the right lines', async () => {
    const item = (at: number): string =>
      `- apiVersion: v1\n  kind: Pod\n  metadata: {name: p${at}}\n  note: |\n    ${'x'.repeat(900)}\n    - not an item\n  spec:\n    containers:\n    - image: team/x:${at === 1499 ? 'last' : '1'}\n`;
    const text = `apiVersion: v1\nitems:\n${Array.from({ length: 1500 }, (_, at) => item(at)).join('')}kind: List\n`;
    const { missing } = await check({ 'a.yaml': text });
    expect(
      missing.map(({ reference, times, places }) => [reference, times, places[0]?.line, places[0]?.path]),
    ).toEqual([
      ['docker.io/team/x:1', 1499, 11, 'items[0].spec.containers[0].image'],
      ['docker.io/team/x:last', 1, 2 + 1500 * 9, 'items[1499].spec.containers[0].image'],
    ]);
  });
});
