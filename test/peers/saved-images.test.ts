import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { decodeManifest } from '../../src/oci/manifest.ts';
import type { PlannedItem } from '../../src/bundle/format/item.ts';
import { buildBundle } from '../../src/verbs/build.ts';
import { startContainerd } from '../support/peers/containerd.ts';
import { startDockerEngine } from '../support/peers/dockerd.ts';
import { requirePeer } from '../support/peers/peers.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { folderForm, layoutForm, partsOf, tarForm } from '../support/samples/saved-forms.ts';
import { startBench } from '../support/sites/source-context.ts';
import { resolveDocument } from '../support/sites/spec-document.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);
const NAME = 'docker.io/team/app:1';
const IMAGE = sampleImage({ name: 'saved by others', layers: 2 });
const PARTS = partsOf(IMAGE);
const PLAIN = PARTS.plain.map((layer) => digestOf(layer));
const GZIPPED = PARTS.layers.map(({ descriptor }) => descriptor.digest);

/** Returns a folder that has the image as a layout, and as a tar that every engine loads. */
function source(): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  folderForm(
    layoutForm(IMAGE, NAME, { annotations: { 'org.opencontainers.image.ref.name': NAME } }),
    join(folder.path, 'layout'),
  );
  const [config] = layoutForm(IMAGE, NAME).filter(({ path }) =>
    path.endsWith(PARTS.config.descriptor.digest.slice(7)),
  );
  const list = [
    {
      Config: config?.path,
      RepoTags: [NAME],
      Layers: GZIPPED.map((digest) => `blobs/sha256/${digest.slice(7)}`),
    },
  ];
  const entries = [...layoutForm(IMAGE, NAME), { path: 'manifest.json', bytes: JSON.stringify(list) }];
  writeFileSync(join(folder.path, 'load.tar'), tarForm(entries));
  return folder.path;
}

/** Builds a bundle of an archive, which verifies all of its content; returns its one item. */
async function taken(folder: string, archive: string, reference?: string): Promise<PlannedItem> {
  const images = [{ archive, reference }];
  writeFileSync(join(folder, 'lab.yaml'), JSON.stringify({ bundle: 1, name: 'lab', images }));
  await buildBundle(
    { specPath: join(folder, 'lab.yaml'), out: join(folder, `${archive}.bundle.tar`) },
    NOBODY,
  );
  await using bench = await startBench();
  const [item] = await resolveDocument({ images }, bench.context, folder);
  if (item === undefined) throw new Error('nothing was taken');
  return item;
}

/** Returns what an image is made of. */
function made({ item, blobs }: PlannedItem): Readonly<Record<string, unknown>> {
  const root = blobs.at(-1)?.origin;
  const document = decodeManifest(root?.type === 'bytes' ? root.bytes : Buffer.from('{}'));
  if (document.type === 'index') throw new Error('an index');
  const { config, layers } = document;
  return { name: item.name, config: config.digest, layers: layers.map(({ digest }) => digest) };
}

const config = PARTS.config.descriptor.digest;
const plain = { name: NAME, config, layers: PLAIN };
const whole = { name: NAME, config, layers: GZIPPED };

describe('what other programs save arrives in the bundle', () => {
  it('from skopeo: docker-archive, oci-archive, oci and dir', async (context: TestContext) => {
    const skopeo = requirePeer(context, 'skopeo');
    const folder = source();
    const copy = async (to: string): Promise<unknown> =>
      await run(skopeo, ['--insecure-policy', 'copy', `oci:${join(folder, 'layout')}:${NAME}`, to]);
    await copy(`docker-archive:${join(folder, 'docker')}:${NAME}`);
    await copy(`oci-archive:${join(folder, 'oci')}:${NAME}`);
    await copy(`dir:${join(folder, 'dir')}`);
    expect(made(await taken(folder, 'docker'))).toEqual(plain);
    expect(made(await taken(folder, 'oci'))).toEqual(whole);
    expect(made(await taken(folder, 'layout'))).toEqual(whole);
    const dir = await taken(folder, 'dir', NAME);
    expect({ ...made(dir), digest: dir.item.descriptor.digest }).toEqual({
      ...whole,
      digest: IMAGE.root.digest,
    });
  });

  it('from podman: docker-archive and oci-archive', async (context: TestContext) => {
    const program = requirePeer(context, 'podman');
    const folder = source();
    const store = [
      '--root',
      join(folder, 'root'),
      '--runroot',
      join(folder, 'run'),
      '--storage-driver',
      'vfs',
    ];
    const podman = async (...parameters: readonly string[]): Promise<unknown> =>
      await run(program, [...store, ...parameters]);
    await podman('load', '--input', join(folder, 'load.tar'));
    await podman('save', '--format', 'docker-archive', '--output', join(folder, 'docker'), NAME);
    await podman('save', '--format', 'oci-archive', '--output', join(folder, 'oci'), NAME);
    expect(made(await taken(folder, 'docker'))).toEqual(plain);
    // It packs the layers again, so that they are none of a registry.
    expect(made(await taken(folder, 'oci'))).toMatchObject({ name: NAME, config });
  });

  it('from docker save', async (context: TestContext) => {
    await using engine = await startDockerEngine(context);
    const folder = source();
    await engine.docker('load', '--input', join(folder, 'load.tar'));
    await engine.docker('save', '--output', join(folder, 'saved'), 'team/app:1');
    expect(made(await taken(folder, 'saved'))).toEqual(plain);
  });

  it('from ctr images export, packed with gzip', async (context: TestContext) => {
    await using daemon = await startContainerd(context);
    const folder = source();
    await daemon.ctr('images', 'import', '--no-unpack', join(folder, 'load.tar'));
    await daemon.ctr('images', 'export', join(folder, 'exported'), NAME);
    await run('gzip', [join(folder, 'exported')]);
    const exported = await taken(folder, 'exported.gz');
    expect({ ...made(exported), digest: exported.item.descriptor.digest }).toEqual({
      ...whole,
      digest: IMAGE.root.digest,
    });
  });
});
