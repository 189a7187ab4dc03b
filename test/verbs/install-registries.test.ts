import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type InstallResult, UnprovenError } from '../../src/verbs/install.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { applyPlans, type Plan } from '../../src/targets/apply-plans.ts';
import { chosenTargets } from '../../src/targets/chosen-targets.ts';
import { faultyBundle } from '../support/archives/faulty-bundle.ts';
import { startHarbor } from '../support/registry/harbor.ts';
import { install, installLab, type InstallLab, type LabOptions } from '../support/sites/install-lab.ts';
import { plannedImage, type PlannedSample } from '../support/planned/items.ts';
import { type InProcessRegistry, startRegistry } from '../support/registry/registry.ts';
import { openTestClient, type TestClientOptions } from '../support/registry/client.ts';
import { bundleOf } from '../support/samples/target-samples.ts';
import { thrownBy } from '../support/thrown.ts';

const RANCHER = 'docker.io/rancher/rancher:v2.9.2';
const SHELL = 'docker.io/rancher/shell:v0.2.1';
const CERTS = 'quay.io/jetstack/cert-manager-controller:v1.15.3';
const IMAGES = [RANCHER, SHELL, CERTS].map((name) => plannedImage(name, { sharedLayers: ['base'] }));
const REFUSED = { type: 'status', status: 400, body: { errors: [{ code: 'UNSUPPORTED' }] } } as const;

describe('a list of sixty images with shared layers', () => {
  const names = Array.from({ length: 60 }, (_, index) => `docker.io/rancher/image-${index}:v1`);
  const samples = names.map((name, index) =>
    plannedImage(name, { layers: 1, sharedLayers: ['base', `base ${index % 5}`] }),
  );

  it('has each blob sent once, and none the second time', async () => {
    const lab = await labWith(samples);
    const registry = await openRegistry();
    await push(lab, [registry.host]);
    const blobs = new Set(
      samples.flatMap(({ planned }) => planned.blobs.map((blob) => blob.descriptor.digest)),
    );
    const manifests = new Set(samples.map(({ planned }) => planned.item.descriptor.digest));
    expect(registry.log.count('PUT upload')).toBe(blobs.size - manifests.size);
    registry.log.clear();
    const again = await push(lab, [registry.host]);
    expect(again.actions.every(({ outcome }) => outcome === 'present')).toBe(true);
    expect(registry.log.entries.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
    expect(registry.log.count('HEAD blob')).toBe(0);
  });
});

describe('chunks of a chosen size', () => {
  it('are what a registry gets, and all of them are there', async () => {
    const lab = await labWith([plannedImage(RANCHER, { layers: 2, layerBytes: 250_000 })]);
    const registry = await openRegistry();
    const options = { openRegistry: undefined, uploadChunk: 100_000 };
    const { findings } = await push(lab, [registry.host], options);
    expect(findings.map(({ level }) => level)).toEqual(['ok']);
    const sizes = registry.log.entries.map(({ bytesReceived }) => bytesReceived);
    expect(Math.max(...sizes)).toBe(100_000);
    expect(registry.log.count('PATCH upload')).toBe(6);
  });
});

describe('several registries', () => {
  it('get the same from one reading of the bundle', async () => {
    const [left, right] = [await openRegistry(), await openRegistry()];
    const reads = new Map<Digest, number>();
    const bundle = faultyBundle(await bundleOf(IMAGES), (digest, honest) => {
      reads.set(digest, (reads.get(digest) ?? 0) + 1);
      return honest;
    });
    const registryAt = opener();
    const targets = await chosenTargets(
      bundle,
      { registry: [left.host, right.host] },
      {
        registryAt,
        host: { os: 'linux', env: {}, home: '/' },
        platform: { os: 'linux', architecture: 'amd64' },
      },
    );
    const plans: Plan[] = await Promise.all(
      targets.map(async (target) => ({ target, actions: await target.plan() })),
    );
    const { failures } = await applyPlans(plans);
    expect(failures).toEqual([]);
    const isManifest = new Set(bundle.document.items.map(({ descriptor }) => descriptor.digest));
    const blobs = bundle.document.blobs.filter(({ digest }) => !isManifest.has(digest));
    expect(blobs.map(({ digest }) => reads.get(digest))).toEqual(blobs.map(() => 1));
    for (const registry of [left, right]) expect(registry.log.count('PUT upload')).toBe(blobs.length);
    for (const target of targets) expect((await target.prove()).map(({ level }) => level)).toEqual(['ok']);
  });

  it('do not wait for one that fails, and what it lacks is in the list', async () => {
    const lab = await labWith(IMAGES);
    const [broken, well] = [await openRegistry(), await openRegistry()];
    broken.inject({ on: 'PUT manifest', times: 99, action: REFUSED });
    const retry = lab.at('retry.txt');
    const error = await thrownBy(push(lab, [broken.host, well.host], { retry }));
    expect(error.code).toBe('ERR_TARGET_FAILED');
    expect(listIn(retry)).toEqual([
      `${broken.host}/quay.io/jetstack/cert-manager-controller:v1.15.3`,
      `${broken.host}/rancher/rancher:v2.9.2`,
      `${broken.host}/rancher/shell:v0.2.1`,
    ]);
    expect(well.content.find('rancher/rancher')?.tags.get('v2.9.2')).toMatch(/^sha256:/);
  });
});

describe('the list of images to retry', () => {
  it('holds those whose push failed; the same command pushes just them, and it goes', async () => {
    const lab = await labWith(IMAGES);
    const registry = await openRegistry();
    registry.inject({ on: 'PUT manifest', path: /\/shell\//, action: REFUSED });
    const retry = lab.at('retry.txt');
    await thrownBy(push(lab, [registry.host], { retry }));
    expect(listIn(retry)).toEqual([`${registry.host}/rancher/shell:v0.2.1`]);
    registry.log.clear();
    const result = await push(lab, [registry.host], { retry });
    expect(result.actions.map(({ outcome }) => outcome)).toEqual(['present', 'pushed', 'present']);
    expect(existsSync(retry)).toBe(false);
  });

  it('is not written when nothing failed', async () => {
    const lab = await labWith(IMAGES);
    const retry = lab.at('retry.txt');
    await push(lab, [(await openRegistry()).host], { retry });
    expect(existsSync(retry)).toBe(false);
  });

  it('may be written by hand, with the names of the bundle', async () => {
    const lab = await labWith(IMAGES);
    const registry = await openRegistry();
    writeFileSync(lab.at('retry.txt'), `${CERTS}\r\n# not the others`);
    const result = await push(lab, [registry.host], { retry: lab.at('retry.txt') });
    expect(result.actions.map(({ name }) => name)).toEqual([CERTS]);
    expect(registry.content.find('rancher/shell')).toBeUndefined();
  });

  it('is refused before any change when it names what is not in the bundle', async () => {
    const lab = await labWith(IMAGES);
    const registry = await openRegistry();
    writeFileSync(lab.at('retry.txt'), 'elsewhere.lab/rancher/rancher:v2.9.2\n');
    expect(await thrownBy(push(lab, [registry.host], { retry: lab.at('retry.txt') }))).toMatchObject({
      code: 'ERR_LIST_INVALID',
      message: expect.stringContaining('"elsewhere.lab/rancher/rancher:v2.9.2"'),
    });
    expect(registry.log.count('PUT manifest')).toBe(0);
  });

  it('holds an image that the registry took and does not answer for', async () => {
    const lab = await labWith(IMAGES);
    const registry = await openRegistry();
    // Planning asks for every tag once; after the push it is gone.
    const gone = { type: 'status', status: 404 } as const;
    registry.inject({ on: 'HEAD manifest', path: /\/shell\/manifests\/v0/, skip: 1, times: 9, action: gone });
    registry.inject({ on: 'GET manifest', path: /\/shell\/manifests\/v0/, times: 9, action: gone });
    const retry = lab.at('retry.txt');
    expect(await thrownBy(push(lab, [registry.host], { retry }))).toBeInstanceOf(UnprovenError);
    expect(listIn(retry)).toEqual([`${registry.host}/rancher/shell:v0.2.1`]);
  });
});

describe('the names at a registry', () => {
  it('are changed further by rewrites, under the prefix', async () => {
    const lab = await labWith(IMAGES);
    const registry = await openRegistry();
    const rewrite = ['^quay\\.io/=>', '^rancher/(.*)$=>r/$1'];
    const { actions } = await push(lab, [`${registry.host}/mirror`], { targets: { rewrite } });
    expect(actions.map(({ destination }) => destination)).toEqual([
      `${registry.host}/mirror/r/rancher:v2.9.2`,
      `${registry.host}/mirror/r/shell:v0.2.1`,
      `${registry.host}/mirror/jetstack/cert-manager-controller:v1.15.3`,
    ]);
  });

  it('that the registry could not hold are refused before any change', async () => {
    const lab = await labWith(IMAGES);
    const registry = await openRegistry();
    const rewrite = ['shell=>Shell!'];
    expect(await thrownBy(push(lab, [registry.host], { targets: { rewrite } }))).toMatchObject({
      message: expect.stringContaining('--rewrite makes "rancher/Shell!" of "rancher/shell"'),
    });
    expect(registry.log.entries).toEqual([]);
  });

  it('keep the namespace of Docker Hub when it was written, and only then', async () => {
    const spelled = plannedImage('docker.io/library/busybox:1');
    const both = ['busybox:1', 'library/busybox:1'];
    const { planned } = spelled;
    const written = { ...planned, item: { ...planned.item, kind: 'image', spellings: both } as const };
    const lab = await labWith([{ ...spelled, planned: written }, plannedImage('docker.io/library/alpine:3')]);
    const registry = await openRegistry();
    const { actions } = await push(lab, [registry.host]);
    expect(actions.map(({ destination }) => destination)).toEqual([
      `${registry.host}/rancher/alpine:3`,
      `${registry.host}/rancher/busybox:1`,
      `${registry.host}/library/busybox:1`,
    ]);
  });
});

describe('an install to a Harbor', () => {
  it('makes the projects that it lacks, before the first byte is sent', async () => {
    const lab = await labWith(IMAGES);
    const harbor = await startHarbor();
    onTestFinished(() => harbor[Symbol.asyncDispose]());
    const { username, password } = harbor;
    const credentials = { [harbor.host]: { type: 'password', username, password } } as const;
    const { findings } = await push(lab, [harbor.host], {}, { credentials });
    expect(findings.map(({ level }) => level)).toEqual(['ok']);
    expect([...harbor.projects.keys()].sort()).toEqual(['quay.io', 'rancher']);
    const writes = harbor.log.entries.filter(({ method, status }) => method === 'POST' && status < 300);
    expect(writes.slice(0, 2).map(({ path }) => path)).toEqual(Array(2).fill('/api/v2.0/projects'));
  });

  it('changes nothing in a dry run', async () => {
    const lab = await labWith(IMAGES);
    const harbor = await startHarbor();
    onTestFinished(() => harbor[Symbol.asyncDispose]());
    const { username, password } = harbor;
    const credentials = { [harbor.host]: { type: 'password', username, password } } as const;
    await push(lab, [harbor.host], { dryRun: true }, { credentials });
    expect([...harbor.projects]).toEqual([]);
  });
});

async function labWith(samples: readonly PlannedSample[]): Promise<InstallLab> {
  return await installLab(samples);
}

async function push(
  lab: InstallLab,
  registries: readonly string[],
  more: Partial<LabOptions> = {},
  client: TestClientOptions = {},
): Promise<InstallResult> {
  const targets = { registry: registries, ...more.targets };
  return await install({ ...lab.options, openRegistry: opener(client), ...more, targets });
}

function opener(options: TestClientOptions = {}): NonNullable<LabOptions['openRegistry']> {
  const client = openTestClient(options);
  onTestFinished(() => client[Symbol.asyncDispose]());
  return (host) => client.open(host);
}

async function openRegistry(): Promise<InProcessRegistry> {
  const registry = await startRegistry();
  onTestFinished(() => registry[Symbol.asyncDispose]());
  return registry;
}

function listIn(path: string): readonly string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}
