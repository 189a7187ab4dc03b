import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { sampleChart } from '../support/samples/sample-chart.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { filesUnder } from '../support/tree.ts';

const TAG = 'v1.15.3';
const COMPONENTS = ['acmesolver', 'cainjector', 'controller', 'startupapicheck', 'webhook'];
const MANIFEST = { accept: 'application/vnd.oci.image.manifest.v1+json' };
const WINDOWS = {
  '1809': '10.0.17763.1',
  '1903': '10.0.18362.1',
  '1909': '10.0.18363.1',
  '2004': '10.0.19041.1',
  '20H2': '10.0.19042.1',
  ltsc2019: '10.0.17763.6189',
  ltsc2022: '10.0.20348.2655',
  ltsc2025: '10.0.26100.1',
} as const;
const DIGEST = digestOf('as it was released');

/** Rancher itself across the gap: its lists, Windows and Linux under one tag, cert-manager by its chart. */
// One story: its later parts happen in a world that has moved on.
describe('Rancher', { shuffle: false }, () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await startLab({
      rancher: [
        {
          tag: 'v2.9.2',
          images: ['rancher/rancher:v2.9.2', 'rancher/shell:v0.2.1'],
          windows: ['rancher/shell:v0.2.1', 'rancher/wins:v0.4.11'],
          digests: `rancher/rancher:v2.9.2 ${DIGEST}\nrancher/shell:v0.2.1 \n`,
        },
      ],
    });
    // Whatever a mirror does not have is asked of Docker Hub itself, which is out of reach here.
    for (const [release, osVersion] of Object.entries(WINDOWS)) {
      const image = sampleImage({ name: release, platforms: ['windows/amd64'], osVersion });
      await lab.internet.seed('rancher/shell', image, `v0.2.1-windows-${release}`);
    }
    const wins = sampleImage({ name: 'wins', platforms: ['windows/amd64'], index: true });
    await lab.internet.seed('rancher/wins', wins, 'v0.4.11');
    for (const component of COMPONENTS) {
      await lab.internet.seed(`jetstack/cert-manager-${component}`, sampleImage({ name: component }), TAG);
    }
    const values = 'image: { repository: rancher/rancher, tag: v2.9.2 }\n';
    writeFileSync(lab.at('rancher-2.9.2.tgz'), sampleChart('rancher', '2.9.2', { 'values.yaml': values }));
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('crosses the gap by its version alone, with cert-manager and its charts', async () => {
    const spec = lab.spec(
      [
        `rancher: { version: v2.9.2, windows: true, certManager: ${TAG} }`,
        // Asking for them, too, would be asked of Docker Hub itself.
        'signatures: false',
        'charts:',
        `  - { repository: "${lab.sites.url}/helm", name: cert-manager, version: ${TAG} }`,
        '  - path: ./rancher-2.9.2.tgz',
        '',
      ].join('\n'),
    );
    // Mirrors are by registry; the lab's own stands for both.
    const registries = lab.at('registries.yaml');
    writeFileSync(
      registries,
      ['docker.io', 'quay.io'].reduce(
        (text, host) => `${text}  ${host}: { endpoint: ["${lab.internet.url}"] }\n`,
        'mirrors:\n',
      ),
    );
    const built = await lab.run(['build', spec, '-o', lab.at('lab.tar'), '--registries', registries]).ended;
    if (built.status !== 0) throw new Error(built.stderr);
    expect(built.stderr).toContain('is no longer what Rancher v2.9.2 was released with');
    expect(built.status).toBe(0);

    const inspected = await lab.run(['inspect', lab.at('lab.tar')]).ended;
    expect(inspected.stdout).toMatch(
      /quay\.io\/jetstack\/cert-manager-acmesolver:v1\.15\.3 +by known, values-inferred/,
    );
    expect(inspected.stdout).toMatch(/docker\.io\/rancher\/rancher:v2\.9\.2 +by values/);

    const target = ['--registry', lab.offline.host, '--files', lab.at('files')];
    const installed = await lab.run(['install', lab.at('lab.tar'), ...target]).ended;
    expect(`${installed.status} ${installed.stderr}`).toMatch(/^0 /);

    const platforms = await platformsAt(lab, 'rancher/shell', 'v0.2.1');
    expect(platforms).toEqual([
      ...Object.values(WINDOWS).map((version) => `windows/amd64 ${version}`),
      'linux/amd64',
      'linux/arm64',
    ]);
    expect(await platformsAt(lab, 'rancher/wins', 'v0.4.11')).toEqual(['windows/amd64']);
    const host = new URL(lab.sites.url).host.replace(':', '-');
    const names = [
      `quay.io/jetstack/cert-manager-acmesolver/manifests/${TAG}`,
      `${host}/helm/cert-manager/manifests/${TAG}`,
      'charts/rancher/manifests/2.9.2',
    ];
    const asked = names.map((name) => fetch(`${lab.offline.url}/v2/${name}`, { headers: MANIFEST }));
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(Object.keys(filesUnder(lab.at('files'))).toSorted()).toEqual([
      `cert-manager-${TAG}.tgz`,
      'images-digests-sha256sum.txt',
      'rancher-2.9.2.tgz',
      'rancher-images-digests-linux.txt',
      'rancher-images.txt',
      'rancher-windows-images.txt',
      'sha256sum.txt',
    ]);

    const again = await lab.run(['install', lab.at('lab.tar'), ...target, '--json']).ended;
    expect(again.stdout).not.toMatch(/"outcome": ?"(?:pushed|placed|replaced)"/);
  });

  it('is built from its lock again, byte for byte, when the sites have moved on', async () => {
    lab.sites.faults.add({ path: '/helm/index.yaml', answer: { status: 404 } });
    const out = ['-o', lab.at('again.tar'), '--registries', lab.at('registries.yaml'), '--locked'];
    const locked = await lab.run(['build', lab.at('lab.yaml'), ...out]).ended;
    expect(`${locked.status} ${locked.stderr}`).toMatch(/^0 /);
    const roots = await Promise.all(
      ['lab.tar', 'again.tar'].map(async (name) => {
        const { stdout } = await lab.run(['inspect', lab.at(name), '--json']).ended;
        return /"root": ?"(sha256:[0-9a-f]+)"/.exec(stdout)?.[1];
      }),
    );
    expect(roots[0]).toBeDefined();
    expect(roots[1]).toBe(roots[0]);
  });
});

async function platformsAt(lab: Lab, repository: string, tag: string): Promise<readonly string[]> {
  const headers = { accept: 'application/vnd.oci.image.index.v1+json' };
  const response = await fetch(`${lab.offline.url}/v2/${repository}/manifests/${tag}`, { headers });
  const text = await response.text();
  return [...text.matchAll(/"platform":(\{[^}]*\})/g)].map(([, platform = '{}']) => {
    const { os, architecture, 'os.version': version } = Object(JSON.parse(platform));
    return [`${os}/${architecture}`, version].filter(Boolean).join(' ');
  });
}
