import { describe, expect, it } from 'vitest';
import { findChartImages } from '../../../../src/sources/charts/images/find.ts';
import { decodeChartYaml } from '../../../../src/sources/charts/metadata.ts';

type Texts = Readonly<Record<string, string>>;

function finds(files: Texts, chart = 'name: app\nversion: 1.0.0\nappVersion: 3.2.1\n') {
  const texts = new Map(Object.entries(files));
  return findChartImages(decodeChartYaml(chart, 'chart "app"'), texts);
}

/** Each image as `name (methods)`. */
function found(files: Texts, chart?: string): readonly string[] {
  return finds(files, chart).images.map(({ name, methods }) => `${name} (${methods.join(', ')})`);
}

describe('the annotations of a chart', () => {
  it.each(['artifacthub.io/images', 'helm.sh/images', 'images'])('name images under %s', (key) => {
    const chart = [
      'name: app',
      'version: 1.0.0',
      'annotations:',
      `  ${key}: |`,
      '    - name: one',
      '      image: quay.io/lab/one:1.10',
      '      whitelisted: true',
      '    - image: lab/two:2',
      '',
    ].join('\n');
    expect(found({}, chart)).toEqual([
      'docker.io/lab/two:2 (annotation)',
      'quay.io/lab/one:1.10 (annotation)',
    ]);
  });

  it('are reported when they hold something else than a list', () => {
    const chart = 'name: app\nversion: 1.0.0\nannotations:\n  images: "nothing: here"\n';
    expect(finds({}, chart)).toEqual({ images: [], unread: ['annotation images'], lookalikes: [] });
  });
});

describe('a list of images that a chart carries', () => {
  it.each(['images.lock', 'images-lock.yaml', 'images.lock.yaml', '.images.lock.yaml'])(
    'is read: %s',
    (path) => {
      expect(found({ [path]: 'images:\n  - name: one\n    image: quay.io/lab/one:1.10\n' })).toEqual([
        'quay.io/lab/one:1.10 (image-lock)',
      ]);
    },
  );

  it('may be a plain list of names, comments among them', () => {
    expect(found({ 'images.lock': '# ours\nquay.io/lab/one:1\r\nlab/two:2\n' })).toEqual([
      'docker.io/lab/two:2 (image-lock)',
      'quay.io/lab/one:1 (image-lock)',
    ]);
  });
});

describe('the values of a chart', () => {
  it('name images by repository and tag, the tag as it is written', () => {
    const values =
      'a:\n  deep:\n    - image:\n        repository: rancher/one\n        tag: 1.10\nb: { repository: lab/two, tag: "0777" }\n';
    expect(found({ 'values.yaml': values })).toEqual([
      'docker.io/lab/two:0777 (values)',
      'docker.io/rancher/one:1.10 (values)',
    ]);
  });

  it('are read in subcharts too, with the appVersion of the subchart', () => {
    const files = {
      'charts/sub/Chart.yaml': 'name: sub\nversion: 9.9.9\nappVersion: 1.20\n',
      'charts/sub/values.yml': 'image: { repository: quay.io/lab/sub }\n',
      'values.yaml': 'image: { repository: quay.io/lab/main }\n',
    };
    expect(found(files)).toEqual([
      'quay.io/lab/main:3.2.1 (values-inferred)',
      'quay.io/lab/sub:1.20 (values-inferred)',
    ]);
  });

  it('count a registry beside the repository, once', () => {
    const values =
      'a: { registry: quay.io, repository: lab/one, tag: 1 }\nb: { registry: quay.io, repository: quay.io/lab/two, tag: 2 }\n';
    expect(found({ 'values.yaml': values })).toEqual([
      'quay.io/lab/one:1 (values-inferred)',
      'quay.io/lab/two:2 (values-inferred)',
    ]);
  });

  it('keep a digest, with a tag beside it and without', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const values = `a: { repository: quay.io/lab/one, digest: "${digest}" }\nb: { repository: quay.io/lab/two, tag: v1, digest: "${digest}" }\n`;
    expect(found({ 'values.yaml': values })).toEqual([
      `quay.io/lab/one@${digest} (values-inferred)`,
      `quay.io/lab/two:v1@${digest} (values-inferred)`,
    ]);
  });

  it('name images in one text, and take no sentence or template for one', () => {
    const values =
      'a: { image: quay.io/lab/one:1 }\nb: { image: "use {{ this }}/one:1" }\nc: { image: plain }\n';
    expect(found({ 'values.yaml': values })).toEqual(['quay.io/lab/one:1 (values-inferred)']);
  });

  it('name nothing with an empty repository, a URL or a place of source code', () => {
    const values = [
      'a: { repository: "", tag: 1 }',
      'b: { repository: "https://charts.example.com", tag: 1 }',
      'c: { repository: "git@example.com:lab/app.git", tag: 1 }',
      'd: { repository: ~, tag: 1 }',
      '',
    ].join('\n');
    expect(found({ 'values.yaml': values })).toEqual([]);
  });

  it('tell images for Windows alone from those for both', () => {
    const values =
      'a: { repository: lab/win, tag: 1, os: windows }\nb: { repository: lab/both, tag: 1, os: "linux,windows" }\n';
    const { images } = finds({ 'values.yaml': values });
    expect(images.map(({ name, windowsOnly }) => [name, windowsOnly])).toEqual([
      ['docker.io/lab/both:1', false],
      ['docker.io/lab/win:1', true],
    ]);
  });

  it('follow anchors and merge keys', () => {
    const values = 'base: &base { repository: lab/one, tag: 1.10 }\nother:\n  <<: *base\n  tag: 1.20\n';
    expect(found({ 'values.yaml': values })).toEqual([
      'docker.io/lab/one:1.10 (values)',
      'docker.io/lab/one:1.20 (values)',
    ]);
  });

  it('are reported when they are no YAML, and when they are a bomb of aliases', () => {
    const bomb = Array.from({ length: 12 }, (_, index) =>
      index === 0
        ? 'a0: &a0 [x, x]'
        : `a${index}: &a${index} [${Array(9)
            .fill(`*a${index - 1}`)
            .join(', ')}]`,
    ).join('\n');
    expect(finds({ 'values.yaml': 'a: [\n' }).unread).toEqual(['values.yaml']);
    expect(finds({ 'charts/x/values.yaml': bomb }).unread).toEqual(['charts/x/values.yaml']);
  });

  it('are walked to their end however deep they are', () => {
    const deep = `${'a: {'.repeat(400)}image: { repository: lab/deep, tag: 1 }${'}'.repeat(400)}\n`;
    expect(found({ 'values.yaml': deep })).toEqual(['docker.io/lab/deep:1 (values)']);
  });
});

describe('the templates of a chart', () => {
  it('name what is written out, quoted or not, with a dash or without', () => {
    const text = [
      '      image: quay.io/lab/one:1',
      '      - image: "quay.io/lab/two:2"',
      "        image: 'quay.io/lab/three:3' # why",
      '        image: {{ .Values.image }}',
      '        image: quay.io/lab/{{ .Values.name }}:4',
      '        image: untagged',
      '        - --solver-image=quay.io/lab/solver:5',
      '',
    ].join('\n');
    expect(found({ 'templates/a.yaml': text })).toEqual([
      'quay.io/lab/one:1 (template)',
      'quay.io/lab/solver:5 (template)',
      'quay.io/lab/three:3 (template)',
      'quay.io/lab/two:2 (template)',
    ]);
  });
});

describe('an image found in several ways', () => {
  it('is there once, with all of them', () => {
    const files = {
      'images.lock': 'quay.io/lab/one:1\n',
      'templates/a.yaml': 'image: quay.io/lab/one:1\n',
      'values.yaml': 'a: { repository: quay.io/lab/one, tag: 1 }\n',
    };
    expect(found(files)).toEqual(['quay.io/lab/one:1 (image-lock, template, values)']);
  });
});
