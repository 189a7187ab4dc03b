import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/internal/finding.ts';
import { joinedSpec, problemsOfSpec } from '../../support/sites/included-spec.ts';

const LAB = 'bundle: 1\nname: lab\ninclude: [zarf.yaml]\n';
const CHOICE = 'bundle: 1\nname: lab\ninclude: [{ path: zarf.yaml, components: [extra] }]\n';
const PACKAGE = [
  'kind: ZarfPackageConfig',
  'metadata: { name: podinfo, version: 6.4.0, architecture: amd64 }',
  'components:',
  '- name: podinfo',
  '  required: true',
  '  charts:',
  '  - { name: podinfo, version: 6.4.0, namespace: podinfo, url: "oci://ghcr.io/stefanprodan/charts/podinfo" }',
  '  - { name: own, version: 1.0.0, localPath: charts/own.tgz, valuesFiles: [values.yaml] }',
  '  - { name: here, repoName: there, version: 1.2.3, url: "https://charts.lab" }',
  '  manifests: [{ name: m, files: [deploy.yaml, "https://lab.example/more.yaml"] }]',
  '  images:',
  '  - ghcr.io/stefanprodan/podinfo:6.4.0',
  `  - "quay.io/lab/x@sha256:${'a'.repeat(64)}"`,
  '  - quay.io/lab/tool-###ZARF_PKG_ARCH###:1',
  '- name: extra',
  '  only: { flavor: big }',
  `  files: [{ source: tool, target: /usr/bin/tool, executable: true, shasum: ${'b'.repeat(64)} }]`,
  '- name: arm',
  '  only: { cluster: { architecture: arm64 } }',
  '  images: [arm]',
  '',
].join('\n');

describe('a package of Zarf in a spec', () => {
  it('gives what its components have pulled into the package', async () => {
    const findings: Finding[] = [];
    const found = await joinedSpec({ 'lab.yaml': LAB, 'zarf.yaml': PACKAGE }, (finding) =>
      findings.push(finding),
    );
    const chart = { render: false, exclude: [] };
    expect(found).toEqual({
      images: [
        { reference: 'ghcr.io/stefanprodan/podinfo:6.4.0', platforms: ['linux/amd64'] },
        `quay.io/lab/x@sha256:${'a'.repeat(64)}`,
        { reference: 'quay.io/lab/tool-amd64:1', platforms: ['linux/amd64'] },
      ],
      charts: [
        { ...chart, reference: 'oci://ghcr.io/stefanprodan/charts/podinfo:6.4.0' },
        { ...chart, path: 'charts/own.tgz', values: 'values.yaml' },
        { ...chart, repository: 'https://charts.lab', name: 'there', version: '1.2.3' },
      ],
      files: [{ path: 'deploy.yaml' }, { url: 'https://lab.example/more.yaml' }],
    });
    expect(findings).toEqual([
      {
        level: 'warning',
        message: expect.stringMatching(/"components\[1\]\.only\.flavor" at .*zarf\.yaml:16:19/),
        hint: expect.stringContaining('components: [extra]'),
      },
    ]);
  });

  it('gives the components that the spec chooses', async () => {
    expect(await joinedSpec({ 'lab.yaml': CHOICE, 'zarf.yaml': PACKAGE })).toEqual({
      files: [{ path: 'tool', sha256: 'b'.repeat(64) }],
    });
  });

  it.each([
    [
      '[{ name: extra, import: { path: ../x }, repos: [a], dataInjections: [{}], imageTars: [{}], imageArchives: [{}], actions: { onCreate: {} }, scripts: {} }]',
      [
        /"components\[0\]\.import" at zarf\.yaml:2:37: components of other packages/,
        /"components\[0\]\.repos" at /,
        /"components\[0\]\.dataInjections" at /,
        /"components\[0\]\.imageTars" at /,
        /"components\[0\]\.imageArchives" at /,
        /"components\[0\]\.actions\.onCreate" at /,
        /"components\[0\]\.scripts" at /,
      ],
    ],
    [
      '[{ name: extra, images: ["a:###ZARF_PKG_TMPL_V###", "b-###ZARF_PKG_ARCH###"] }]',
      [
        /"components\[0\]\.images\[0\]" at .*: nothing says what ###ZARF_PKG_TMPL_V### is \| Write the value/,
        /"components\[0\]\.images\[1\]" at .* \| Write metadata\.architecture/,
      ],
    ],
    [
      '[{ name: extra, charts: [{ name: a, version: 1.0.0, url: "https://github.com/a/b.git" }, { name: b }, { name: c, url: "https://a.b" }, { name: d, localPath: d, valuesFiles: [a, b], templatedValuesFiles: [c] }] }]',
      [
        /"components\[0\]\.charts\[0\]\.url" at .*: a chart is not taken from Git/,
        /"components\[0\]\.charts\[1\]" at .*: it has neither "url" nor "localPath"/,
        /"components\[0\]\.charts\[2\]" at .*: it has no version/,
        /"components\[0\]\.charts\[3\]\.valuesFiles" at /,
        /"components\[0\]\.charts\[3\]\.templatedValuesFiles" at /,
      ],
    ],
    [
      '[{ name: extra, manifests: [{ name: m, kustomizations: [k] }], files: [{ source: a, target: b, extractPath: c }] }]',
      [
        /"components\[0\]\.manifests\[0\]\.kustomizations" at .*: kustomize is not run/,
        /"components\[0\]\.files\[0\]\.extractPath" at /,
      ],
    ],
    [
      '[{ name: extra, image: [a] }]',
      [/^Cannot read key "image" at zarf\.yaml:2:29: .* in "components\[0\]" \| Did you mean "images"/],
    ],
    [
      '[{ name: other, images: [a] }]',
      [/"components" at zarf\.yaml:2:13: there is no component "extra" in it \| Its components: other\./],
    ],
  ])('is refused: %s', async (components, expected) => {
    const text = `kind: ZarfPackageConfig\ncomponents: ${components}\n`;
    const found = await problemsOfSpec({ 'lab.yaml': `${CHOICE}images: [z]\n`, 'zarf.yaml': text });
    expect(found).toEqual(expected.map((each) => expect.stringMatching(each)));
  });

  it.each([
    ['kind: ZarfComponentConfig\ncomponents: []\n', /"kind" at zarf\.yaml:1:7: /],
    [
      'kind: ZarfPackageConfig\napiVersion: zarf.dev/v1beta1\n',
      /"apiVersion" at zarf\.yaml:2:13: zarf\.dev\/v1alpha1 is read/,
    ],
    ['bundle: 1\n', /included file "zarf\.yaml" at lab\.yaml:3:11: it has no components to choose from/],
  ])('is told apart from %s', async (text, expected) => {
    const found = await problemsOfSpec({ 'lab.yaml': `${CHOICE}images: [z]\n`, 'zarf.yaml': text });
    expect(found[0]).toMatch(expected);
  });
});
