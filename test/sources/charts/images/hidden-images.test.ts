import { describe, expect, it } from 'vitest';
import { findChartImages } from '../../../../src/sources/charts/images/find.ts';
import { decodeChartYaml } from '../../../../src/sources/charts/metadata.ts';

const CHART = 'name: app\nversion: 1.0.0\nappVersion: 3.2.1\n';

function finds(files: Readonly<Record<string, string>>, values?: Readonly<Record<string, unknown>>) {
  const texts = new Map(Object.entries({ 'Chart.yaml': CHART, ...files }));
  return findChartImages(decodeChartYaml(texts.get('Chart.yaml') ?? '', 'chart "app"'), texts, values);
}

function namesOf(
  files: Readonly<Record<string, string>>,
  values?: Readonly<Record<string, unknown>>,
): readonly string[] {
  return finds(files, values).images.map(({ name }) => name);
}

describe('an image that is written out in a chart', () => {
  it.each([
    [
      'a variable',
      'templates/a.yaml',
      '- name: RELATED_IMAGE_DB\n  value: quay.io/foo/db:v2\n',
      'quay.io/foo/db:v2',
    ],
    [
      'a key of a ConfigMap',
      'templates/a.yaml',
      'data:\n  sidecar-image: quay.io/foo/sidecar:v1\n',
      'quay.io/foo/sidecar:v1',
    ],
    [
      'the argument of a reloader',
      'templates/a.yaml',
      'args:\n  - --prometheus-config-reloader=quay.io/po/reloader:v0.70.0\n',
      'quay.io/po/reloader:v0.70.0',
    ],
    [
      'an argument and the next',
      'templates/a.yaml',
      'args:\n  - --image\n  - quay.io/po/x:v1\n',
      'quay.io/po/x:v1',
    ],
    [
      'a flow mapping',
      'templates/a.yaml',
      'containers: [{name: a, image: quay.io/foo/flow:v12}]\n',
      'quay.io/foo/flow:v12',
    ],
    [
      'a default',
      'templates/a.yaml',
      'image: {{ .Values.x | default "rancher/kubectl:v1.20.3" }}\n',
      'docker.io/rancher/kubectl:v1.20.3',
    ],
    [
      'a default of a helper',
      'templates/_helpers.tpl',
      '{{- define "a" -}}\n{{- default "quay.io/a/b:v1" .x -}}\n{{- end -}}\n',
      'quay.io/a/b:v1',
    ],
    [
      'JSON',
      'templates/a.json',
      '{"containers": [{"image": "quay.io/foo/json:v1"}]}\n',
      'quay.io/foo/json:v1',
    ],
    ['a CRD', 'crds/a.yaml', 'spec:\n  default:\n    image: quay.io/foo/crd:v1\n', 'quay.io/foo/crd:v1'],
    ['a file', 'files/a.yaml', 'image: quay.io/foo/file:v1\n', 'quay.io/foo/file:v1'],
    ['a subchart', 'charts/sub/templates/a.yaml', 'image: quay.io/foo/sub:v1\n', 'quay.io/foo/sub:v1'],
    [
      'values: a key of its own',
      'values.yaml',
      'busyboxImage: rancher/mirrored-library-busybox:1.31.1\n',
      'docker.io/rancher/mirrored-library-busybox:1.31.1',
    ],
    [
      'values: a name without a namespace',
      'values.yaml',
      'image: nginx:1.25\n',
      'docker.io/library/nginx:1.25',
    ],
    ['values: below "images"', 'values.yaml', 'images: {proxy: host.lan/name:tag}\n', 'host.lan/name:tag'],
    ['values: a variable', 'values.yaml', 'env: [{name: DB_IMAGE, value: "q.io/a/db:2"}]\n', 'q.io/a/db:2'],
  ])('is found: %s', (_, path, text, expected) => {
    expect(namesOf({ [path]: text })).toContain(expected);
  });

  it.each([
    ['a text of its own', 'templates/a.yaml', 'default: "quay.io/foo/x:v1"\n'],
    ['a setting', 'templates/a.yaml', 'data:\n  sidecar: quay.io/foo/x:v1\n'],
    ['a value by another name', 'values.yaml', 'proxy: quay.io/foo/x:v1\n'],
    ['a text of a CRD', 'crds/a.yaml', 'description: For example quay.io/foo/x:v1.\n'],
  ])('is told where it only looks like one: %s', (_, path, text) => {
    const { images, lookalikes } = finds({ [path]: text });
    expect(images).toEqual([]);
    expect(lookalikes).toEqual(['quay.io/foo/x:v1']);
  });

  it.each([
    ['a comment of YAML', 'templates/a.yaml', '# image: quay.io/foo/x:v1\n'],
    ['a comment of a template', 'templates/a.yaml', '{{- /* image: quay.io/foo/x:v1 */ -}}\n'],
    ['a URL', 'templates/a.yaml', 'url: https://quay.io/foo/x:v1\n'],
    ['the notes', 'templates/NOTES.txt', 'image: quay.io/foo/x:v1\n'],
    ['a file of no kind that is installed', 'README.md', 'image: quay.io/foo/x:v1\n'],
  ])('is none in %s', (_, path, text) => {
    const { images, lookalikes } = finds({ [path]: text });
    expect([images, lookalikes]).toEqual([[], []]);
  });
});

describe('the values of a parent', () => {
  const sub = (name: string, values: string, more = ''): Readonly<Record<string, string>> => ({
    [`charts/${name}/Chart.yaml`]: `name: ${name}\nversion: 1.0.0\nappVersion: 9\n${more}`,
    [`charts/${name}/values.yaml`]: values,
  });
  const IMAGE = 'image: {repository: quay.io/foo/subo, tag: v9}\n';

  it.each([
    ['replace a tag', 'sub: {image: {tag: v99}}\n', 'quay.io/foo/subo:v99'],
    ['replace a repository', 'sub: {image: {repository: r.lan/x}}\n', 'r.lan/x:v9'],
    ['take a tag away, so that appVersion counts', 'sub: {image: {tag: null}}\n', 'quay.io/foo/subo:9'],
    ['leave alone what they do not name', 'sub: {other: 1}\n', 'quay.io/foo/subo:v9'],
    ['replace a mapping by a text', 'sub: {image: "r.lan/whole:1"}\n', 'r.lan/whole:1'],
  ])('reach its subchart: they %s', (_, values, expected) => {
    expect(namesOf({ 'values.yaml': values, ...sub('sub', IMAGE) })).toEqual([expected]);
  });

  it('are under the alias of a dependency, each by itself where there are two', () => {
    const chart = `${CHART}dependencies:\n  - {name: sub, alias: one}\n  - {name: sub, alias: two}\n`;
    const values = 'one: {image: {tag: v1}}\ntwo: {image: {tag: v2}}\nsub: {image: {tag: ignored}}\n';
    expect(namesOf({ 'Chart.yaml': chart, 'values.yaml': values, ...sub('sub', IMAGE) })).toEqual([
      'quay.io/foo/subo:v1',
      'quay.io/foo/subo:v2',
    ]);
  });

  it('reach a subchart of a subchart, packed or not', () => {
    const inner = Object.fromEntries(
      Object.entries(sub('inner', IMAGE)).map(([path, text]) => [`charts/sub-1.0.0/${path}`, text]),
    );
    const files = {
      'values.yaml': 'sub: {inner: {image: {tag: v7}}}\n',
      'charts/sub-1.0.0/Chart.yaml': 'name: sub\nversion: 1.0.0\n',
      'charts/sub-1.0.0/values.yaml': 'inner: {image: {tag: v6}}\n',
      ...inner,
    };
    expect(namesOf(files)).toEqual(['quay.io/foo/subo:v7']);
  });

  it('give way to those of the spec', () => {
    const files = { 'values.yaml': 'sub: {image: {tag: v99}}\n', ...sub('sub', IMAGE) };
    expect(namesOf(files, { sub: { image: { tag: 'v100' } } })).toEqual(['quay.io/foo/subo:v100']);
  });
});
