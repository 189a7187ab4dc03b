import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { type InstallResult, installBundle, type InstallWish } from '../../../src/verbs/install.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { type OpenshiftSite, RELEASES, startOpenshiftSite } from '../../support/sites/openshift-site.ts';

const PART = `openshift: { releases: ["${RELEASES}:4.20.3-x86_64"], keys: [keys.asc] }\n`;

async function offline(site: OpenshiftSite): Promise<{
  readonly registry: Awaited<ReturnType<typeof startRegistry>>;
  readonly install: (wish?: Partial<InstallWish>) => Promise<InstallResult>;
}> {
  const registry = await startRegistry();
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const surroundings = { env: {}, home: site.folder, host: { platform: 'linux', arch: 'x64' } };
  const path = join(site.folder, 'lab.tar');
  const install = async (wish: Partial<InstallWish> = {}): Promise<InstallResult> =>
    await installBundle({ path, targets: { registry: [registry.host] }, ...wish }, surroundings);
  return { registry, install };
}

/** Tags by order of their PUT. */
function pushedTags(registry: Awaited<ReturnType<typeof startRegistry>>): readonly string[] {
  return registry.log.entries
    .filter(({ method, topic }) => method === 'PUT' && topic === 'manifest')
    .map(({ path }) => path.replace(/^\/v2\//, '').replace('/manifests/', ':'));
}

describe('a release at a registry', () => {
  it('has the tags of new and old oc, with its image last, and is not sent twice', async () => {
    const site = await startOpenshiftSite();
    const image = await site.release({ version: '4.20.3' });
    await site.build(PART);
    const { registry, install } = await offline(site);
    const { actions } = await install();
    expect(actions.map(({ outcome }) => outcome)).toEqual(Array(5).fill('pushed'));
    const tags = pushedTags(registry);
    expect([...tags].sort()).toEqual([
      'openshift/release:4.20.3',
      'openshift/release:4.20.3-x86_64',
      'openshift/release:4.20.3-x86_64-cli',
      'openshift/release:4.20.3-x86_64-etcd',
      'openshift/release:4.20.3-x86_64-installer',
    ]);
    expect(tags.slice(-2).sort()).toEqual(['openshift/release:4.20.3', 'openshift/release:4.20.3-x86_64']);
    const tagged = registry.content.manifest('openshift/release', '4.20.3')?.digest;
    expect(tagged).toBe(image.root.digest);
    registry.log.clear();
    const again = await install();
    expect(again.actions.map(({ outcome }) => outcome)).toEqual(Array(5).fill('present'));
    expect(registry.log.entries.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
  });

  it('goes below a prefix, and where a template says', async () => {
    const site = await startOpenshiftSite();
    await site.release({ version: '4.20.3' });
    await site.build(PART.replace('keys:', 'repository: "ocp4:${version}-lab-${component}", keys:'));
    const { registry, install } = await offline(site);
    await install({ targets: { registry: [`${registry.host}/mirror`] } });
    expect([...pushedTags(registry)].sort()).toEqual([
      'mirror/ocp4:4.20.3-lab-cli-x86_64',
      'mirror/ocp4:4.20.3-lab-etcd-x86_64',
      'mirror/ocp4:4.20.3-lab-installer-x86_64',
      'mirror/ocp4:4.20.3-lab-release-x86_64',
    ]);
  });

  it('is a list with all of its images, under -multi', async () => {
    const site = await startOpenshiftSite();
    const image = await site.release({
      version: '4.20.3',
      architectures: ['amd64', 'arm64'],
      tag: '4.20.3-multi',
    });
    await site.build(PART.replace('x86_64', 'multi'));
    const { registry, install } = await offline(site);
    await install();
    for (const { descriptor } of image.manifests)
      expect(registry.content.manifest('openshift/release', descriptor.digest)).toBeDefined();
    expect(pushedTags(registry).at(-1)).toMatch(/openshift\/release:4\.20\.3(?:-multi)?$/);
    expect(pushedTags(registry)).toContain('openshift/release:4.20.3-multi-cli');
  });

  it('shares what two releases have in common', async () => {
    const site = await startOpenshiftSite();
    await site.release({ version: '4.20.3' });
    await site.release({ version: '4.20.4' });
    await site.build(PART.replace('releases: [', `releases: ["${RELEASES}:4.20.4-x86_64", `));
    const { registry, install } = await offline(site);
    await install();
    expect(pushedTags(registry)).toHaveLength(10);
    expect(pushedTags(registry)).toEqual(
      expect.arrayContaining(['openshift/release:4.20.3-x86_64-cli', 'openshift/release:4.20.4-x86_64-cli']),
    );
  });
});

describe('sigstore signatures', () => {
  const cosign = (digest: string): string => `${digest.replace(':', '-')}.sig`;

  it.each([
    ['4.20.3', []],
    ['4.21.3', [/^The image of OpenShift 4\.21\.3 has no sigstore signature/]],
    [
      '4.22.3',
      [
        /^The image of OpenShift 4\.22\.3 has/,
        /^3 components of OpenShift 4\.22\.3 have no sigstore signature: cli, etcd, installer$/,
      ],
    ],
  ])('that are missing are told for %s as its clusters want them', async (version, messages) => {
    const site = await startOpenshiftSite();
    await site.release({ version });
    const { findings } = await site.build(PART.replace('4.20.3', version));
    expect(findings.filter(({ level }) => level === 'warning').map(({ message }) => message)).toEqual(
      messages.map((message) => expect.stringMatching(message)),
    );
    expect(findings.filter(({ level }) => level === 'ok').map(({ message }) => message)).toEqual([
      `OpenShift ${version}: the release image lacks a sigstore signature, and 0 of its 3 components have one`,
    ]);
  });

  it('travel beside their images, those of a list and of its parts', async () => {
    const site = await startOpenshiftSite();
    const image = await site.release({
      version: '4.22.3',
      architectures: ['amd64', 'arm64'],
      tag: '4.22.3-multi',
    });
    const [amd64, arm64, list] = image.manifests.map(({ descriptor }) => descriptor.digest);
    // Of this list a part alone is signed.
    const repository = 'openshift-release-dev/ocp-release';
    await site.quay.seed(repository, sampleImage({ name: 'signature of arm64' }), cosign(arm64 ?? ''));
    const { findings } = await site.build(PART.replace('4.20.3-x86_64', '4.22.3-multi'));
    expect(findings.map(({ message }) => message)).toContain(
      'OpenShift 4.22.3: the release image has a sigstore signature, and 0 of its 3 components have one',
    );
    const { registry, install } = await offline(site);
    await install();
    const found = [amd64, arm64, list].map((digest) =>
      registry.content.manifest('openshift/release', cosign(digest ?? '')),
    );
    expect(found.map((manifest) => manifest !== undefined)).toEqual([false, true, false]);
  });
});

describe('the bundle of a release', () => {
  it('verifies', async () => {
    const site = await startOpenshiftSite();
    await site.release({ version: '4.20.3' });
    const { path } = await site.build(PART);
    const surroundings = { env: {}, home: site.folder, host: { platform: 'linux', arch: 'x64' } };
    expect(await verifyBundle({ path, workers: 1 }, surroundings)).toMatchObject({ ok: true, problems: [] });
  });
});
