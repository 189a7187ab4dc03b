import { describe, expect, it } from 'vitest';
import type { ReleaseTag } from '../../../src/products/distribution/tag.ts';
import { parseK3sTag } from '../../../src/products/k3s/tag.ts';
import { CATALOGUE } from '../../../src/sources/k3s/catalogue.ts';
import {
  desktopClients,
  desktopNeeds,
  desktopRequests,
} from '../../../src/sources/rancher-desktop/rancher-desktop.ts';
import { startBench } from '../../support/sites/source-context.ts';

function tags(...names: readonly string[]): readonly ReleaseTag[] {
  return names.flatMap((name) => parseK3sTag(name) ?? []);
}

function needsOf(platforms: readonly string[], minimumRelease?: string) {
  return desktopNeeds({ versions: [], platforms, kubectl: 'per-version', minimumRelease });
}

async function clientsOf(
  kubectl: 'per-version' | 'minimal',
  ...names: readonly string[]
): Promise<readonly string[]> {
  await using bench = await startBench();
  const catalogue = await bench.context.ask(CATALOGUE, undefined);
  const needs = needsOf(['linux/amd64']);
  const clients = await desktopClients(tags(...names), { needs, kubectl, catalogue }, bench.context);
  return clients.map(({ version }) => version);
}

describe('desktopNeeds', () => {
  it.each([
    ['windows/amd64', ['amd64'], ['windows/amd64']],
    ['darwin/arm64', ['arm64'], ['darwin/amd64', 'darwin/arm64']],
    ['darwin/amd64', ['amd64'], ['darwin/amd64']],
    ['linux/amd64', ['amd64'], ['linux/amd64']],
    ['linux/x86_64', ['amd64'], ['linux/amd64']],
    ['darwin/aarch64', ['arm64'], ['darwin/amd64', 'darwin/arm64']],
  ])('of %s are K3s for %j and kubectl for %j', (platform, architectures, clients) => {
    expect(needsOf([platform])).toMatchObject({ architectures, clients, problems: [] });
  });

  it('are put together for several desktops', () => {
    expect(needsOf(['windows/amd64', 'darwin/arm64', 'linux/amd64'])).toEqual({
      architectures: ['amd64', 'arm64'],
      clients: ['darwin/amd64', 'darwin/arm64', 'linux/amd64', 'windows/amd64'],
      tar: false,
      problems: [],
    });
  });

  it('name every platform that Rancher Desktop does not run on', () => {
    const { problems } = needsOf(['windows/arm64', 'linux/amd64', 'freebsd/amd64', 'nonsense']);
    expect(problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'ERR_PLATFORM_INVALID Cannot serve Rancher Desktop on "windows/arm64": it does not run there',
      'ERR_PLATFORM_INVALID Cannot serve Rancher Desktop on "freebsd/amd64": it does not run there',
      expect.stringContaining('ERR_PLATFORM_INVALID Cannot read platform "nonsense"'),
    ]);
  });

  it.each([
    ['1.6', true],
    ['1.6.2', true],
    ['0.7.0', true],
    ['1.7', false],
    ['1.10', false],
    [undefined, false],
  ])('include the .tar for release %s: %s', (minimumRelease, tar) => {
    expect(needsOf(['linux/amd64'], minimumRelease).tar).toBe(tar);
  });
});

describe('desktopRequests', () => {
  it('ask for every version on every architecture', () => {
    const requests = desktopRequests(
      tags('v1.30.6+k3s1', 'v1.31.2+k3s2'),
      needsOf(['windows/amd64', 'darwin/arm64'], '1.5'),
    );
    expect(
      requests.map(({ tag, architecture, audience, tar }) => [tag.tag, architecture, audience, tar]),
    ).toEqual([
      ['v1.30.6+k3s1', 'amd64', 'rancher-desktop', true],
      ['v1.30.6+k3s1', 'arm64', 'rancher-desktop', true],
      ['v1.31.2+k3s2', 'amd64', 'rancher-desktop', true],
      ['v1.31.2+k3s2', 'arm64', 'rancher-desktop', true],
    ]);
  });
});

describe('desktopClients', () => {
  it('are those of each version, without its build', async () => {
    expect(await clientsOf('per-version', 'v1.30.6+k3s1', 'v1.31.2+k3s2')).toEqual(['1.30.6', '1.31.2']);
  });

  it('of a candidate is that of the release it is for', async () => {
    expect(await clientsOf('per-version', 'v1.31.2-rc1+k3s1')).toEqual(['1.31.2']);
  });

  it('are the fewest when asked so: the chosen version where the minor was chosen', async () => {
    expect(
      await clientsOf('minimal', 'v1.30.4+k3s1', 'v1.30.6+k3s1', 'v1.31.2+k3s2', 'v1.32.1+k3s1'),
    ).toEqual(['1.31.2']);
  });

  it('are the newest release of a minor that was not chosen', async () => {
    expect(await clientsOf('minimal', 'v1.30.4+k3s1', 'v1.32.1+k3s1')).toEqual(['1.31.2']);
  });

  it('may be of a Kubernetes that K3s does not have yet', async () => {
    expect(await clientsOf('minimal', 'v1.32.1+k3s1', 'v1.31.2+k3s1')).toEqual(['1.32.1']);
    // 1.33.0 and 1.37.0 are clients alone in the sample sites.
    await using bench = await startBench();
    const catalogue = await bench.context.ask(CATALOGUE, undefined);
    const clients = await desktopClients(
      tags('v1.32.1+k3s1', 'v1.34.1+k3s1'),
      { needs: needsOf(['linux/amd64']), kubectl: 'minimal', catalogue },
      bench.context,
    );
    expect(clients.map(({ version }) => version)).toEqual(['1.33.0']);
  });

  it('do without the one above when it was never released', async () => {
    expect(await clientsOf('minimal', 'v1.24.17+k3s1', 'v1.25.16+k3s4')).toEqual(['1.25.16']);
    expect(await clientsOf('minimal', 'v1.26.1+k3s1', 'v1.28.1+k3s1')).toEqual(['1.26.1', '1.28.1']);
  });
});
