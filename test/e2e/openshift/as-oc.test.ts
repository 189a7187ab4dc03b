import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConfigWish, writeConfig } from '../../../src/verbs/config.ts';
import { installBundle } from '../../../src/verbs/install.ts';
import type { RawEntry } from '../../support/archives/raw-tar.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import type { SampleImage } from '../../support/samples/sample-image.ts';
import { COMPONENTS, RELEASES, startOpenshiftSite } from '../../support/sites/openshift-site.ts';

/**
 * What `oc adm release mirror` and `oc adm release extract` do, row by row (openshift/oc, `pkg/cli/admin/release/mirror.go`,
 * `extract_tools.go`), beside what a bundle does on its way from one registry to another.
 */
interface Scene {
  readonly image: SampleImage;
  readonly place: string;
  /** Digests at the registry by tag, in the order of their PUT. */
  readonly tags: ReadonlyMap<string, string | undefined>;
  readonly config: (kind: ConfigWish['kind']) => Promise<string>;
  readonly configPaths: (kind: ConfigWish['kind']) => Promise<readonly string[]>;
  /** Bytes of a program that was installed. */
  readonly program: (name: string) => Buffer;
  readonly tools: string;
  readonly signature: Uint8Array;
}

const marker = (word: string, room: number): string => `\0_RELEASE_${word}_LOCATION_\0${'X'.repeat(room)}\0`;
const [IMAGE, VERSION, ARCHITECTURE] = [
  marker('IMAGE', 300),
  marker('VERSION', 64),
  marker('ARCHITECTURE', 64),
];
/** The constants that the markers begin with stand before them, as in the real program. */
const DECOYS =
  '\0_RELEASE_IMAGE_LOCATION_\0 \0_RELEASE_VERSION_LOCATION_\0 \0_RELEASE_ARCHITECTURE_LOCATION_\0';
const INSTALLER = `ELF${DECOYS}${IMAGE}${VERSION}${ARCHITECTURE}end`;
const OC = `ELF${DECOYS}${VERSION}end`;

const PARTS: Readonly<Record<string, readonly RawEntry[]>> = {
  cli: [{ path: 'usr/bin/oc', bytes: Buffer.from(OC, 'latin1') }],
  etcd: [{ path: 'usr/bin/etcd', bytes: 'etcd' }],
  installer: [{ path: 'usr/bin/openshift-install', bytes: Buffer.from(INSTALLER, 'latin1') }],
};

/** Carries release 4.99.0 to `REGISTRY/ocp4`, into one repository as `oc` does with `--to`. */
async function carried(architectures: readonly string[], repository = 'openshift4'): Promise<Scene> {
  const site = await startOpenshiftSite();
  const tag = architectures.length > 1 ? '4.99.0-multi' : '4.99.0-x86_64';
  const image = await site.release({ version: '4.99.0', components: PARTS, architectures, tag });
  const spec = `openshift: { releases: ["${RELEASES}:${tag}"], keys: [keys.asc], repository: "${repository}" }\n`;
  const { path } = await site.build(spec);
  const registry = await startRegistry();
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const tools = join(site.folder, 'tools');
  const surroundings = { env: {}, home: site.folder, host: { platform: 'linux', arch: 'x64' } };
  const place = `${registry.host}/ocp4`;
  await installBundle({ path, targets: { registry: [place], 'openshift-tools': tools } }, surroundings);
  const puts = registry.log.entries.flatMap((entry) => {
    const pushed = /^\/v2\/ocp4\/openshift4\/manifests\/([^:]+)$/.exec(entry.path)?.[1];
    return entry.method === 'PUT' && pushed !== undefined ? [pushed] : [];
  });
  const filesOf = async (kind: ConfigWish['kind']) =>
    (await writeConfig({ kind, bundle: path }, surroundings)).files;
  const { body } = site.answers.get(`/signatures/sha256=${image.root.digest.slice(7)}/signature-1`) ?? {};
  return {
    image,
    place: `${place}/openshift4`,
    tags: new Map(puts.map((each) => [each, registry.content.manifest('ocp4/openshift4', each)?.digest])),
    config: async (kind) => (await filesOf(kind)).map(({ text }) => text).join(''),
    configPaths: async (kind) => (await filesOf(kind)).map((file) => file.path),
    program: (name) => readFileSync(join(tools, name)),
    tools,
    signature: body instanceof Uint8Array ? body : Buffer.alloc(0),
  };
}

/** Returns a marker with a value in it, the rest of it as it was. */
const filled = (text: string, value: string): string => `${value}\0${text.slice(value.length + 1)}`;
const MIRRORS = (place: string): string =>
  `- mirrors:\n  - ${place}\n  source: ${RELEASES}\n- mirrors:\n  - ${place}\n  source: ${COMPONENTS}\n`;
const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');

interface Row {
  readonly what: string;
  readonly ours: (scene: Scene) => unknown;
  readonly oc: (scene: Scene) => unknown;
}

const SINGLE: readonly Row[] = [
  {
    what: '--to tags components VERSION-ARCH-NAME',
    ours: ({ tags }) => [...tags.keys()].filter((tag) => /-[a-z]+$/.test(tag)).sort(),
    oc: () => ['4.99.0-x86_64-cli', '4.99.0-x86_64-etcd', '4.99.0-x86_64-installer'],
  },
  {
    what: '--to tags the release VERSION-ARCH from 4.7 on, and VERSION before',
    ours: ({ tags }) => [...tags.keys()].filter((tag) => !/-[a-z]+$/.test(tag)).sort(),
    oc: () => ['4.99.0', '4.99.0-x86_64'],
  },
  {
    what: 'the digest of the release stays',
    ours: ({ tags }) => [tags.get('4.99.0'), tags.get('4.99.0-x86_64')],
    oc: ({ image }) => [image.root.digest, image.root.digest],
  },
  {
    what: 'imageDigestSources names the repository of the release and each of its components',
    ours: async ({ config }) =>
      /^imageDigestSources:\n(?:[- ].*\n)+/m.exec(await config('install-config'))?.[0],
    oc: ({ place }) => `imageDigestSources:\n${MIRRORS(place)}`,
  },
  {
    what: '--print-mirror-instructions=idms',
    ours: async ({ config }) => await config('idms'),
    oc: ({ place }) =>
      `apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata:\n  name: lab\nspec:\n  imageDigestMirrors:\n${indented(MIRRORS(place))}`,
  },
  {
    what: '--print-mirror-instructions=icsp',
    ours: async ({ config }) => await config('icsp'),
    oc: ({ place }) =>
      `apiVersion: operator.openshift.io/v1alpha1\nkind: ImageContentSourcePolicy\nmetadata:\n  name: lab\nspec:\n  repositoryDigestMirrors:\n${indented(MIRRORS(place))}`,
  },
  {
    what: 'the signature is a ConfigMap in a file of the first 16 digits',
    ours: async ({ configPaths }) => await configPaths('signature-configmap'),
    oc: ({ image }) => [`signature-sha256-${image.root.digest.slice(7, 23)}.json`],
  },
  {
    what: 'its keys are in this order, and the message is as it was',
    ours: async ({ config }) => JSON.stringify(JSON.parse(await config('signature-configmap'))),
    oc: ({ image, signature }) => {
      const name = image.root.digest.replace(':', '-');
      return JSON.stringify({
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: {
          name,
          namespace: 'openshift-config-managed',
          labels: { 'release.openshift.io/verification-signatures': '' },
        },
        binaryData: { [`${name}-1`]: Buffer.from(signature).toString('base64') },
      });
    },
  },
  {
    what: 'extract --command=openshift-install fills whole markers, and no constant before them',
    ours: ({ program }) => program('openshift-install').toString('latin1'),
    oc: ({ place, image }) =>
      `ELF${DECOYS}${filled(IMAGE, `${place}@${image.root.digest}`)}${filled(VERSION, '4.99.0')}${filled(ARCHITECTURE, 'linux/amd64')}end`,
  },
  {
    what: 'extract --command=oc fills in the version alone',
    ours: ({ program }) => program('oc').toString('latin1'),
    oc: () => `ELF${DECOYS}${filled(VERSION, '4.99.0')}end`,
  },
  {
    what: 'both have the mode 0755',
    ours: ({ tools }) => ['oc', 'openshift-install'].map((name) => statSync(join(tools, name)).mode & 0o777),
    oc: () => [0o755, 0o755],
  },
];

const MULTI: readonly Row[] = [
  {
    what: '--keep-manifest-list tags with -multi',
    ours: ({ tags }) => [...tags.keys()].sort(),
    oc: () => ['4.99.0', '4.99.0-multi', '4.99.0-multi-cli', '4.99.0-multi-etcd', '4.99.0-multi-installer'],
  },
  {
    what: 'the list keeps its digest',
    ours: ({ tags }) => tags.get('4.99.0-multi'),
    oc: ({ image }) => image.root.digest,
  },
  {
    what: 'the installer is pinned to the list, and says so',
    ours: ({ program }) => program('openshift-install').toString('latin1'),
    oc: ({ place, image }) =>
      `ELF${DECOYS}${filled(IMAGE, `${place}@${image.root.digest}`)}${filled(VERSION, '4.99.0')}${filled(ARCHITECTURE, 'multi (linux/amd64)')}end`,
  },
];

const TEMPLATE: readonly Row[] = [
  {
    what: '--to with ${version} and ${component} puts the architecture at the end',
    ours: ({ tags }) => [...tags.keys()].sort(),
    oc: () => [
      '4.99.0-X-cli-x86_64',
      '4.99.0-X-etcd-x86_64',
      '4.99.0-X-installer-x86_64',
      '4.99.0-X-release-x86_64',
    ],
  },
];

describe('a release arrives as oc would bring it', () => {
  it.each<readonly [string, readonly Row[], readonly string[], string]>([
    ['of one architecture', SINGLE, ['amd64'], 'openshift4'],
    ['of several', MULTI, ['amd64', 'arm64'], 'openshift4'],
    ['by a template', TEMPLATE, ['amd64'], 'openshift4:${version}-X-${component}'],
  ])('%s', async (_, rows, architectures, repository) => {
    const scene = await carried(architectures, repository);
    for (const { what, ours, oc } of rows)
      expect({ what, is: await ours(scene) }).toEqual({ what, is: oc(scene) });
  });
});
