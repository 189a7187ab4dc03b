import { describe, expect, it } from 'vitest';
import { joinedSpec, problemsOfSpec } from '../../support/sites/included-spec.ts';

const LAB = 'bundle: 1\nname: lab\ninclude: [eib/definition.yaml]\n';
const HEAD =
  'apiVersion: 1.2\nimage: { imageType: iso, arch: x86_64, baseImage: sl.iso, outputImageName: out.iso }\n';
const HELM = [
  '  helm:',
  '    charts:',
  '    - { name: metallb, repositoryName: edge, version: 302.0.0, targetNamespace: m, valuesFile: metallb.yaml }',
  '    - { name: akri, repositoryName: other, version: 1.0.0, releaseName: a }',
  '    repositories:',
  '    - { name: edge, url: "oci://registry.suse.com/edge/3.2" }',
  '    - { name: other, url: "https://charts.lab" }',
  '',
].join('\n');

describe('a definition of Edge Image Builder in a spec', () => {
  it('gives images, charts with their values, and the distribution', async () => {
    const text = `${HEAD}operatingSystem: { users: [{ username: root }] }\nembeddedArtifactRegistry: { images: [{ name: busybox }] }\nkubernetes:\n  version: v1.30.6+k3s1\n${HELM}`;
    const chart = { render: false, exclude: [] };
    expect(await joinedSpec({ 'lab.yaml': LAB, 'eib/definition.yaml': text })).toEqual({
      images: ['busybox'],
      charts: [
        {
          ...chart,
          reference: 'oci://registry.suse.com/edge/3.2/metallb:302.0.0',
          values: 'eib/kubernetes/helm/values/metallb.yaml',
        },
        { ...chart, repository: 'https://charts.lab', name: 'akri', version: '1.0.0' },
      ],
      k3s: { versions: ['v1.30.6+k3s1'], architectures: ['amd64'] },
    });
  });

  it.each([
    [
      'operatingSystem: { packages: { packageList: [vim] } }\n',
      [/"operatingSystem\.packages" at eib\/definition\.yaml:3:30: /],
    ],
    [
      'embeddedArtifactRegistry: { images: [{ name: a, supplyChainKey: k }], registries: [{ uri: r }] }\n',
      [
        /"embeddedArtifactRegistry\.images\[0\]\.supplyChainKey" at /,
        /"embeddedArtifactRegistry\.registries" at .* \| Write them under registries\.configs/,
      ],
    ],
    [
      'kubernetes: { version: v1.30.6, manifests: { urls: ["https://a.b/c.yaml"] }, helm: { charts: [{ name: a, repositoryName: b, version: "1", apiVersions: [x/v1] }], repositories: [{ name: c, url: d, skipTLSVerify: true }] } }\n',
      [
        /"kubernetes\.version" at .*: it is neither of K3s nor of RKE2/,
        /"kubernetes\.helm\.charts\[0\]\.repositoryName" at .*: there is no such repository/,
        /"kubernetes\.helm\.charts\[0\]\.apiVersions" at /,
        /"kubernetes\.helm\.repositories\[0\]\.skipTLSVerify" at /,
      ],
    ],
    ['kubernetes: { verson: v1.30.6+k3s1 }\n', [/key "verson" at .* \| Did you mean "version"/]],
  ])('is refused: %s', async (text, expected) => {
    const found = await problemsOfSpec({
      'lab.yaml': `${LAB}images: [z]\n`,
      'eib/definition.yaml': HEAD + text,
    });
    expect(found).toEqual(expected.map((each) => expect.stringMatching(each)));
  });

  it('gives its manifests, by address and in the folder beside it', async () => {
    const found = await joinedSpec({
      'lab.yaml': LAB,
      'eib/definition.yaml': `${HEAD}kubernetes: { version: v1.30.6+k3s1, manifests: { urls: ["https://a.b/c.yaml"] } }\n`,
      'eib/kubernetes/manifests/a.yaml': 'kind: Pod\n',
    });
    expect(found['manifests']).toEqual(['https://a.b/c.yaml', 'eib/kubernetes/manifests/*.y*ml']);
  });

  it('is refused where an address of a manifest is none', async () => {
    const found = await problemsOfSpec({
      'lab.yaml': `${LAB}images: [z]\n`,
      'eib/definition.yaml': `${HEAD}kubernetes: { version: v1.30.6+k3s1, manifests: { urls: ["ftp://a.b/c.yaml"] } }\n`,
    });
    expect(found).toEqual([
      expect.stringMatching(/manifests\.urls\[0\]" at eib\/definition\.yaml:3:58: .*http/),
    ]);
  });
});
