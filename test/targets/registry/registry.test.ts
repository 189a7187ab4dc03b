import { describe, expect, it, onTestFinished } from 'vitest';
import type { OpenBundle } from '../../../src/bundle/bundle.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { registryTarget, type RegistryTargetOptions } from '../../../src/targets/registry/registry.ts';
import type { Target } from '../../../src/targets/target.ts';
import { faultyBundle, flipped } from '../../support/archives/faulty-bundle.ts';
import { freePort } from '../../support/http/free-port.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import { plannedImage, type PlannedSample } from '../../support/planned/items.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { replyError } from '../../support/registry/exchange.ts';
import {
  type InProcessRegistry,
  type InProcessRegistryOptions,
  startRegistry,
} from '../../support/registry/registry.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { bundleOf } from '../../support/samples/target-samples.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';

const RANCHER = 'docker.io/rancher/rancher:v2.9.2';
const CERT_MANAGER = 'quay.io/jetstack/cert-manager-controller:v1.15.3';

describe('the registry target', () => {
  it('pushes every image under its name, byte for byte', async () => {
    const { registry, target, bundle } = await setUp([
      plannedImage(RANCHER),
      plannedImage(CERT_MANAGER, { platforms: ['linux/amd64', 'linux/arm64'] }),
      plannedImage('docker.io/library/busybox:1.36', { format: 'docker' }),
    ]);
    const results = await installTarget(target);
    expect(results.map(({ destination, outcome }) => `${destination} ${outcome}`)).toEqual([
      `${registry.host}/rancher/busybox:1.36 pushed`,
      `${registry.host}/rancher/rancher:v2.9.2 pushed`,
      `${registry.host}/quay.io/jetstack/cert-manager-controller:v1.15.3 pushed`,
    ]);
    for (const item of bundle.document.items) {
      const repository = { [RANCHER]: 'rancher/rancher', [CERT_MANAGER]: CERT_MANAGER.split(':')[0] ?? '' }[
        item.name
      ];
      const tag = item.name.split(':')[1] ?? '';
      expect(await digestAt(registry, repository ?? 'rancher/busybox', tag)).toBe(item.descriptor.digest);
    }
    expect(await target.prove()).toEqual([
      { level: 'ok', message: `${registry.host} answers for 3 images by digest and by name` },
    ]);
  });

  it('sends nothing the second time, and says that all is there', async () => {
    const { registry, target, bundle } = await setUp([plannedImage(RANCHER), plannedImage(CERT_MANAGER)]);
    await installTarget(target);
    registry.log.clear();
    const again = await openTarget(bundle, registry);
    expect((await again.plan()).map(({ state, bytes }) => [state, bytes])).toEqual([
      ['present', 0],
      ['present', 0],
    ]);
    expect((await installTarget(again)).map(({ outcome }) => outcome)).toEqual(['present', 'present']);
    expect(registry.log.entries.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  });

  it('names the content of an image that is there, unless a receipt has it: then it is not read', async () => {
    const { registry, target, bundle } = await setUp([plannedImage(RANCHER)]);
    const [pushed] = await installTarget(target);
    const again = await openTarget(bundle, registry);
    const [action] = await again.plan();
    if (action === undefined) throw new Error('nothing was planned');
    const asked: Digest[] = [];
    const isRecorded = (digest: Digest): boolean => asked.push(digest) > 0;
    expect((await again.apply(action, { isRecorded })).digests).toBeUndefined();
    expect(asked).toEqual([bundle.document.items[0]?.descriptor.digest]);
    for (const options of [{}, { isRecorded: () => false }])
      expect([...((await again.apply(action, options)).digests ?? [])]).toEqual([...(pushed?.digests ?? [])]);
  });

  it('proves what planning found by asking again: it may have moved since', async () => {
    const { registry, target, bundle } = await setUp([plannedImage(RANCHER), plannedImage(CERT_MANAGER)]);
    await installTarget(target);
    const again = await openTarget(bundle, registry);
    expect((await again.plan()).map(({ state }) => state)).toEqual(['present', 'present']);
    expect(await again.prove()).toMatchObject([
      { level: 'ok', message: expect.stringContaining('2 images') },
    ]);
    await registry.seed('rancher/rancher', sampleImage({ name: 'older' }), 'v2.9.2');
    expect(await again.prove()).toMatchObject([
      { level: 'ok', message: expect.stringContaining('1 image') },
      { level: 'error', message: expect.stringContaining('rancher/rancher:v2.9.2 is sha256:') },
    ]);
  });

  it('sends what images share once, and counts it once in its plan', async () => {
    const { registry, target } = await setUp([
      plannedImage(RANCHER, { sharedLayers: ['base'], layers: 1, layerBytes: 5000 }),
      plannedImage(CERT_MANAGER, { sharedLayers: ['base'], layers: 1, layerBytes: 5000 }),
    ]);
    const bytes = (await target.plan()).map((action) => action.bytes);
    expect(Math.abs((bytes[0] ?? 0) - (bytes[1] ?? 0))).toBeGreaterThan(5000);
    await installTarget(target);
    const mounts = registry.log.entries.filter(({ path }) => path.includes('mount='));
    expect(mounts.map(({ status }) => status)).toEqual([201]);
    expect(registry.log.count('PUT upload')).toBe(5);
  });

  it('moves a tag that stood for something else', async () => {
    const { registry, target, bundle } = await setUp([plannedImage(RANCHER)]);
    await registry.seed('rancher/rancher', sampleImage({ name: 'older' }), 'v2.9.2');
    expect((await target.plan()).map(({ state }) => state)).toEqual(['different']);
    await installTarget(target);
    expect(await digestAt(registry, 'rancher/rancher', 'v2.9.2')).toBe(
      bundle.document.items[0]?.descriptor.digest,
    );
  });

  it('gives an image that is there without its tag the tag, and sends nothing else', async () => {
    const { registry, target } = await setUp([plannedImage('docker.io/rancher/rancher:v2.9.2')]);
    await registry.seed('rancher/rancher', sampleImage({ name: RANCHER }));
    expect((await target.plan()).map(({ state }) => state)).toEqual(['missing']);
    await installTarget(target);
    expect(registry.log.count('POST upload')).toBe(0);
    expect((await target.prove()).map(({ level }) => level)).toEqual(['ok']);
  });

  it('puts all under a prefix, by the naming that is asked for', async () => {
    const { registry, target } = await setUp([plannedImage(CERT_MANAGER)], {
      prefix: 'mirror/lab',
      naming: 'strip',
    });
    expect(target.place).toBe(`${registry.host}/mirror/lab`);
    await installTarget(target);
    expect(await digestAt(registry, 'mirror/lab/jetstack/cert-manager-controller', 'v1.15.3')).toMatch(
      /^sha256:/,
    );
  });

  it('pushes an image known by digest alone by digest alone', async () => {
    const image = sampleImage({ name: 'pinned' });
    const name = `quay.io/jetstack/pinned@${image.root.digest}`;
    const { registry, target } = await setUp([plannedImage(name, { name: 'pinned' })]);
    const [result] = await installTarget(target);
    expect(result?.destination).toBe(`${registry.host}/quay.io/jetstack/pinned@${image.root.digest}`);
    expect(registry.log.count('PUT manifest')).toBe(1);
    expect(await digestAt(registry, 'quay.io/jetstack/pinned', image.root.digest)).toBe(image.root.digest);
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(['present']);
  });

  it('refuses before any change two images that would be one', async () => {
    const { registry, target } = await setUp(
      [plannedImage('quay.io/a/b:1'), plannedImage('ghcr.io/a/b:1'), plannedImage('ghcr.io/c/d:1')],
      { naming: 'strip' },
    );
    expect(await problemsOf(target.reach())).toEqual([
      `ERR_TARGET_REFUSED Cannot push "quay.io/a/b:1": "ghcr.io/a/b:1" would be "${registry.host}/a/b:1" as well`,
    ]);
    expect(registry.log.entries).toEqual([]);
  });

  it.each([undefined, 'strip', 'full', 'rancher'] as const)(
    'pushes by digest alone what was pinned when its tag was moved since, naming %s',
    async (naming) => {
      const old = sampleImage({ name: 'old' });
      const pinned = `registry.lab/g/p:v1@${old.root.digest}`;
      const { registry, target } = await setUp(
        [
          plannedImage(pinned, { name: 'old' }),
          plannedImage('registry.lab/g/p:v1', { name: 'new' }),
          plannedImage('registry.lab/g/z:v1'),
        ],
        { naming },
      );
      const results = await installTarget(target);
      expect(results.map(({ outcome }) => outcome)).toEqual(['pushed', 'pushed', 'pushed']);
      const repository = naming === 'strip' ? 'g/p' : 'registry.lab/g/p';
      expect(await digestAt(registry, repository, 'v1')).toBe(sampleImage({ name: 'new' }).root.digest);
      expect(await digestAt(registry, repository, old.root.digest)).toBe(old.root.digest);
      expect((await target.prove()).map(({ level }) => level)).toEqual(['ok']);
      expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual([
        'present',
        'present',
        'present',
      ]);
    },
  );

  it('takes two names of the same image for what they are', async () => {
    const { target } = await setUp(
      [plannedImage('quay.io/a/b:1', { name: 'x' }), plannedImage('ghcr.io/a/b:1', { name: 'x' })],
      { naming: 'strip' },
    );
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(['pushed', 'pushed']);
  });

  it('says what to do when no registry answers', async () => {
    const bundle = await bundleOf([plannedImage(RANCHER)]);
    const target = await openTarget(
      bundle,
      { host: `127.0.0.1:${await freePort()}` },
      { hint: 'Start one.' },
    );
    expect(await thrownBy(target.reach())).toMatchObject({
      code: 'ERR_REGISTRY_UNREACHABLE',
      hint: 'Start one.',
    });
  });

  it.each([undefined, 'Start one.'])('leaves a refusal as it is, with the hint %j', async (hint) => {
    const refusing = await startRegistry({
      intercept: async (exchange) => {
        await replyError(exchange, 403, { code: 'DENIED' });
        return true;
      },
    });
    onTestFinished(() => refusing[Symbol.asyncDispose]());
    const target = await openTarget(await bundleOf([plannedImage(RANCHER)]), refusing, { hint });
    await using client = openTestClient();
    const { code, message, hint: advice } = await thrownBy(client.open(refusing.host).ping());
    expect(code).toBe('ERR_REGISTRY_DENIED');
    expect(await thrownBy(target.reach())).toMatchObject({ code, message, hint: advice });
  });

  it('keeps the hint of the client where it has none of its own', async () => {
    const nobody = { host: `127.0.0.1:${await freePort()}` };
    const target = await openTarget(await bundleOf([plannedImage(RANCHER)]), nobody);
    await using client = openTestClient();
    const failure = await thrownBy(client.open(nobody.host).ping());
    expect(failure).toMatchObject({ code: 'ERR_REGISTRY_UNREACHABLE', hint: expect.any(String) });
    expect(await thrownBy(target.reach())).toMatchObject({ message: failure.message, hint: failure.hint });
  });

  it('tells of every byte as it is sent, documents included', async () => {
    const { target } = await setUp([plannedImage(RANCHER, { platforms: ['linux/amd64', 'linux/arm64'] })]);
    await target.reach();
    const [action] = await target.plan();
    if (action === undefined) throw new Error('nothing was planned');
    let sent = 0;
    await target.apply(action, { onBytes: (count) => (sent += count) });
    expect(sent).toBe(action.bytes);
  });

  it('reports the content of each image, its root first', async () => {
    const { bundle, target } = await setUp([plannedImage(RANCHER)]);
    const [pushed] = await installTarget(target);
    expect(pushed?.digests?.at(0)).toBe(bundle.document.items[0]?.descriptor.digest);
    expect([...(pushed?.digests ?? [])].sort()).toEqual(
      bundle.document.blobs.map(({ digest }) => digest).sort(),
    );
  });

  it('tags nothing whose content the stick did not give back whole', async () => {
    const { bundle, registry } = await setUp([plannedImage(RANCHER)]);
    const layer = bundle.document.blobs.find(
      ({ digest }) => digest !== bundle.document.items[0]?.descriptor.digest,
    );
    const faulty = faultyBundle(bundle, (digest, honest) =>
      digest === layer?.digest ? flipped(honest) : honest,
    );
    const target = await openTarget(faulty, registry);
    await expect(installTarget(target)).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_/) });
    expect(registry.log.count('PUT manifest')).toBe(0);
    expect((await installTarget(await openTarget(bundle, registry))).map(({ outcome }) => outcome)).toEqual([
      'pushed',
    ]);
  });

  it.each(['PUT upload', 'PUT manifest'] as const)(
    'is refused at each %s in turn, and completed by the next run',
    async (on) => {
      const platforms = ['linux/amd64', 'linux/arm64'];
      const bundle = await bundleOf([plannedImage(RANCHER), plannedImage(CERT_MANAGER, { platforms })]);
      let stops = 0;
      for (let skip = 0; skip < 40; skip += 1) {
        const { registry } = await setUp([]);
        const refusal = { type: 'status', status: 507, body: { errors: [{ code: 'DENIED' }] } } as const;
        registry.inject({ on, skip, action: refusal });
        const error = await installTarget(await openTarget(bundle, registry)).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error === undefined) break;
        expect(error).toMatchObject({ code: 'ERR_REGISTRY_FAILED' });
        stops += 1;
        const target = await openTarget(bundle, registry);
        await installTarget(target);
        expect((await target.prove()).map(({ level }) => level)).toEqual(['ok']);
      }
      expect(stops).toBeGreaterThan(3);
    },
  );
});

describe('the proof', () => {
  it('names every image that is not there as it should be', async () => {
    const { registry, target, bundle } = await setUp([plannedImage(RANCHER), plannedImage(CERT_MANAGER)]);
    const other = sampleImage({ name: 'other' });
    await installTarget(target);
    await registry.seed('rancher/rancher', other, 'v2.9.2');
    const [rancher] = bundle.document.items.filter(({ name }) => name === RANCHER);
    expect(await target.prove()).toEqual([
      { level: 'ok', message: `${registry.host} answers for 1 image by digest and by name` },
      {
        level: 'error',
        about: `${registry.host}/rancher/rancher:v2.9.2`,
        message: `${registry.host}/rancher/rancher:v2.9.2 is ${other.root.digest}, expected ${rancher?.descriptor.digest}`,
      },
    ]);
  });

  it('is not given by a registry that lost everything', async () => {
    const { bundle } = await setUp([plannedImage(RANCHER)]);
    const { registry } = await setUp([]);
    const target = await openTarget(bundle, registry);
    const digest = bundle.document.items[0]?.descriptor.digest;
    expect(await target.prove()).toEqual([
      {
        level: 'error',
        about: `${registry.host}/rancher/rancher:v2.9.2`,
        message: `${registry.host}/rancher/rancher:v2.9.2 is not there as ${digest}`,
      },
    ]);
  });
});

async function setUp(
  samples: readonly PlannedSample[],
  options: Partial<RegistryTargetOptions> = {},
  registryOptions: InProcessRegistryOptions = {},
): Promise<{ readonly bundle: OpenBundle; readonly registry: InProcessRegistry; readonly target: Target }> {
  const registry = await startRegistry(registryOptions);
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const bundle = await bundleOf(samples);
  return { bundle, registry, target: await openTarget(bundle, registry, options) };
}

async function openTarget(
  bundle: OpenBundle,
  registry: { readonly host: string },
  options: Partial<RegistryTargetOptions> = {},
): Promise<Target> {
  const client = openTestClient();
  onTestFinished(() => client[Symbol.asyncDispose]());
  return registryTarget(bundle, { registry: client.open(registry.host), ...options });
}

/** Asks the registry with nothing of the code under test. */
async function digestAt(
  registry: InProcessRegistry,
  repository: string,
  tag: string,
): Promise<string | null> {
  const accept = [
    'application/vnd.oci.image.index.v1+json',
    'application/vnd.oci.image.manifest.v1+json',
    'application/vnd.docker.distribution.manifest.v2+json',
  ];
  const response = await fetch(`${registry.url}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: accept.join(', ') },
  });
  return response.headers.get('docker-content-digest');
}
