import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { type ConfigResult, type ConfigWish, writeConfig } from '../../../src/verbs/config.ts';
import { installBundle } from '../../../src/verbs/install.ts';
import type { RawEntry } from '../../support/archives/raw-tar.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { layeredImage } from '../../support/samples/openshift-release.ts';
import {
  COMPONENTS,
  type OpenshiftSite,
  RELEASES,
  startOpenshiftSite,
} from '../../support/sites/openshift-site.ts';
import { problemsOf } from '../../support/thrown.ts';

const stream = (name: string, ...images: readonly string[]): string =>
  JSON.stringify({
    kind: 'ImageStream',
    metadata: { name },
    spec: {
      tags: images.map((image, index) => ({
        name: String(index),
        from: { kind: 'DockerImage', name: image },
      })),
    },
  });

const SAMPLES = 'opt/openshift/operator/x86_64';
const PARTS: Readonly<Record<string, readonly RawEntry[]>> = {
  'cluster-samples-operator': [
    {
      path: `${SAMPLES}/ruby/imagestreams/ruby-rhel.json`,
      bytes: stream('ruby', 'quay.io/ubi8/ruby-27:latest', 'quay.io/lab/too/deep:1'),
    },
    {
      path: `${SAMPLES}/nodejs/imagestreams/nodejs.json`,
      bytes: stream('nodejs', 'quay.io/ubi8/nodejs-20:latest'),
    },
    { path: `${SAMPLES}/jenkins/imagestreams/jenkins.json`, bytes: 'not to be read' },
    { path: 'opt/openshift/operator/s390x/ruby/imagestreams/ruby.json', bytes: 'of another architecture' },
  ],
  'must-gather': [{ path: 'usr/bin/gather', bytes: 'gather' }],
};

async function installed(part: string): Promise<{
  readonly site: OpenshiftSite;
  readonly registry: Awaited<ReturnType<typeof startRegistry>>;
  readonly config: (wish: Partial<ConfigWish> & Pick<ConfigWish, 'kind'>) => Promise<ConfigResult>;
}> {
  const site = await startOpenshiftSite();
  await site.release({ version: '4.20.3', components: PARTS });
  await site.quay.seed(
    'ubi8/ruby-27',
    layeredImage({ layers: [[{ path: 'ruby', bytes: 'ruby' }]] }),
    'latest',
  );
  const { path } = await site.build(
    `openshift: { releases: ["${RELEASES}:4.20.3-x86_64"], keys: [keys.asc]${part} }\n`,
  );
  const registry = await startRegistry();
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const surroundings = { env: {}, home: site.folder, host: { platform: 'linux', arch: 'x64' } };
  await installBundle({ path, targets: { registry: [`${registry.host}/ocp`] } }, surroundings);
  const config = async (wish: Partial<ConfigWish> & Pick<ConfigWish, 'kind'>): Promise<ConfigResult> =>
    await writeConfig({ bundle: path, ...wish }, surroundings);
  return { site, registry, config };
}

describe('what a cluster is told of a bundle', () => {
  it('is for the registry that it went to', async () => {
    const { registry, config } = await installed('');
    const mirror = `${registry.host}/ocp/openshift/release`;
    const { files, findings } = await config({ kind: 'idms' });
    expect(parse(files[0]?.text ?? '')).toMatchObject({
      metadata: { name: 'lab' },
      spec: {
        imageDigestMirrors: [
          { mirrors: [mirror], source: RELEASES },
          { mirrors: [mirror], source: COMPONENTS },
        ],
      },
    });
    expect(findings).toEqual([]);
    const other = await config({ kind: 'install-config', registry: 'registry.lab' });
    expect(parse(other.files[0]?.text ?? '')).toMatchObject({
      imageDigestSources: [
        { mirrors: ['registry.lab/openshift/release'], source: RELEASES },
        { mirrors: ['registry.lab/openshift/release'], source: COMPONENTS },
      ],
    });
    expect(other.findings.map(({ message }) => message)).toContain(
      'The pull secret goes to every node: its credentials for "registry.lab" must be read-only',
    );
  });

  it('has the signatures that the build verified', async () => {
    const { site, config } = await installed('');
    const { files } = await config({ kind: 'signature-configmap' });
    const { metadata, binaryData } = parse(files[0]?.text ?? '');
    const stored = site.answers.get(`/signatures/${String(metadata.name).replace('-', '=')}/signature-1`);
    expect(Object.values(binaryData)).toEqual([
      Buffer.from(stored?.body instanceof Uint8Array ? stored.body : '').toString('base64'),
    ]);
  });

  it('has the samples that travel along, and how to have must-gather', async () => {
    const { registry, config } = await installed(', samples: [ruby]');
    const [file] = (await config({ kind: 'samples' })).files;
    expect(file?.text).toMatch(
      new RegExp(
        `^# .*\\n#   oc import-image is/must-gather -n openshift\\n#   oc adm must-gather --image=${registry.host}/ocp/openshift/release@sha256:[0-9a-f]{64}\\n`,
      ),
    );
    expect(parse(file?.text ?? '')).toMatchObject({
      spec: {
        managementState: 'Managed',
        samplesRegistry: `${registry.host}/ocp`,
        skippedImagestreams: ['nodejs'],
      },
    });
    expect(registry.content.manifest('ocp/ubi8/ruby-27', 'latest')).toBeDefined();
    const sources = parse((await config({ kind: 'install-config' })).files[0]?.text ?? '').imageDigestSources;
    expect(sources).toHaveLength(2);
  });

  it('has a source for each catalog of operators', async () => {
    const site = await startOpenshiftSite();
    const catalog = layeredImage({
      layers: [[{ path: 'configs/index.json', bytes: '{}' }]],
      labels: { 'operators.operatorframework.io.index.configs.v1': '/configs' },
    });
    await site.quay.seed('redhat/redhat-operator-index', catalog, 'v4.20');
    const { path } = await site.build('images: ["quay.io/redhat/redhat-operator-index:v4.20"]\n');
    const surroundings = { env: {}, home: site.folder, host: { platform: 'linux', arch: 'x64' } };
    const { files } = await writeConfig(
      { kind: 'catalog-source', bundle: path, registry: 'registry.lab' },
      surroundings,
    );
    expect(parse(files[0]?.text ?? '')).toMatchObject({
      kind: 'CatalogSource',
      metadata: { name: 'cs-redhat-operator-index-v4-20', namespace: 'openshift-marketplace' },
      spec: { image: 'registry.lab/quay.io/redhat/redhat-operator-index:v4.20', sourceType: 'grpc' },
    });
  });

  it('names an image stream that there is none of', async () => {
    const site = await startOpenshiftSite();
    await site.release({ version: '4.20.3', components: PARTS });
    const part = `openshift: { releases: ["${RELEASES}:4.20.3-x86_64"], keys: [keys.asc], samples: [rubi] }\n`;
    expect(await problemsOf(site.build(part))).toEqual([
      'ERR_UPSTREAM_NOT_FOUND Cannot find image stream "rubi": the samples of OpenShift 4.20.3 do not have it',
    ]);
  });
});

describe('a pull secret', () => {
  it('is written for this user alone, with the registry added', async () => {
    const { site, registry, config } = await installed('');
    const at = (name: string): string => join(site.folder, name);
    const [given, auth] = ['cXVheTpzZWNyZXQ=', Buffer.from('reader:secret').toString('base64')];
    writeFileSync(at('pull.json'), JSON.stringify({ auths: { 'quay.io': { auth: given, email: 'a@b.c' } } }));
    const wish = {
      kind: 'pull-secret',
      merge: at('pull.json'),
      output: at('secrets'),
      registry: registry.host,
    } as const;
    expect(await problemsOf(config(wish))).toEqual([
      `ERR_CREDENTIALS_INVALID Cannot add "${registry.host}" to the pull secret: no user name and password are known for it here`,
    ]);
    writeFileSync(at('auth.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const surroundings = {
      env: { REGISTRY_AUTH_FILE: at('auth.json') },
      home: site.folder,
      host: { platform: 'linux', arch: 'x64' },
    };
    const result = await writeConfig(wish, surroundings);
    const file = at('secrets/pull-secret.json');
    expect(result).toMatchObject({ files: [], written: [file] });
    expect(JSON.stringify(result)).not.toContain(auth);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      auths: { 'quay.io': { auth: given, email: 'a@b.c' }, [registry.host]: { auth } },
    });
  });

  it.each<readonly [string, Partial<ConfigWish>]>([
    ['another kind', { kind: 'idms' }],
    ['no folder', { output: undefined }],
    ['no registry', { registry: undefined }],
  ])('is not merged with %s', async (_, changes) => {
    const surroundings = { env: {}, home: '/', host: { platform: 'linux', arch: 'x64' } };
    const wish: ConfigWish = { kind: 'pull-secret', merge: 'x', output: 'y', registry: 'registry.lab' };
    expect(await problemsOf(writeConfig({ ...wish, ...changes }, surroundings))).toEqual([
      expect.stringMatching(/^ERR_USAGE_INVALID Cannot merge a pull secret/),
    ]);
  });
});
