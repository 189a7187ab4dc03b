import { dirname } from 'node:path';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { OpenBundle } from '../../src/bundle/bundle.ts';
import { engineTarget } from '../../src/targets/engine/engine-target.ts';
import { containerdEngine } from '../../src/engine/containerd/containerd.ts';
import { dockerEngine } from '../../src/engine/docker/docker.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { engineRemovals } from '../../src/targets/engine/removals.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { Target } from '../../src/targets/target.ts';
import { faultyBundle } from '../support/archives/faulty-bundle.ts';
import { canStartContainers } from '../support/peers/containers.ts';
import { startContainerd } from '../support/peers/containerd.ts';
import { startDockerEngine } from '../support/peers/dockerd.ts';
import { startPodman } from '../support/peers/podman.ts';
import { plannedAs, plannedImage, type PlannedSample } from '../support/planned/items.ts';
import { runnableImage } from '../support/samples/runnable-image.ts';
import { bundleOf } from '../support/samples/target-samples.ts';
import { installTarget } from '../support/sites/install-target.ts';
import { thrownBy } from '../support/thrown.ts';

const LINUX = { os: 'linux', architecture: 'amd64' };
const RUNS = 'docker.io/library/runs:1';
const INDEX = 'quay.io/jetstack/multi:v1';
const OLD = 'docker.io/rancher/old:v1';

/** Podman would raise these limits, which takes a capability that containers rarely have. */
const UNRAISED = ['--ulimit=nofile=512:512', '--ulimit=nproc=512:512'];

/** One image that runs, one of two platforms, one of Docker's media types. */
const SAMPLES: readonly PlannedSample[] = [
  plannedAs(RUNS, runnableImage()),
  plannedImage(INDEX, { platforms: ['linux/arm64', 'linux/amd64'] }),
  plannedImage(OLD, { format: 'docker' }),
];

/** A running engine, ours beside its own client. */
interface Scene extends AsyncDisposable {
  readonly engine: Engine;
  /** Names that its own client lists. */
  names(): Promise<readonly string[]>;
  /** What the image that runs prints. */
  run(): Promise<string>;
}

const ENGINES: readonly (readonly [string, (context: TestContext) => Promise<Scene>])[] = [
  ['Docker', dockerScene],
  ['Podman', podmanScene],
  ['containerd', containerdScene],
];

const RUNS_LAYER = SAMPLES[0]?.contents.find(
  ({ descriptor }) => descriptor.mediaType === MEDIA_TYPE.ociLayerGzip,
)?.descriptor.digest;

let bundle: OpenBundle;
beforeAll(async () => {
  bundle = await bundleOf(SAMPLES);
});

const over = (engine: Engine, from: OpenBundle = bundle): Target =>
  engineTarget(from, { engine, platform: LINUX });

describe.each(ENGINES)('%s', (_, start) => {
  it('takes images by name and digest, whole or not at all, is sent nothing twice, and gives them back', async (context) => {
    await using scene = await start(context);
    const { engine } = scene;
    const broken = faultyBundle(bundle, (digest, honest) =>
      digest === RUNS_LAYER ? damaged(honest) : honest,
    );
    expect((await thrownBy(installTarget(over(engine, broken)))).code).toBe('ERR_DIGEST_MISMATCH');
    expect((await over(engine).plan()).find(({ name }) => name === RUNS)?.state).not.toBe('present');

    const first = await installTarget(over(engine));
    expect(first.map(({ outcome }) => outcome)).toEqual(['pushed', 'pushed', 'pushed']);
    expect(await scene.names()).toEqual([RUNS, OLD, INDEX]);
    expect(await over(engine).prove()).toMatchObject([
      { level: 'ok', message: expect.stringContaining('3 images') },
    ]);
    const again = await over(engine).plan();
    expect(again.map(({ state, bytes, needs }) => [state, bytes, needs])).toEqual(
      Array.from({ length: 3 }, () => ['present', 0, []]),
    );

    const other = await bundleOf([plannedImage(OLD, { format: 'docker', layers: 3 })]);
    expect(await over(engine, other).plan()).toMatchObject([{ state: 'different' }]);
    expect(await installTarget(over(engine, other))).toMatchObject([{ outcome: 'replaced' }]);
    expect(await over(engine).prove()).toMatchObject([
      { level: 'ok' },
      { level: 'error', about: expect.stringContaining(OLD) },
    ]);

    const references = first.flatMap(({ leaves }) => leaves?.references ?? []);
    expect(await takenBack(engine, references)).toEqual([
      [RUNS, 'removed'],
      [OLD, 'kept'],
      [INDEX, 'removed'],
    ]);
    expect(await scene.names()).toEqual([OLD]);
  });

  it('runs what it was given', async (context) => {
    if (!canStartContainers()) context.skip('skipped: no container can start here');
    await using scene = await start(context);
    await installTarget(over(scene.engine, await bundleOf(SAMPLES.slice(0, 1))));
    expect(await scene.run()).toContain('it runs');
  });
});

describe('a namespace that containerd does not have', () => {
  it('is told with those it has, before anything is sent', async (context) => {
    await using daemon = await startContainerd(context);
    await daemon.ctr('namespaces', 'create', 'test');
    const { env } = process;
    const at = { name: 'containerd', command: ['ctr'], socket: daemon.socket, isHere: true, env };
    expect(await thrownBy(containerdEngine({ ...at, namespace: 'k8s.io' }).reach())).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
      hint: 'It has: test. Name one, as in containerd=NAMESPACE.',
    });
    const gone = containerdEngine({ ...at, socket: `${daemon.socket}.none`, namespace: 'test' });
    expect((await thrownBy(gone.reach())).code).toBe('ERR_TARGET_FAILED');
    const missing = containerdEngine({ ...at, command: ['no-such-client'], namespace: 'test' });
    expect((await thrownBy(missing.reach())).message).toContain('it is not on the PATH');
  });
});

describe('an image that an engine cannot take', () => {
  it.each([
    [
      'for another platform',
      plannedImage('docker.io/x/arm:1', { platforms: ['linux/arm64'] }),
      'it is for linux/arm64',
    ],
    [
      'an index without the platform',
      plannedImage('docker.io/x/arm:1', { platforms: ['linux/arm64', 'linux/s390x'] }),
      'it has nothing for linux/amd64',
    ],
    [
      'with a digest alone for a name',
      plannedImage(`docker.io/x/y@sha256:${'a'.repeat(64)}`),
      'it has a digest and no tag',
    ],
  ])('is left out with a warning: %s', async (_, sample, message) => {
    const engine = dockerEngine('docker', '/nowhere');
    const some = await bundleOf([sample, ...SAMPLES.slice(0, 1)]);
    expect(await over(engine, some).leftOut?.()).toMatchObject([
      { level: 'warning', message: expect.stringContaining(message) },
    ]);
    const alone = await bundleOf([sample]);
    expect((await thrownBy(over(engine, alone).plan())).code).toBe('ERR_TARGET_REFUSED');
  });
});

async function takenBack(
  engine: Engine,
  references: NonNullable<
    NonNullable<Awaited<ReturnType<typeof installTarget>>[number]['leaves']>['references']
  >,
): Promise<readonly (readonly [string, string])[]> {
  const steps = engineRemovals(
    { place: engine.place, paths: [], references, maybe: new Set(), receipt: NO_RECEIPT },
    {
      claims: {
        file: () => undefined,
        inside: () => undefined,
        reference: () => undefined,
        pusher: () => undefined,
      },
      dryRun: false,
      home: '/nowhere',
      host: { os: 'linux', env: process.env, home: '/nowhere' },
      registryAt: () => {
        throw new Error('no registry is asked');
      },
    },
  );
  const results = [];
  for (const step of steps) results.push(await step.run(new Set()));
  return results.flatMap(({ actions }) => actions.map(({ name, outcome }) => [name, outcome] as const));
}

const NO_RECEIPT = {
  createdAt: '',
  root: digestOf(''),
  name: 'lab',
  complete: true,
  blobs: [],
  targets: [],
  items: [],
  paths: [],
  files: [],
  listed: [],
  references: [],
} as const;

async function* damaged(honest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of honest) yield chunk.with(0, (chunk[0] ?? 0) ^ 1);
}

async function dockerScene(context: TestContext): Promise<Scene> {
  const daemon = await startDockerEngine(context);
  const full = (name: string): string =>
    name.includes('.') ? name : name.includes('/') ? `docker.io/${name}` : `docker.io/library/${name}`;
  return {
    engine: dockerEngine('docker', daemon.socket),
    names: async () =>
      lines(await daemon.docker('images', '--format', '{{.Repository}}:{{.Tag}}'))
        .map(full)
        .toSorted(),
    run: async () => await daemon.docker('run', '--rm', '--network=none', RUNS),
    [Symbol.asyncDispose]: async () => await daemon[Symbol.asyncDispose](),
  };
}

async function podmanScene(context: TestContext): Promise<Scene> {
  const service = await startPodman(context);
  return {
    engine: dockerEngine('podman', service.socket),
    names: async () =>
      lines(await service.podman('images', '--format', '{{.Repository}}:{{.Tag}}')).toSorted(),
    run: async () => await service.podman('run', '--rm', '--network=none', ...UNRAISED, RUNS),
    [Symbol.asyncDispose]: async () => await service[Symbol.asyncDispose](),
  };
}

async function containerdScene(context: TestContext): Promise<Scene> {
  const daemon = await startContainerd(context);
  await daemon.ctr('namespaces', 'create', 'test');
  const { env } = process;
  return {
    engine: containerdEngine({
      name: 'containerd',
      command: ['ctr'],
      socket: daemon.socket,
      isHere: true,
      namespace: 'test',
      env,
    }),
    names: async () => lines(await daemon.ctr('images', 'list', '--quiet')).toSorted(),
    run: async () =>
      await daemon.ctr(
        'run',
        '--rm',
        '--snapshotter',
        'native',
        RUNS,
        `test-${dirname(daemon.socket).split('/').at(-1)}`,
      ),
    [Symbol.asyncDispose]: async () => await daemon[Symbol.asyncDispose](),
  };
}

function lines(text: string): readonly string[] {
  // An image that another one took the name of stays without a name.
  return text.split('\n').filter((line) => line !== '' && !line.includes('<none>'));
}
