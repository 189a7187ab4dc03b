import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inspectBundle } from '../../src/verbs/inspect.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { artifactItem, foreignArtifact, unknownItem } from '../support/planned/foreign.ts';
import { resolveOne } from '../support/samples/image-bench.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { sampleIndex } from '../support/samples/sample-index.ts';
import { fileSample } from '../support/samples/target-samples.ts';
import { install, installLab } from '../support/sites/install-lab.ts';
import { startServing } from '../support/sites/serving.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';

const FILES = { 'filter.wasm': 'a module\n', 'notes.txt': 'What it does\n' };
const SAMPLES = [fileSample('tool'), unknownItem('wasm-module', 'filter', FILES)];
const POLICY = artifactItem('registry.example/policies/base:1', 'application/vnd.example.policy.v1');

describe('an item of a kind that is not known [B-ITEM-8]', () => {
  it('is verified and listed, with its files', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'lab.tar');
    writeFileSync(path, sampleBundle(SAMPLES).tar);
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: true });
    const { items } = await inspectBundle({ path }, NOBODY);
    const found = items.find(({ kind }) => kind === 'wasm-module');
    expect(found).toMatchObject({ isUnknown: true, name: 'filter' });
    expect(found?.files?.map(({ name }) => name)).toEqual(Object.keys(FILES));
  });

  it('is placed with --files alone, and the install says that it knows no place for it', async () => {
    const lab = await installLab(SAMPLES);
    const { findings } = await install({ ...lab.options, targets: { files: lab.at('out') } });
    for (const [name, text] of Object.entries(FILES))
      expect(readFileSync(lab.at(`out/${name}`), 'utf8')).toBe(text);
    expect(findings.map(({ message }) => message)).toContain(
      'Where "wasm-module" belongs is not known here: 1 item of that kind',
    );
  });

  it('is served, file by file', async () => {
    await using serving = await startServing({ bundles: [SAMPLES] });
    const page = await (await serving.get('/', { headers: { accept: 'text/html' } })).text();
    expect(page).toContain('Of the unknown kind wasm-module');
    expect(page).toContain('/items/wasm-module/filter/filter.wasm');
    const file = await serving.get('/items/wasm-module/filter/filter.wasm');
    expect(await file.text()).toBe(FILES['filter.wasm']);
    for (const path of ['other/filter/filter.wasm', 'wasm-module/other/filter.wasm', 'wasm-module/filter/x'])
      expect((await serving.get(`/items/${path}`)).status).toBe(404);
  });
});

describe('a foreign OCI artifact', () => {
  it.each([
    [
      'by its type',
      { artifactType: 'application/vnd.example.policy.v1' },
      'application/vnd.example.policy.v1',
    ],
    [
      'by the type of its config',
      { config: 'application/vnd.wasm.config.v0+json' },
      'application/vnd.wasm.config.v0+json',
    ],
    ['by an empty config', {}, 'application/vnd.oci.empty.v1+json'],
  ])('is told %s, and packed as it is', async (_, types, artifactType) => {
    const artifact = foreignArtifact(types);
    const { planned } = await resolveOne(artifact, ['linux/amd64']);
    const { mediaType, digest, size } = artifact.root;
    expect(planned.item).toEqual({
      kind: 'artifact',
      name: 'docker.io/lab/app:1',
      descriptor: { mediaType, digest, size, artifactType },
      audience: ['registry'],
    });
  });

  it.each([
    'application/vnd.oci.image.config.v1+json',
    'application/vnd.docker.container.image.v1+json',
    'application/octet-stream',
  ])('is nothing with a config of the type %s, which is an image', async (config) => {
    const { planned } = await resolveOne(foreignArtifact({ config }));
    expect(planned.item.kind).toBe('image');
  });

  it('may be an index of artifacts', async () => {
    const one = foreignArtifact({ artifactType: 'application/vnd.example.model.v1' });
    const typed = { ...one, root: { ...one.root, artifactType: 'application/vnd.example.model.v1' } };
    const { planned } = await resolveOne(sampleIndex([{ image: typed }]));
    expect(planned.item).toMatchObject({ kind: 'artifact' });
  });

  it('is pushed like an image, and served under its name', async () => {
    const lab = await installLab([POLICY]);
    await install({ ...lab.options, targets: { registry: ['localhost:5000'] } });
    const pushed = lab.registry.log.entries.filter(({ method, path }) => {
      return method === 'PUT' && path.includes('/manifests/');
    });
    expect(pushed.map(({ path }) => path)).toEqual([expect.stringContaining('policies/base/manifests/1')]);
    await using serving = await startServing({ bundles: [[POLICY]] });
    const manifest = await serving.get('/v2/policies/base/manifests/1');
    expect(manifest.status).toBe(200);
    expect(manifest.headers.get('docker-content-digest')).toBe(POLICY.planned.item.descriptor.digest);
  });
});
