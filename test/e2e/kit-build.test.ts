import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildBundle, type BuildResult, type BuildWish } from '../../src/verbs/build.ts';
import { convertBundle } from '../../src/verbs/convert.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../support/peers/small-disk.ts';
import { filesBelow, type KitScene, kitScene } from '../support/sites/kit-scene.ts';
import { type Lab, LAB_IMAGES, startLab } from '../support/sites/lab.ts';
import { type NodeSite, smallRelease, startNodeSite } from '../support/sites/node-site.ts';
import { thrownBy } from '../support/thrown.ts';

const [IMAGE] = LAB_IMAGES;
const PARTS = `platforms: [linux/amd64]\nimages:\n  - ${IMAGE}\n`;

interface Yard {
  readonly lab: Lab;
  readonly site: NodeSite;
  readonly scene: KitScene;
  readonly spec: (parts: string) => string;
  readonly build: (wish?: Partial<BuildWish>) => Promise<BuildResult>;
  readonly out: string;
  readonly lock: () => Record<string, unknown>;
}

/** A lab whose spec knows a download site of Node.js. */
async function yard(): Promise<Yard> {
  const lab = await startLab();
  onTestFinished(() => lab[Symbol.asyncDispose]());
  const site = await startNodeSite([smallRelease('24.5.0', 'Krypton'), smallRelease('22.22.2', 'Jod')]);
  const scene = kitScene();
  rmSync(join(scene.stick, 'lab.tar'));
  const out = join(scene.stick, 'lab.tar');
  const spec = (parts: string): string => {
    const mirror = `registries:\n  mirrors:\n    docker.io: { endpoint: ["${lab.internet.url}"] }\n`;
    const upstreams = JSON.stringify({ ...lab.sites.upstreams, node: site.url });
    writeFileSync(lab.at('lab.yaml'), `bundle: 1\nname: lab\n${parts}${mirror}upstreams: ${upstreams}\n`);
    return lab.at('lab.yaml');
  };
  spec(PARTS);
  return {
    lab,
    site,
    scene,
    spec,
    out,
    build: async (wish = {}) =>
      await buildBundle({ specPath: lab.at('lab.yaml'), out, ...wish }, scene.surroundings),
    lock: () => Object(JSON.parse(readFileSync(lab.at('lab.lock.json'), 'utf8'))),
  };
}

describe('a build with a kit', () => {
  it('puts the kit beside the bundle, pins its runtimes, and leaves the bundle as it is', async () => {
    await using stack = new AsyncDisposableStack();
    const { site, scene, build, lock } = await yard();
    stack.defer(() => site[Symbol.asyncDispose]());
    const plain = await build({ out: join(scene.home, 'plain.tar') });
    const result = await build({ kit: {} });
    expect(result.root).toBe(plain.root);
    expect(
      readFileSync(join(scene.stick, 'lab.tar')).equals(readFileSync(join(scene.home, 'plain.tar'))),
    ).toBe(true);
    expect(result.kit).toMatchObject({ node: '24.5.0', platforms: ['linux/amd64'], path: scene.stick });
    expect(filesBelow(scene.stick)).toContain('kit/node/linux-x64/node');
    expect(readFileSync(join(scene.stick, 'START-HERE.html'), 'utf8')).toContain(result.root);
    expect(lock()['kit']).toEqual({
      files: { 'node-v24.5.0-linux-x64.tar.gz': expect.stringMatching(/^sha256:/) },
      release: { node: '24.5.0' },
    });
  });

  it('keeps the pins through a build without one, and takes them with --locked', async () => {
    const { site, build, lock } = await yard();
    await build({ kit: { platforms: ['linux/amd64', 'windows/amd64'] } });
    const pins = lock()['kit'];
    await build();
    expect(lock()['kit']).toEqual(pins);
    await site[Symbol.asyncDispose]();
    const locked = await build({ kit: { platforms: ['windows/amd64'] }, locked: true });
    expect(locked.kit).toMatchObject({ node: '24.5.0', platforms: ['windows/amd64'] });
    expect(lock()['kit']).toEqual(pins);
  });

  it('is the earlier one where the download site is down, and says so', async () => {
    const { site, build } = await yard();
    const first = await build({ kit: {} });
    await site[Symbol.asyncDispose]();
    const again = await build({ kit: {} });
    expect(again.kit?.digest).toBe(first.kit?.digest);
    expect(again.findings.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('the download site does not answer'),
    );
    expect(again.unchanged).toBe(true);
  });

  it('names the release that the spec names, and the desktops that it is for', async () => {
    const { site, spec, build } = await yard();
    spec(
      `${PARTS}kit: { node: 22.22.2 }\nrancherDesktop:\n  versions: [v1.30.6+k3s1]\n  platforms: [windows/amd64, darwin/arm64]\n`,
    );
    const { kit } = await build({ kit: {} });
    await site[Symbol.asyncDispose]();
    expect(kit).toMatchObject({
      node: '22.22.2',
      platforms: ['windows/amd64', 'darwin/arm64', 'linux/amd64'],
    });
  });

  it.each<[string, Partial<BuildWish>, string]>([
    [
      'a platform that there is no runtime for',
      { kit: { platforms: ['linux/riscv64'] } },
      'ERR_PLATFORM_INVALID',
    ],
    ['a lock that has no runtimes', { kit: {}, locked: true }, 'ERR_LOCK_INCOMPLETE'],
  ])('is refused for %s', async (_, wish, code) => {
    const { site, build, scene } = await yard();
    if (wish.locked === true) await build({ out: join(scene.home, 'other.tar') });
    expect((await thrownBy(build(wish))).code).toBe(code);
    expect(filesBelow(scene.stick)).toEqual([]);
    await site[Symbol.asyncDispose]();
  });

  it.skipIf(NO_SMALL_DISK).each(['build', 'convert'])(
    'is told before anything is written that a stick is too full, with %s',
    async (verb) => {
      const { site, build, scene } = await yard();
      await build({ out: join(scene.home, 'plain.tar') });
      // Large enough for the bundle, and not for the kit too.
      const { size } = statSync(join(scene.home, 'plain.tar'));
      using disk = mountSmallDisk(size + 8 * 1024);
      const out = join(disk.path, verb === 'build' ? 'lab.tar' : 'lab.zip');
      const made =
        verb === 'build'
          ? build({ out, kit: {} })
          : convertBundle(
              { path: join(scene.home, 'plain.tar'), out, kit: { mirror: site.url } },
              scene.surroundings,
            );
      expect((await thrownBy(made)).code).toBe('ERR_DISK_FULL');
      expect(filesBelow(disk.path)).toEqual([]);
      await site[Symbol.asyncDispose]();
    },
  );

  it('is refused where the bundle would be in its way', async () => {
    const { site, build, scene } = await yard();
    const error = await thrownBy(build({ kit: {}, out: join(scene.stick, 'bundle') }));
    expect(error.code).toBe('ERR_USAGE_INVALID');
    await site[Symbol.asyncDispose]();
  });
});
