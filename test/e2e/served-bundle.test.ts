import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRecord } from '../../src/internal/json.ts';
import { startService } from '../../src/serve/service.ts';
import { type Lab, startLab } from '../support/lab.ts';

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

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab[Symbol.asyncDispose]());

/** Builds a bundle and returns what `inspect` tells of its items. */
async function build(out: string, spec: string): Promise<unknown> {
  const built = await lab.run(['build', spec, '-o', out, '--quiet']).ended;
  expect({ status: built.status, stderr: built.stderr }).toMatchObject({ status: 0 });
  const inspected = await lab.run(['inspect', out, '--json']).ended;
  const result: unknown = JSON.parse(inspected.stdout);
  return isRecord(result) ? result['items'] : undefined;
}

function specOf(url: string): string {
  const upstreams = {
    k3sChannels: `${url}/v1-release/channels`,
    k3sReleases: `${url}/repos/k3s-io/k3s/releases`,
    k3sDownloads: `${url}/k3s-io/k3s/releases/download`,
    k3sSource: `${url}/raw/k3s-io/k3s`,
    kubernetes: url,
  };
  const registries = `registries:\n  mirrors:\n    "docker.io": { endpoint: ["${url}"] }\n`;
  return `bundle: 1\nname: lab\n${PARTS.replace('SITE', url)}${registries}upstreams: ${JSON.stringify(upstreams)}\n`;
}

describe('a bundle that is served', () => {
  it('is an upstream: what is built from it has the same items, and nothing else was asked', async () => {
    const original: unknown = await build('first.tar', lab.spec(PARTS.replace('SITE', lab.sites.url)));
    const service = await startService({ paths: [lab.at('first.tar')], host: '127.0.0.1', port: 0 });
    const [asked, pulled] = [lab.sites.requests.length, lab.internet.log.entries.length];
    try {
      writeFileSync(lab.at('again.yaml'), specOf(service.url));
      expect(await build('second.tar', lab.at('again.yaml'))).toEqual(original);
    } finally {
      await service.stop(0);
    }
    expect([lab.sites.requests.length, lab.internet.log.entries.length]).toEqual([asked, pulled]);
  });
});
