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
      manifests: ['deploy.yaml', 'https://lab.example/more.yaml'],
    });
    expect(findings).toEqual([
      {
        level: 'warning',
        message: expect.stringMatching(/"components\[1\]\.only\.flavor" at .*zarf\.yaml:16:19/),
        hint: expect.stringContaining('components: [extra]'),
      },
    ]);
  });

  it('gives the images of its archives', async () => {
    const text =
      'kind: ZarfPackageConfig\ncomponents:\n- { name: a, imageArchives: [{ path: app.tar, images: ["quay.io/a/b:1"] }, { path: all.tar }] }\n';
    expect(await joinedSpec({ 'lab.yaml': LAB, 'zarf.yaml': text })).toEqual({
      images: [{ archive: 'app.tar', images: ['quay.io/a/b:1'] }, { archive: 'all.tar' }],
    });
  });

  it('gives the components that the spec chooses', async () => {
    expect(await joinedSpec({ 'lab.yaml': CHOICE, 'zarf.yaml': PACKAGE })).toEqual({
      files: [{ path: 'tool', sha256: 'b'.repeat(64) }],
    });
  });

  it.each([
    [
      '[{ name: extra, import: { path: ../x }, repos: [a], dataInjections: [{}], imageTars: [{}], actions: { onCreate: {} }, scripts: {} }]',
      [
        /"components\[0\]\.import" at zarf\.yaml:2:37: components of other packages/,
        /"components\[0\]\.repos" at /,
        /"components\[0\]\.dataInjections" at /,
        /"components\[0\]\.imageTars" at /,
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
    ['bundle: 1\n', /included file "zarf\.yaml" at lab\.yaml:3:11: it has no components to choose from/],
  ])('is told apart from %s', async (text, expected) => {
    const found = await problemsOfSpec({ 'lab.yaml': `${CHOICE}images: [z]\n`, 'zarf.yaml': text });
    expect(found[0]).toMatch(expected);
  });
});

const BETA = `kind: ZarfPackageConfig
apiVersion: zarf.dev/v1beta1
metadata: { name: podinfo, architecture: arm64 }
components:
- name: podinfo
  optional: true
  images:
  - { name: "ghcr.io/stefanprodan/podinfo:6.4.0" }
  - { name: "my/tool:###ZARF_PKG_ARCH###", source: registry }
  - { name: "my/app:dev", source: daemon }
  imageArchives: [{ path: app.tar, images: [a] }]
  charts:
  - { name: one, helmRepository: { name: there, url: "https://charts.lab", version: 1.2.3 }, valuesFiles: [{ path: v.yaml }] }
  - { name: two, oci: { url: "oci://ghcr.io/charts/two", ref: { tag: 2.0.0 } } }
  - { name: three, local: { path: three.tgz } }
  manifests: [{ name: m, files: [deploy.yaml] }]
  files: [{ source: "https://lab.example/tool", destination: /usr/bin/tool, checksum: "sha256:${'b'.repeat(64)}" }]
- name: extra
  selector: { flavor: big }
  images: [{ name: extra }]
- name: amd64
  selector: { architecture: amd64 }
  images: [{ name: amd64 }]
`;

describe('a package of Zarf as v1beta1', () => {
  it('gives what its components have pulled into the package', async () => {
    const findings: Finding[] = [];
    const found = await joinedSpec({ 'lab.yaml': LAB, 'zarf.yaml': BETA }, (finding) =>
      findings.push(finding),
    );
    const chart = { render: false, exclude: [] };
    const platforms = ['linux/arm64'];
    expect(found).toEqual({
      images: [
        { reference: 'ghcr.io/stefanprodan/podinfo:6.4.0', platforms },
        { reference: 'my/tool:arm64', platforms },
        { engine: 'docker', reference: 'my/app:dev' },
        { archive: 'app.tar', images: ['a'] },
      ],
      charts: [
        { ...chart, repository: 'https://charts.lab', name: 'there', version: '1.2.3', values: 'v.yaml' },
        { ...chart, reference: 'oci://ghcr.io/charts/two:2.0.0' },
        { ...chart, path: 'three.tgz' },
      ],
      manifests: ['deploy.yaml'],
      files: [{ url: 'https://lab.example/tool', sha256: 'b'.repeat(64) }],
    });
    expect(findings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/"components\[1\]\.selector\.flavor" at .*zarf\.yaml:19:23/),
    ]);
  });

  it('gives a component in a file of its own, and those that the spec chooses', async () => {
    const alone =
      'kind: ZarfComponentConfig\napiVersion: zarf.dev/v1beta1\ncomponent: { name: a, images: [{ name: b }] }\n';
    expect(await joinedSpec({ 'lab.yaml': LAB, 'zarf.yaml': alone })).toEqual({ images: ['b'] });
    expect(await joinedSpec({ 'lab.yaml': CHOICE, 'zarf.yaml': BETA })).toEqual({
      images: [{ reference: 'extra', platforms: ['linux/arm64'] }],
    });
  });

  it('is refused, with the place of each thing that is not carried', async () => {
    const text = `kind: ZarfPackageConfig
apiVersion: zarf.dev/v1beta1
components:
- name: a
  import: { local: [{ path: x }] }
  repositories: [{ url: y }]
  images: [{ name: z, source: disk }]
  imageTars: [q]
  charts:
  - { name: none }
  - { name: git, git: { url: u } }
  - { name: two, local: { path: p }, oci: { url: q } }
  - { name: oci, oci: { url: q } }
  - { name: values, local: { path: p }, valuesFiles: [{ path: a, template: true }, { path: b }] }
  - { name: helm, helmRepository: { url: "https://a.b" } }
  manifests: [{ name: m, kustomize: { files: [k] } }]
  files: [{ source: s, extractPath: e }]
  actions: { onCreate: {} }
`;
    const found = await problemsOfSpec({
      'lab.yaml': LAB,
      'zarf.yaml': text.replace('  imageTars: [q]\n', ''),
    });
    expect(found).toEqual(
      [
        /"components\[0\]\.import" at zarf\.yaml:5:11: /,
        /"components\[0\]\.repositories" at zarf\.yaml:6:/,
        /"components\[0\]\.images\[0\]\.source" at .*: it is neither "registry" nor "daemon"/,
        /"components\[0\]\.charts\[0\]" at .*: it has to have one of /,
        /"components\[0\]\.charts\[1\]\.git" at .*: a chart is not taken from Git/,
        /"components\[0\]\.charts\[2\]" at .*: it has to have one of /,
        /"components\[0\]\.charts\[3\]\.oci" at .*: it has no version/,
        /"components\[0\]\.charts\[4\]\.valuesFiles" at /,
        /"components\[0\]\.charts\[4\]\.valuesFiles\[0\]\.template" at /,
        /"components\[0\]\.charts\[5\]\.helmRepository" at .*: it has no version/,
        /"components\[0\]\.manifests\[0\]\.kustomize" at /,
        /"components\[0\]\.files\[0\]\.extractPath" at /,
        /"components\[0\]\.actions\.onCreate" at /,
      ].map((each) => expect.stringMatching(each)),
    );
    const unknown = await problemsOfSpec({ 'lab.yaml': LAB, 'zarf.yaml': text });
    expect(unknown.join()).toMatch(/Cannot read key "imageTars" at zarf\.yaml:8:3: /);
  });
});
