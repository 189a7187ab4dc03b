import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/internal/finding.ts';
import { joinedSpec, problemsOfSpec } from '../../support/sites/included-spec.ts';

const LAB = 'bundle: 1\nname: lab\ninclude: [store/hauler.yaml]\n';
const document = (kind: string, spec: string, rest = '', version = 'v1'): string =>
  `apiVersion: content.hauler.cattle.io/${version}\nkind: ${kind}\nmetadata: { name: x${rest} }\nspec: ${spec}\n`;
const files = (text: string): Readonly<Record<string, string>> => ({
  'lab.yaml': LAB,
  'store/hauler.yaml': text,
});

describe('a manifest of Hauler in a spec', () => {
  it.each(['v1', 'v1alpha1'])('gives images, charts and files of all its documents: %s', async (version) => {
    const annotations =
      ', annotations: { hauler.dev/platform: linux/arm64, hauler.dev/registry: harbor.lab }';
    const text = [
      document(
        'Images',
        '{ images: [{ name: busybox }, { name: ghcr.io/a/b:1, platform: linux/amd64 }, { name: c/d }] }',
        annotations,
        version,
      ),
      document(
        'Charts',
        '{ charts: [{ name: rancher, repoURL: "https://releases.rancher.com", version: 2.9.2, add-images: true, valuesFiles: [values.yaml] }, { name: hauler-helm, repoURL: "oci://ghcr.io/hauler-dev", version: 1.2.0, add-images: true }, { name: ./own.tgz, repoURL: ., add-images: true }] }',
        '',
        version,
      ),
      document(
        'Files',
        '{ files: [{ path: "https://get.rke2.io", name: install.sh }, { path: scripts }] }',
        '',
        version,
      ),
      '# nothing more\n',
    ].join('---\n');
    const chart = { render: false, exclude: [] };
    expect(await joinedSpec(files(text))).toEqual({
      images: [
        { reference: 'harbor.lab/busybox', platforms: ['linux/arm64'] },
        { reference: 'ghcr.io/a/b:1', platforms: ['linux/amd64'] },
        { reference: 'harbor.lab/c/d', platforms: ['linux/arm64'] },
      ],
      charts: [
        {
          ...chart,
          repository: 'https://releases.rancher.com',
          name: 'rancher',
          version: '2.9.2',
          values: 'store/values.yaml',
        },
        { ...chart, reference: 'oci://ghcr.io/hauler-dev/hauler-helm:1.2.0' },
        { ...chart, path: 'store/own.tgz' },
      ],
      files: [{ url: 'https://get.rke2.io', name: 'install.sh' }, { path: 'store/scripts' }],
    });
  });

  it('is told of what a bundle does otherwise', async () => {
    const findings: Finding[] = [];
    const text = [
      document(
        'Charts',
        '{ charts: [{ name: a, repoURL: "https://a.b", version: 1.0.0, add-dependencies: true }] }',
        ', annotations: { hauler.dev/store: x, other.dev/y: z }',
      ),
      document('Images', '{ images: [{ name: a, exclude-extras: true }] }'),
    ].join('---\n');
    await joinedSpec(files(text), (finding) => findings.push(finding));
    expect(findings.map(({ message }) => message.replace(/".*" at .*?yaml/, ''))).toEqual([
      expect.stringMatching(/^:3:55: it is about how Hauler works/),
      expect.stringMatching(/^:4:17: images that charts name come along/),
      expect.stringMatching(/^:4:87: a packed chart has/),
      expect.stringMatching(/^:9:45: signatures and the like come along/),
    ]);
  });

  it.each([
    [
      document(
        'Images',
        '{ images: [{ name: a, rewrite: b, key: c, local: true, ca-file: d, insecure-skip-tls-verify: true, use-tlog-verify: false }, { nme: x }] }',
      ),
      [
        /"spec\.images\[1\]" at store\/hauler\.yaml:4:\d+: the key "name" is missing/,
        /key "nme" at store\/hauler\.yaml:4:\d+: .* \| Did you mean "name"/,
      ],
    ],
    [
      document(
        'Images',
        '{ images: [{ name: a, rewrite: b, key: c, local: true, ca-file: d, insecure-skip-tls-verify: true, use-tlog-verify: false }] }',
      ),
      [
        /"spec\.images\[0\]\.rewrite" at store\/hauler\.yaml:4:38: .* --rewrite/,
        /"spec\.images\[0\]\.key" at store\/hauler\.yaml:4:46: signatures are carried along/,
        /"spec\.images\[0\]\.local" at store\/hauler\.yaml:4:56: it is taken from Docker/,
        /"spec\.images\[0\]\['ca-file'\]" at store\/hauler\.yaml:4:71: .* --ca-file/,
        /"spec\.images\[0\]\['insecure-skip-tls-verify'\]" at /,
      ],
    ],
    [
      document(
        'Charts',
        '{ charts: [{ name: a, repoURL: "https://a.b" }, { name: b, repoURL: "https://a.b", version: 1.0.0, valuesFiles: [a, b], platform: linux/amd64, verify: true, usernameEnv: U, passwordEnv: P, plainHTTP: true }] }',
      ),
      [
        /"spec\.charts\[0\]" at store\/hauler\.yaml:4:18: it has no version/,
        /"spec\.charts\[1\]\.valuesFiles" at /,
        /"spec\.charts\[1\]\.platform" at /,
        /"spec\.charts\[1\]\.verify" at /,
        /"spec\.charts\[1\]\.usernameEnv" at /,
        /"spec\.charts\[1\]\.passwordEnv" at /,
        /"spec\.charts\[1\]\.plainHTTP" at /,
      ],
    ],
    [
      document(
        'Files',
        '{ files: [{ path: a }] }',
        ', annotations: { hauler.dev/ca-file: x, hauler.dev/nope: y }',
      ),
      [
        /"metadata\.annotations\['hauler\.dev\/ca-file'\]" at store\/hauler\.yaml:3:\d+: /,
        /"metadata\.annotations\['hauler\.dev\/nope'\]" at .*: there is no such annotation/,
      ],
    ],
    [
      document('K3s', '{ version: v1.30.6+k3s1 }'),
      [/"kind" at store\/hauler\.yaml:2:7: it is none of Images, Charts, Files/],
    ],
    [
      document('Images', '{ images: [] }', '', 'v2'),
      [/"apiVersion" at store\/hauler\.yaml:1:13: it is neither/],
    ],
    [
      'apiVersion: collection.hauler.cattle.io/v1alpha1\nkind: ThickCharts\nspec: {}\n',
      [/"kind" at store\/hauler\.yaml:2:7: collections of Hauler 1 are not read \| /],
    ],
  ])('is refused: %s', async (text, expected) => {
    const found = await problemsOfSpec({ ...files(text), 'lab.yaml': `${LAB}images: [z]\n` });
    expect(found).toEqual(expected.map((each) => expect.stringMatching(each)));
  });
});
