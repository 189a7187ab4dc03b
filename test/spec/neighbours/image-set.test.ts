import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/internal/finding.ts';
import { given, joinedSpec, problemsOfSpec } from '../../support/sites/included-spec.ts';

const LAB = 'bundle: 1\nname: lab\ninclude: [isc.yaml]\n';
const HEAD = 'kind: ImageSetConfiguration\napiVersion: mirror.openshift.io/v2alpha1\n';

function files(text: string): Readonly<Record<string, string>> {
  return { 'lab.yaml': LAB, 'isc.yaml': HEAD + text };
}

describe('an ImageSetConfiguration in a spec', () => {
  it.each([
    [
      'channels: the newest release, all of them, up to one, from one, between two, the shortest way',
      [
        'mirror:',
        '  platform:',
        '    graph: false',
        '    channels:',
        '    - { name: stable-4.16 }',
        '    - { name: stable-4.17, type: ocp, full: true }',
        '    - { name: stable-4.18, maxVersion: 4.18.9, minVersion: "" }',
        '    - { name: stable-4.19, minVersion: 4.19.1, full: true }',
        '    - { name: eus-4.20, minVersion: 4.20.1, maxVersion: 4.20.9, shortestPath: true }',
      ],
      {
        channels: [
          { name: 'stable-4.16' },
          { name: 'stable-4.17', full: true },
          { name: 'stable-4.18', to: '4.18.9' },
          { name: 'stable-4.19', from: '4.19.1' },
          { name: 'eus-4.20', from: '4.20.1', to: '4.20.9', shortestPath: true },
        ],
        upgradePath: true,
        architecture: 'amd64',
        releases: [],
      },
    ],
    [
      'one channel, for several architectures',
      ['mirror:', '  platform: { architectures: [amd64, arm64], channels: [{ name: stable-4.20 }] }'],
      {
        channels: [{ name: 'stable-4.20' }],
        upgradePath: false,
        architecture: ['amd64', 'arm64'],
        releases: [],
      },
    ],
    [
      'a release by its reference',
      ['mirror: { platform: { release: "quay.io/openshift-release-dev/ocp-release:4.20.3-x86_64" } }'],
      {
        channels: [],
        upgradePath: false,
        architecture: 'amd64',
        releases: ['quay.io/openshift-release-dev/ocp-release:4.20.3-x86_64'],
      },
    ],
  ])('gives %s', async (_, lines, expected) => {
    const { openshift } = await joinedSpec(files(`${lines.join('\n')}\n`));
    expect(given(openshift, ...Object.keys(expected))).toEqual(expected);
  });

  it('gives images, charts, and what is to be left out', async () => {
    const text = [
      'mirror:',
      '  operators:',
      '  additionalImages:',
      '  - name: registry.redhat.io/ubi9/ubi:latest',
      '  - name: docker://quay.io/lab/tool@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      '  - { name: quay.io/lab/app:1, platforms: [{ os: linux, architecture: arm64 }] }',
      '  helm:',
      '    repositories:',
      '    - { name: jetstack, url: "https://charts.jetstack.io", charts: [{ name: cert-manager, version: v1.15.3 }] }',
      '    - { name: lab, url: "oci://harbor.lab/charts/", charts: [{ name: app, version: 1.2.3 }] }',
      '    local: [{ name: own, path: ./charts/own.tgz }]',
      '  blockedImages: [{ name: "^quay[.]io/.*-debug" }]',
      '',
    ].join('\n');
    const found = await joinedSpec({
      'lab.yaml': LAB.replace('isc', 'mirror/isc'),
      'mirror/isc.yaml': HEAD + text,
    });
    expect(found).toEqual({
      images: [
        'registry.redhat.io/ubi9/ubi:latest',
        `quay.io/lab/tool@sha256:${'a'.repeat(64)}`,
        { reference: 'quay.io/lab/app:1', platforms: ['linux/arm64'] },
      ],
      charts: [
        {
          repository: 'https://charts.jetstack.io',
          name: 'cert-manager',
          version: 'v1.15.3',
          render: false,
          exclude: [],
        },
        { reference: 'oci://harbor.lab/charts/app:1.2.3', render: false, exclude: [] },
        { path: 'mirror/charts/own.tgz', render: false, exclude: [] },
      ],
      excludeImages: ['^quay[.]io/.*-debug'],
    });
  });

  it('gives operators, in the same words', async () => {
    const operators = [
      {
        catalog: 'registry.redhat.io/redhat/redhat-operator-index:v4.20',
        packages: [
          { name: 'a' },
          { name: 'b', defaultChannel: 'stable', channels: [{ name: 'stable', minVersion: '1.2.0' }] },
          { name: 'c', minVersion: '1.0.0', maxVersion: '2.0.0' },
        ],
      },
      { catalog: 'quay.io/lab/catalog:1', full: true, targetCatalog: 'lab/catalog', targetTag: 'v1' },
    ];
    const { openshift } = await joinedSpec(files(`mirror: ${JSON.stringify({ operators })}\n`));
    expect(given(openshift, 'operators', 'channels')).toEqual({
      operators: [{ ...operators[0], full: false }, operators[1]],
      channels: [],
    });
  });

  it('is joined with what the spec says itself, and with another one', async () => {
    const found = await joinedSpec({
      'lab.yaml': `${LAB.replace('isc.yaml', 'isc.yaml, more.yaml')}openshift: { tools: [linux/amd64] }\n`,
      'isc.yaml': `${HEAD}mirror: { platform: { channels: [{ name: stable-4.20 }] } }\n`,
      'more.yaml': `${HEAD}mirror: { platform: { channels: [{ name: stable-4.19 }] } }\n`,
    });
    expect(given(found['openshift'], 'channels', 'tools')).toEqual({
      channels: [{ name: 'stable-4.20' }, { name: 'stable-4.19' }],
      tools: ['linux/amd64'],
    });
  });

  it('says what its archive size is here', async () => {
    const findings: Finding[] = [];
    await joinedSpec(files('archiveSize: 4\nmirror: { additionalImages: [{ name: a }] }\n'), (finding) =>
      findings.push(finding),
    );
    expect(findings).toEqual([
      {
        level: 'warning',
        message: expect.stringMatching(/^"archiveSize" at .*isc\.yaml:3:14: /),
        hint: 'Write: bundle build SPEC -o OUT --volume-size 4GiB',
      },
    ]);
  });
});

describe('an ImageSetConfiguration that a bundle cannot carry', () => {
  const channels = 'channels: [{ name: stable-4.20 }]';
  it.each([
    [
      'mirror: { platform: { graph: true, kubeVirtContainer: true, platforms: [{ os: linux, architecture: amd64 }] } }',
      [
        /^Cannot read "mirror\.platform\.graph" at isc\.yaml:3:30: a bundle does not carry an image of graph data \| /,
        /^Cannot read "mirror\.platform\.kubeVirtContainer" at isc\.yaml:3:55: /,
        /^Cannot read "mirror\.platform\.platforms" at isc\.yaml:3:72: .* \| Write architectures/,
      ],
    ],
    [
      `mirror: { platform: { release: "a/b:1", ${channels} } }`,
      [/^Cannot read "mirror\.platform\.channels" at isc\.yaml:3:51: oc-mirror ignores it beside "release"/],
    ],
    [
      'mirror: { platform: { channels: [{ name: stable-4, type: okd }] } }',
      [/^Cannot read "mirror\.platform\.channels\[0\]\.type" at isc\.yaml:3:58: .* \| /],
    ],
    [
      'mirror: { platform: { channels: [{ name: stable, minVersion: 4.2 }] } }',
      [
        /^Cannot read "mirror\.platform\.channels\[0\]\.minVersion" at isc\.yaml:3:62: expected text, found the number 4\.2 \| Write "4\.2" in quotes/,
      ],
    ],
    [
      'mirror: { platform: { channels: [{ name: latest }] } }',
      [
        /^Cannot read "mirror\.platform\.channels\[0\]\.name" at isc\.yaml:3:42: expected a channel such as stable-4\.20, found "latest"/,
      ],
    ],
    [
      'mirror: { operators: [{ catalog: "oci:///x" }, { catalog: a/b:1, platforms: [{ os: linux, architecture: amd64 }], targetCatalogSourceTemplate: t, packages: [{ name: p, minVersion: x, channel: c }] }] }',
      [/^Cannot read key "channel" at isc\.yaml:3:\d+: .*packages\[0\]" \| Did you mean "channels"/],
    ],
    [
      'mirror: { operators: [{ catalog: "oci:///x" }, { catalog: a/b:1, platforms: [{ os: linux, architecture: amd64 }], targetCatalogSourceTemplate: t, packages: [{ name: p, minVersion: x }] }] }',
      [
        /"mirror\.operators\[0\]\.catalog" at isc\.yaml:3:34: "oci:\/\/" is no registry/,
        /"mirror\.operators\[1\]\.platforms" at /,
        /"mirror\.operators\[1\]\.targetCatalogSourceTemplate" at /,
        /"mirror\.operators\[1\]\.packages\[0\]\.minVersion" at isc\.yaml:3:\d+: it is no version/,
      ],
    ],
    [
      'mirror: { additionalImages: [{ name: a, targetRepo: b/c, targetTag: d }, { name: "oci:///x" }, { name: A }] }',
      [
        /"mirror\.additionalImages\[0\]\.targetRepo" at isc\.yaml:3:53: .* --rewrite/,
        /"mirror\.additionalImages\[0\]\.targetTag" at isc\.yaml:3:69: /,
        /"mirror\.additionalImages\[1\]\.name" at isc\.yaml:3:82: "oci:\/\/" is no registry/,
        /"mirror\.additionalImages\[2\]\.name" at isc\.yaml:3:104: "A" is not a repository name/,
      ],
    ],
    [
      'mirror: { helm: { repositories: [{ name: r, url: "https://a.b" }, { name: s, url: "https://a.b", charts: [{ name: c }, { name: d, version: 1.0.0, imagePaths: ["{.x}"], platforms: [{ os: linux, architecture: amd64 }] }] }], local: [{ name: l }] } }',
      [
        /"mirror\.helm\.repositories\[0\]" at isc\.yaml:3:34: it names no charts/,
        /"mirror\.helm\.repositories\[1\]\.charts\[0\]" at isc\.yaml:3:107: it has no version/,
        /"mirror\.helm\.repositories\[1\]\.charts\[1\]\.imagePaths" at isc\.yaml:3:159: /,
        /"mirror\.helm\.repositories\[1\]\.charts\[1\]\.platforms" at isc\.yaml:3:180: /,
        /"mirror\.helm\.local\[0\]" at isc\.yaml:3:232: the key "path" is missing/,
      ],
    ],
    [
      'mirror: { blockedImages: [{ name: "(" }], samples: [{ name: ruby }], additionalImages: [{ name: a }] }',
      [
        /"mirror\.samples" at isc\.yaml:3:52: .* \| Write image streams under openshift\.samples/,
        /"mirror\.blockedImages\[0\]\.name" at isc\.yaml:3:35: it is not a regular expression/,
      ],
    ],
    [
      'storageConfig: {}\nmirror: { ocp: {}, platform: { channels: [{ name: a, minversion: x }] } }',
      [
        /^Cannot read key "storageConfig" at isc\.yaml:3:1: there is no such key \| Known keys here: kind/,
        /^Cannot read key "ocp" at isc\.yaml:4:11: there is no such key in "mirror"/,
        /^Cannot read key "minversion" at isc\.yaml:4:54: .* \| Did you mean "minVersion"/,
      ],
    ],
    [
      '',
      [
        /^Cannot read ImageSetConfiguration at isc\.yaml:1:1: the key "mirror" is missing, expected a mapping/,
      ],
    ],
  ])('%s', async (text, expected) => {
    expect(await problemsOfSpec(files(`${text}\n`))).toEqual(
      expected.map((each) => expect.stringMatching(each)),
    );
  });

  it.each([
    [
      'kind: ImageSetConfiguration\napiVersion: mirror.openshift.io/v1alpha2\nstorageConfig: { local: { path: x } }\nmirror: { platform: { channels: [] }, ocp: {} }\n',
      /^Cannot read "apiVersion" at isc\.yaml:2:13: it is "mirror\.openshift\.io\/v1alpha2", and mirror\.openshift\.io\/v2alpha1 is read \| .*: storageConfig \(line 3\), ocp \(line 4\)\.$/,
    ],
    [
      'kind: DeleteImageSetConfiguration\napiVersion: mirror.openshift.io/v2alpha1\ndelete: {}\n',
      /^Cannot read "kind" at isc\.yaml:1:7: it takes images away/,
    ],
    [
      'apiVersion: mirror.openshift.io/v2alpha1\nmirror: {}\n',
      /^Cannot read "kind" at isc\.yaml:1:1: it is not ImageSetConfiguration/,
    ],
  ])('%s', async (text, expected) => {
    const found = await problemsOfSpec({ 'lab.yaml': `${LAB}images: [a]\n`, 'isc.yaml': text });
    expect(found).toEqual([expect.stringMatching(expected)]);
  });
});
