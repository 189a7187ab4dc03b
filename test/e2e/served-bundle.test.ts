import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRecord } from '../../src/internal/json.ts';
import { startService } from '../../src/serve/service.ts';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { routesTo } from '../support/sites/served-internet.ts';

const PARTS = `platforms: [linux/amd64]
images:
  - rancher/rancher:v2.9.2
  - reference: rancher/shell:v0.2.1
    platforms: [linux/amd64, linux/arm64]
rancherDesktop:
  versions: [v1.30.6+k3s1, 1.31.2, stable]
  platforms: [windows/amd64, darwin/arm64, linux/amd64]
k3s:
  versions: [v1.30.6+k3s1]
  architectures: [amd64, arm64]
kubectl:
  versions: [1.29.3]
  platforms: [linux/amd64]
files:
  - url: SITE/files/tool.tar.gz
`;

const TAG = 'v1.15.3';

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab[Symbol.asyncDispose]());

/** Builds a bundle and returns what `inspect` tells of its items. */
async function build(out: string, spec: string, flags: readonly string[] = []): Promise<unknown> {
  const built = await lab.run(['build', spec, '-o', out, '--quiet', ...flags]).ended;
  expect({ status: built.status, stderr: built.stderr }).toMatchObject({ status: 0 });
  const inspected = await lab.run(['inspect', out, '--json']).ended;
  const result: unknown = JSON.parse(inspected.stdout);
  return isRecord(result) ? result['items'] : undefined;
}

function rancherParts(charts: string): string {
  const chart = `{ repository: "${charts}", name: cert-manager, version: ${TAG} }`;
  // Of quay.io itself they would be asked.
  return `rancher: { version: v2.9.2 }\nsignatures: false\ncharts:\n  - ${chart}\n`;
}

/** Writes where images come from; returns its path. */
function mirrorOfBoth(url: string): string {
  const mirrors = ['docker.io', 'quay.io'].map((host) => `  ${host}: { endpoint: ["${url}"] }\n`);
  writeFileSync(lab.at('registries.yaml'), `mirrors:\n${mirrors.join('')}`);
  return lab.at('registries.yaml');
}

function contentsOf(items: unknown): readonly string[] {
  if (!Array.isArray(items)) return [];
  return items
    .filter(isRecord)
    .map(({ kind, digest }) => `${String(kind)} ${String(digest)}`)
    .sort();
}

describe('a bundle that is served', () => {
  it('is an upstream: what is built from it has the same items, and nothing else was asked', async () => {
    const original: unknown = await build('first.tar', lab.spec(PARTS.replace('SITE', lab.sites.url)));
    const service = await startService({ paths: [lab.at('first.tar')], host: '127.0.0.1', port: 0 });
    const [asked, pulled] = [lab.sites.requests.length, lab.internet.log.entries.length];
    try {
      const parts = PARTS.replace('SITE', service.url);
      writeFileSync(lab.at('again.yaml'), `bundle: 1\nname: lab\n${parts}${routesTo(service.url)}`);
      expect(await build('second.tar', lab.at('again.yaml'))).toEqual(original);
    } finally {
      await service.stop(0);
    }
    expect([lab.sites.requests.length, lab.internet.log.entries.length]).toEqual([asked, pulled]);
  });

  it('is an upstream of Rancher and of charts, whose names alone tell where they came from', async () => {
    for (const component of ['acmesolver', 'cainjector', 'controller', 'startupapicheck', 'webhook'])
      await lab.internet.seed(`jetstack/cert-manager-${component}`, sampleImage({ name: component }), TAG);
    const original = await build('first.tar', lab.spec(rancherParts(`${lab.sites.url}/helm`)), [
      '--registries',
      mirrorOfBoth(lab.internet.url),
    ]);
    const service = await startService({ paths: [lab.at('first.tar')], host: '127.0.0.1', port: 0 });
    const [asked, pulled] = [lab.sites.requests.length, lab.internet.log.entries.length];
    try {
      const parts = rancherParts(`${service.url}/charts`);
      writeFileSync(lab.at('again.yaml'), `bundle: 1\nname: lab\n${parts}${routesTo(service.url)}`);
      const flags = ['--registries', mirrorOfBoth(service.url)];
      const again = await build('second.tar', lab.at('again.yaml'), flags);
      expect(contentsOf(again)).toEqual(contentsOf(original));
      expect(contentsOf(again)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^chart /), expect.stringMatching(/^rancher /)]),
      );
    } finally {
      await service.stop(0);
    }
    expect([lab.sites.requests.length, lab.internet.log.entries.length]).toEqual([asked, pulled]);
  });
});
