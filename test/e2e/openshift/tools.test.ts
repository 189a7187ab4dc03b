import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type InstallResult, installBundle, type InstallWish } from '../../../src/verbs/install.ts';
import { uninstall } from '../../../src/verbs/uninstall.ts';
import type { RawEntry } from '../../support/archives/raw-tar.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import type { SampleImage } from '../../support/samples/sample-image.ts';
import { type OpenshiftSite, RELEASES, startOpenshiftSite } from '../../support/sites/openshift-site.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { problemsOf } from '../../support/thrown.ts';

const marker = (word: string, room: number): string => `\0_RELEASE_${word}_LOCATION_\0${'X'.repeat(room)}\0`;
const [IMAGE, VERSION, ARCHITECTURE] = [
  marker('IMAGE', 300),
  marker('VERSION', 64),
  marker('ARCHITECTURE', 64),
];
const NOISE = Buffer.from(incompressibleBytes('program', 200_000)).toString('latin1');
const INSTALLER = `ELF\0_RELEASE_IMAGE_LOCATION_\0code${NOISE}${IMAGE}${NOISE}${VERSION}${ARCHITECTURE}end`;
const OC = `ELF\0_RELEASE_VERSION_LOCATION_\0${NOISE}${VERSION}end`;
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

const COMPONENTS: Readonly<Record<string, readonly RawEntry[]>> = {
  cli: [
    { path: 'usr/bin/kubectl', bytes: bytes(OC), mode: 0o755 },
    { path: 'usr/bin/oc', type: '1', link: 'usr/bin/kubectl' },
  ],
  'cli-artifacts': [
    { path: './usr/share/openshift/mac_arm64/oc', bytes: bytes(`mac${OC}`) },
    { path: 'usr/share/openshift/windows/oc.exe', bytes: bytes(`windows${OC}`) },
  ],
  installer: [{ path: 'usr/bin/openshift-install', bytes: bytes(INSTALLER) }],
  'installer-artifacts': [
    { path: 'usr/share/openshift/mac_arm64/openshift-install', bytes: bytes(`mac${INSTALLER}`) },
  ],
};

interface Scene {
  readonly site: OpenshiftSite;
  readonly image: SampleImage;
  readonly registry: InProcessRegistry;
  readonly tools: string;
  readonly install: (wish?: Partial<InstallWish>, targets?: InstallWish['targets']) => Promise<InstallResult>;
}

async function scene(components = COMPONENTS, architectures = ['amd64']): Promise<Scene> {
  const site = await startOpenshiftSite();
  const image = await site.release({ version: '4.20.3', components, architectures });
  const { path } = await site.build(
    `openshift: { releases: ["${RELEASES}:4.20.3-x86_64"], keys: [keys.asc] }\n`,
  );
  const registry = await startRegistry();
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const tools = join(site.folder, 'tools');
  const surroundings = { env: {}, home: site.folder, host: { platform: 'linux', arch: 'x64' } };
  const install: Scene['install'] = async (wish = {}, targets = {}) =>
    await installBundle(
      {
        path,
        targets: { registry: [`${registry.host}/ocp`], 'openshift-tools': tools, ...targets },
        ...wish,
      },
      surroundings,
    );
  return { site, image, registry, tools, install };
}

const read = (path: string): string => readFileSync(path, 'latin1');

describe('oc and openshift-install', () => {
  it('come out of the bundle, pinned to the release at the registry', async () => {
    const { image, registry, tools, install } = await scene();
    const { actions } = await install();
    expect(
      actions
        .filter(({ target }) => target === 'openshift-tools')
        .map(({ name, outcome }) => `${name} ${outcome}`),
    ).toEqual(['oc 4.20.3 placed', 'openshift-install 4.20.3 placed']);
    const installer = join(tools, 'openshift-install');
    const value = `${registry.host}/ocp/openshift/release@${image.root.digest}`;
    expect(read(installer)).toBe(
      INSTALLER.replace(IMAGE, `${value}\0${IMAGE.slice(value.length + 1)}`)
        .replace(VERSION, `4.20.3\0${VERSION.slice(7)}`)
        .replace(ARCHITECTURE, `linux/amd64\0${ARCHITECTURE.slice(12)}`),
    );
    expect(statSync(installer).mode & 0o777).toBe(0o755);
    expect(read(join(tools, 'oc'))).toBe(OC.replace(VERSION, `4.20.3\0${VERSION.slice(7)}`));
    const again = await install();
    expect(again.actions.every(({ outcome }) => outcome === 'present')).toBe(true);
  });

  it('are taken back by uninstall, unless somebody changed them', async () => {
    const { site, tools, install } = await scene();
    const { receipt } = await install();
    writeFileSync(join(tools, 'oc'), 'changed since');
    const surroundings = { env: {}, home: site.folder, host: { platform: 'linux', arch: 'x64' } };
    const { findings } = await uninstall({ receipt: receipt ?? '' }, surroundings);
    expect(readdirSync(tools)).toEqual(['oc']);
    expect(findings.map(({ message }) => message).join('\n')).toContain(join(tools, 'oc'));
  });

  it('are pinned to the list of a multi-arch release', async () => {
    const { image, registry, tools, install } = await scene(COMPONENTS, ['amd64', 'arm64']);
    await install({ hostPlatform: 'linux/arm64' });
    expect(read(join(tools, 'openshift-install'))).toContain(
      `${registry.host}/ocp/openshift/release@${image.root.digest}\0`,
    );
    expect(read(join(tools, 'openshift-install'))).toContain('multi (linux/amd64)\0');
  });

  it('are, for a Mac, to be signed again, and for Windows oc alone', async () => {
    const { tools, install } = await scene();
    const mac = await install({ hostPlatform: 'darwin/arm64' });
    expect(mac.findings).toContainEqual({
      level: 'warning',
      message: `${tools}/openshift-install was changed for this registry, so macOS will not run it until it is signed again`,
      hint: `Sign it on the Mac: codesign --force --sign - ${tools}/openshift-install`,
    });
    expect(read(join(tools, 'oc'))).toMatch(/^macELF/);
    const windows = await install({ hostPlatform: 'windows/amd64' });
    expect(read(join(tools, 'oc.exe'))).toMatch(/^windowsELF/);
    expect(windows.findings.map(({ message }) => message)).toContain(
      'OpenShift release "4.20.3-x86_64" has no openshift-install for windows/amd64',
    );
  });

  it.each([
    [
      'without a place for the image',
      { ...COMPONENTS, installer: [{ path: 'usr/bin/openshift-install', bytes: 'ELF' }] },
      {},
      {},
      /it has no place for a release image/,
    ],
    [
      'for a platform that there are none for',
      COMPONENTS,
      { hostPlatform: 'linux/s390x' },
      {},
      /release "4\.20\.3-x86_64" has none for linux\/s390x/,
    ],
    ['without a registry', COMPONENTS, {}, { registry: undefined }, /no registry is given/],
    [
      'of a release that is not there',
      COMPONENTS,
      {},
      { 'openshift-release': '4.1.0' },
      /Cannot find OpenShift release "4\.1\.0" in "[^"]+": it has 4\.20\.3-x86_64/,
    ],
  ])('are refused %s, before anything is changed', async (_, components, wish, targets, message) => {
    const { registry, install } = await scene(components);
    expect(await problemsOf(install(wish, targets))).toEqual([expect.stringMatching(message)]);
    expect(registry.log.entries.every(({ method }) => ['GET', 'HEAD'].includes(method))).toBe(true);
  });
});
