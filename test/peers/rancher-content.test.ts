import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { registryTarget } from '../../src/targets/registry/registry.ts';
import { startDockerRegistry } from '../support/registry/docker-registry.ts';
import { resolveFrom } from '../support/samples/image-bench.ts';
import { installTarget } from '../support/sites/install-target.ts';
import { requirePeer } from '../support/peers/peers.ts';
import { plannedChart } from '../support/planned/chart.ts';
import { openTestClient } from '../support/registry/client.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { bundleOf } from '../support/samples/target-samples.ts';

const LINUX = sampleImage({ name: 'foo', platforms: ['linux/amd64', 'linux/arm64'] });
const WINDOWS = sampleImage({ name: 'win', platforms: ['windows/amd64'], osVersion: '10.0.20348.2655' });

/** What is made here and not copied, judged by a registry and a client of others. */
describe('docker-registry and skopeo', () => {
  it('take the index of Windows and Linux, and the chart', async (context) => {
    const skopeo = requirePeer(context, 'skopeo');
    await using server = await startDockerRegistry({ program: requirePeer(context, 'docker-registry') });
    await using client = openTestClient();
    const { items } = await resolveFrom(
      { 'rancher/foo:v1': LINUX, 'rancher/foo:v1-windows-ltsc2022': WINDOWS },
      { listed: ['rancher/foo:v1'], windows: ['rancher/foo:v1'] },
    );
    const samples = items.map((planned) => ({
      planned,
      contents: [LINUX, WINDOWS].flatMap(({ blobs, manifests }) => [...blobs, ...manifests]),
    }));
    const made = samples.map(({ planned, contents }) => ({
      planned,
      contents: [
        ...contents,
        ...planned.blobs.flatMap(({ descriptor, origin }) =>
          origin.type === 'bytes' ? [{ descriptor, bytes: origin.bytes }] : [],
        ),
      ],
    }));
    const chart = plannedChart('charts.jetstack.io/cert-manager:v1.15.3', 'cert-manager', 'v1.15.3');
    const bundle = await bundleOf([...made, chart]);
    await installTarget(registryTarget(bundle, { registry: client.open(server.host) }));

    const inspect = (...parameters: readonly string[]): unknown =>
      JSON.parse(
        execFileSync(skopeo, ['inspect', '--tls-verify=false', ...parameters], { encoding: 'utf8' }),
      );
    const name = `docker://${server.host}/rancher/foo:v1`;
    expect(inspect('--raw', name)).toMatchObject({
      manifests: [
        { platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.20348.2655' } },
        { platform: { os: 'linux', architecture: 'amd64' } },
        { platform: { os: 'linux', architecture: 'arm64' } },
      ],
    });
    // skopeo chooses the part for this host by the platform that is written in the index.
    expect(inspect('--override-os', 'linux', '--override-arch', 'arm64', name)).toMatchObject({
      Os: 'linux',
      Architecture: 'arm64',
    });
    expect(inspect('--override-os', 'windows', '--override-arch', 'amd64', name)).toMatchObject({
      Os: 'windows',
    });
    const at = `docker://${server.host}/charts.jetstack.io/cert-manager:v1.15.3`;
    expect(inspect('--raw', at)).toMatchObject({
      config: { mediaType: 'application/vnd.cncf.helm.config.v1+json' },
      layers: [{ mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip' }],
    });
  });
});
