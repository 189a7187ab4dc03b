import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { openBundle } from '../../src/bundle/open.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { buildBundle, type BuildWish } from '../../src/verbs/build.ts';
import { problemsIn } from '../support/failure.ts';
import { startContainerd } from '../support/peers/containerd.ts';
import { startDockerEngine } from '../support/peers/dockerd.ts';
import { startPodman } from '../support/peers/podman.ts';
import { type SampleImage, sampleImage } from '../support/samples/sample-image.ts';
import { layoutForm, partsOf, tarForm } from '../support/samples/saved-forms.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';

const NAME = 'docker.io/team/app:dev';
const IMAGE = sampleImage({ name: 'built here', layers: 3 });
const OTHER = sampleImage({ name: 'built anew', layers: 2 });

/** A running engine, as a spec names it. */
interface Scene extends AsyncDisposable {
  readonly engine: string;
  load(archive: string): Promise<unknown>;
  /** The ID that its own client shows. */
  id(): Promise<string>;
}

const ENGINES: readonly (readonly [string, boolean, (context: TestContext) => Promise<Scene>])[] = [
  ['Docker', false, dockerScene],
  ['Podman', false, podmanScene],
  ['containerd', true, containerdScene],
];

/** Returns the path of a tar that every engine loads. */
function archiveOf(image: SampleImage, folder: string): string {
  const parts = partsOf(image);
  const hex = parts.config.descriptor.digest.slice(7);
  const [config] = layoutForm(image, NAME).filter(({ path }) => path.endsWith(hex));
  const layers = parts.layers.map(({ descriptor }) => `blobs/sha256/${descriptor.digest.slice(7)}`);
  const list = [{ Config: config?.path, RepoTags: [NAME], Layers: layers }];
  const path = join(folder, `${hex}.tar`);
  writeFileSync(
    path,
    tarForm([...layoutForm(image, NAME), { path: 'manifest.json', bytes: JSON.stringify(list) }]),
  );
  return path;
}

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => folder[Symbol.dispose]());

describe.each(ENGINES)('an image of %s', (title, keepsManifests, start) => {
  const at = (name: string): string => join(folder.path, `${title}-${name}`);
  const build = async (image: object, more: Partial<BuildWish> = {}): Promise<string> => {
    const specPath = at('lab.yaml');
    writeFileSync(specPath, JSON.stringify({ bundle: 1, name: 'lab', images: [image] }));
    await buildBundle({ specPath, out: at('lab.tar'), ...more }, NOBODY);
    return digestOf(readFileSync(at('lab.tar')));
  };

  it('is taken by name and by ID, the same bytes each time, and locked', async (context) => {
    await using scene = await start(context);
    await scene.load(archiveOf(IMAGE, folder.path));
    const { engine } = scene;
    const first = await build({ engine, reference: 'team/app:dev' });
    const parts = partsOf(IMAGE);
    await using bundle = await openBundle(at('lab.tar'));
    const digests = bundle.document.blobs.map(({ digest }) => digest);
    expect(digests).toContain(parts.config.descriptor.digest);
    expect(digests).toEqual(
      expect.arrayContaining(
        keepsManifests
          ? [IMAGE.root.digest, ...parts.layers.map(({ descriptor }) => descriptor.digest)]
          : parts.plain.map((layer) => digestOf(layer)),
      ),
    );
    expect(bundle.document.items.map(({ kind, name }) => [kind, name])).toEqual([['image', NAME]]);

    expect(await build({ engine, reference: 'team/app:dev' }, { locked: true })).toBe(first);
    expect(await build({ engine, reference: 'team/app:dev' }, { out: at('lab.zip') })).toBe(first);
    const id = (await scene.id()).replace('sha256:', '').slice(0, 20);
    expect(await build({ engine, id, reference: 'team/app:dev' })).toBe(first);

    const missing = await thrownBy(build({ engine, reference: 'team/ap:dev' }));
    expect(problemsIn(missing).join()).toContain(`Cannot find image "team/ap:dev": `);
    expect(JSON.stringify(missing)).toMatch(/Did you mean .*team\/app:dev/);

    await build({ engine, reference: 'team/app:dev' });
    await scene.load(archiveOf(OTHER, folder.path));
    const moved = await thrownBy(build({ engine, reference: 'team/app:dev' }, { locked: true }));
    expect(moved.code).toBe('ERR_DIGEST_MISMATCH');
    expect(problemsIn(moved).join()).toContain('as it was locked');
  });
});

async function dockerScene(context: TestContext): Promise<Scene> {
  const daemon = await startDockerEngine(context);
  return {
    engine: `docker=${daemon.socket}`,
    load: async (archive) => await daemon.docker('load', '--input', archive),
    id: async () => (await daemon.docker('image', 'inspect', '--format', '{{.Id}}', NAME)).trim(),
    [Symbol.asyncDispose]: async () => await daemon[Symbol.asyncDispose](),
  };
}

async function podmanScene(context: TestContext): Promise<Scene> {
  const service = await startPodman(context);
  return {
    engine: `podman=${service.socket}`,
    load: async (archive) => await service.podman('load', '--input', archive),
    id: async () => await service.podman('image', 'inspect', '--format', '{{.Id}}', NAME),
    [Symbol.asyncDispose]: async () => await service[Symbol.asyncDispose](),
  };
}

async function containerdScene(context: TestContext): Promise<Scene> {
  const daemon = await startContainerd(context);
  return {
    engine: `containerd=test@${daemon.socket}`,
    load: async (archive) => await daemon.ctr('images', 'import', '--no-unpack', archive),
    id: async () => /sha256:[0-9a-f]{64}/.exec(await daemon.ctr('images', 'list'))?.[0] ?? '',
    [Symbol.asyncDispose]: async () => await daemon[Symbol.asyncDispose](),
  };
}
