import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildBundle } from '../../src/verbs/build.ts';
import { installBundle } from '../../src/verbs/install.ts';
import { lockSpec } from '../../src/verbs/lock.ts';
import {
  type InProcessRegistry,
  type InProcessRegistryOptions,
  startRegistry,
} from '../support/registry/registry.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';

const TWO = ['linux/amd64', 'linux/arm64'] as const;
const TOKENS = {
  auth: { scheme: 'bearer', anonymousPull: true, username: 'anyone', password: 'unused' },
} as const;

/** Requests by kind, such as `HEAD manifest`. */
type Requests = Readonly<Record<string, number>>;

/** Three tags of cosign, and the list that clients keep where the registry keeps none. */
const SIGNATURES: Requests = { 'HEAD manifest': 3, 'GET referrers': 1, 'GET manifest': 1 };
const LISTED: Requests = { 'HEAD manifest': 3, 'GET referrers': 1 };

describe('an image that was never seen', () => {
  it.each<[string, readonly string[], InProcessRegistryOptions, Requests, Requests]>([
    ['of one platform', ['linux/amd64'], {}, { 'GET manifest': 1 }, SIGNATURES],
    ['of two platforms', TWO, {}, { 'GET manifest': 3 }, SIGNATURES],
    ['at a registry with a referrers API', TWO, { referrers: true }, { 'GET manifest': 3 }, LISTED],
    ['at a registry with tokens', TWO, TOKENS, { 'GET manifest': 3, 'GET token': 1 }, SIGNATURES],
  ])(
    '%s costs a lock each manifest once, and one round of questions',
    async (_, platforms, options, own, about) => {
      const scene = await setUp(options);
      await scene.seed('one', platforms);
      await scene.lock();
      expect(scene.asked()).toEqual(sum({ 'GET ping': 1 }, own, about));
    },
  );

  it('costs a build each of its blobs once besides', async () => {
    const scene = await setUp();
    await scene.seed('one', TWO);
    await scene.build();
    // Two layers and a config for each platform.
    expect(scene.asked()).toEqual(sum({ 'GET ping': 1, 'GET manifest': 3, 'GET blob': 6 }, SIGNATURES));
  });

  it('costs a locked build no question', async () => {
    const scene = await setUp();
    await scene.seed('one', TWO);
    await scene.lock();
    scene.clear();
    await scene.build({ locked: true });
    expect(scene.asked()).toEqual({ 'GET ping': 1, 'GET manifest': 3, 'GET blob': 6 });
  });
});

describe('a second build', () => {
  it('asks for the tag of an image that did not change, and for its signatures, and fetches nothing', async () => {
    const scene = await setUp();
    await scene.seed('one', TWO);
    await scene.build();
    scene.clear();
    await scene.build();
    expect(scene.asked()).toEqual(sum({ 'GET ping': 1, 'HEAD manifest': 1 }, SIGNATURES));
  });

  it('fetches what changed', async () => {
    const scene = await setUp({ referrers: true });
    await scene.seed('one', TWO);
    await scene.seed('two', TWO);
    await scene.build();
    await scene.seed('two', TWO, 'changed');
    await scene.seed('three', TWO);
    scene.clear();
    await scene.build();
    // The changed one has its digest asked for first; that of the new one comes with its manifest.
    const changed = { 'HEAD manifest': 1, 'GET manifest': 3, 'GET blob': 6 };
    const fresh = { 'GET manifest': 3, 'GET blob': 6 };
    const same = { 'HEAD manifest': 1 };
    expect(scene.asked()).toEqual(sum({ 'GET ping': 1 }, changed, fresh, same, LISTED, LISTED, LISTED));
  });

  it('of a locked spec asks nothing of what it has', async () => {
    const scene = await setUp();
    await scene.seed('one', TWO);
    await scene.build();
    scene.clear();
    await scene.build({ locked: true });
    expect(scene.asked()).toEqual({});
  });

  it('takes documents from a bundle that is reused', async () => {
    const scene = await setUp();
    await scene.seed('one', TWO);
    await scene.build();
    scene.clear();
    await scene.build({ out: 'other.tar', reuse: ['lab.tar'] });
    expect(scene.asked()).toEqual(sum({ 'GET ping': 1, 'HEAD manifest': 1 }, SIGNATURES));
  });

  it('fetches the documents that are damaged in the bundle', async () => {
    const scene = await setUp();
    const image = await scene.seed('one', TWO);
    await scene.build({ out: 'lab' });
    writeFileSync(scene.at('lab', 'blobs', 'sha256', image.root.digest.slice(7)), 'damaged');
    scene.clear();
    await scene.build({ out: 'other.tar', reuse: ['lab'] });
    expect(scene.asked()).toEqual(sum({ 'GET ping': 1, 'HEAD manifest': 1, 'GET manifest': 1 }, SIGNATURES));
  });
});

describe('an install', () => {
  it('asks for each piece and sends it; a second one asks for each image by its tag, by its tag once more to prove it, and for nothing else', async () => {
    const scene = await setUp();
    for (const name of ['one', 'two', 'three']) await scene.seed(name, TWO);
    await scene.build();
    await using target = await startRegistry();
    const install = async (): Promise<void> =>
      void (await installBundle(
        { path: scene.at('lab.tar'), targets: { registry: [target.host] } },
        { ...NOBODY, home: scene.at('home') },
      ));
    await install();
    // For each image: its tag, three manifests, and both again to prove it; six blobs, and an upload to see whether it may push.
    expect(countsOf(target)).toEqual({
      'GET ping': 2,
      'GET other': 1,
      'HEAD manifest': 3 * (1 + 3 + 2),
      'HEAD blob': 3 * 6,
      'POST upload': 3 * (6 + 1),
      'PUT upload': 3 * 6,
      'DELETE upload': 3,
      'PUT manifest': 3 * 3,
    });
    target.log.clear();
    await install();
    expect(countsOf(target)).toEqual({ 'GET ping': 2, 'HEAD manifest': 3 * 2 });
  });
});

interface Scene {
  readonly at: (...names: readonly string[]) => string;
  /** Puts `lab/NAME:v1` into the registry and into the spec. */
  readonly seed: (
    name: string,
    platforms: readonly string[],
    content?: string,
  ) => Promise<ReturnType<typeof sampleImage>>;
  readonly lock: () => Promise<void>;
  readonly build: (options?: {
    readonly locked?: boolean;
    readonly out?: string;
    readonly reuse?: readonly string[];
  }) => Promise<void>;
  readonly asked: () => Requests;
  readonly clear: () => void;
}

async function setUp(options: InProcessRegistryOptions = {}): Promise<Scene> {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const registry = await startRegistry(options);
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const at = (...names: readonly string[]): string => join(folder.path, ...names);
  const names = new Set<string>();
  const spec = (): string => {
    const images = [...names].map((name) => `${registry.host}/lab/${name}:v1`);
    writeFileSync(at('lab.yaml'), JSON.stringify({ bundle: 1, name: 'lab', images }));
    return at('lab.yaml');
  };
  return {
    at,
    seed: async (name, platforms, content = name) => {
      names.add(name);
      const image = sampleImage({ name: content, platforms, index: platforms.length > 1 });
      await registry.seed(`lab/${name}`, image, 'v1');
      return image;
    },
    lock: async () => void (await lockSpec({ specPath: spec() }, NOBODY)),
    build: async ({ locked, out = 'lab.tar', reuse = [] } = {}) =>
      void (await buildBundle(
        { specPath: spec(), out: at(out), locked, reuse: reuse.map((name) => at(name)) },
        NOBODY,
      )),
    asked: () => countsOf(registry),
    clear: () => registry.log.clear(),
  };
}

function countsOf({ log }: InProcessRegistry): Requests {
  const kinds = Map.groupBy(log.entries, ({ method, topic }) => `${method} ${topic}`);
  return Object.fromEntries([...kinds].map(([kind, { length }]) => [kind, length]));
}

function sum(...all: readonly Requests[]): Requests {
  const total: Record<string, number> = {};
  for (const [kind, count] of all.flatMap((each) => Object.entries(each)))
    total[kind] = (total[kind] ?? 0) + count;
  return total;
}
