import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf, hexOf } from '../../../../src/oci/digest.ts';
import { decodeManifest, type Manifest } from '../../../../src/oci/manifest.ts';
import { MANIFEST_MEDIA_TYPES } from '../../../../src/oci/media-type.ts';
import { buildBundle } from '../../../../src/verbs/build.ts';
import { convertBundle } from '../../../../src/verbs/convert.ts';
import { installBundle } from '../../../../src/verbs/install.ts';
import { startRegistry } from '../../../support/registry/registry.ts';
import { type SampleImage, sampleImage } from '../../../support/samples/sample-image.ts';
import {
  craneForm,
  dirForm,
  dockerForm,
  folderForm,
  haulForm,
  hybridForm,
  jibForm,
  layoutForm,
  packedForms,
  partsOf,
  podmanForm,
  type SavedEntry,
  tarForm,
  v1Form,
  zarfForm,
} from '../../../support/samples/saved-forms.ts';
import { NOBODY } from '../../../support/surroundings.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const IMAGE = sampleImage({ name: 'saved', layers: 3 });
const PARTS = partsOf(IMAGE);
const HOST = 'saved.example';

interface Row {
  readonly title: string;
  readonly entries: (name: string) => readonly SavedEntry[];
  /** What comes out: the manifest itself, or one made over layers that are plain or as they were. */
  readonly kept: 'manifest' | 'plain layers' | 'layers';
  /** Whether its config is made as well. */
  readonly isOldest?: boolean;
  readonly isNameless?: boolean;
  readonly isFolder?: boolean;
}

const ROWS: readonly Row[] = [
  {
    title: 'Docker before 1.10',
    entries: (name) => v1Form(IMAGE, name),
    kept: 'plain layers',
    isOldest: true,
  },
  { title: 'Docker 1.10 to 24', entries: (name) => dockerForm(IMAGE, name), kept: 'plain layers' },
  { title: 'Docker 25 on graph drivers', entries: (name) => hybridForm(IMAGE, name), kept: 'plain layers' },
  {
    title: 'Docker with the store of containerd, ctr',
    entries: (name) => layoutForm(IMAGE, name),
    kept: 'manifest',
  },
  {
    title: 'podman, skopeo docker-archive',
    entries: (name) => podmanForm(IMAGE, name),
    kept: 'plain layers',
  },
  {
    title: 'skopeo and podman oci-archive',
    entries: (name) =>
      layoutForm(IMAGE, name, { annotations: { 'org.opencontainers.image.ref.name': name } }),
    kept: 'manifest',
  },
  { title: 'crane, ko, kaniko', entries: (name) => craneForm(IMAGE, name), kept: 'layers' },
  { title: 'Jib', entries: (name) => jibForm(IMAGE, name), kept: 'layers' },
  { title: 'hauler', entries: (name) => haulForm(IMAGE, name), kept: 'manifest' },
  { title: 'Zarf', entries: (name) => zarfForm(IMAGE, name), kept: 'manifest' },
  { title: 'skopeo dir', entries: () => dirForm(IMAGE), kept: 'manifest', isNameless: true },
  {
    title: 'oras, by tag alone',
    entries: () => layoutForm(IMAGE, '', { annotations: { 'org.opencontainers.image.ref.name': '1' } }),
    kept: 'manifest',
    isNameless: true,
  },
];

/** Every row in every way that its file may be packed. */
const CASES = ROWS.flatMap((row, at) =>
  (['plain', 'gzip', 'zstd', 'wrapped', 'folder'] as const).map((way) => ({
    row,
    way,
    title: `${row.title}, ${way}`,
    name: `${HOST}/form${at}/${way}:1`,
    file: `form${at}-${way}`,
  })),
);

function write(folder: string, { row, way, name, file }: (typeof CASES)[number]): void {
  const entries = row.entries(name);
  const path = join(folder, file);
  if (way === 'folder') folderForm(entries, path);
  else if (way === 'wrapped') writeFileSync(path, tarForm(entries, './saved/'));
  else writeFileSync(path, packedForms[way](tarForm(entries)));
}

describe('an archive of images', () => {
  it('is told by its content and not by its name, in every generation, packed or not, and arrives at a registry', async () => {
    using folder = temporaryFolder();
    await using registry = await startRegistry();
    for (const each of CASES) write(folder.path, each);
    const images = CASES.map(({ row, file, name }) =>
      row.isNameless === true ? { archive: file, reference: name } : { archive: `./${file}` },
    );
    const specPath = join(folder.path, 'lab.yaml');
    writeFileSync(specPath, JSON.stringify({ bundle: 1, name: 'lab', images }));
    const out = join(folder.path, 'lab.tar');
    await buildBundle({ specPath, out }, NOBODY);
    await installBundle(
      { path: out, targets: { registry: [registry.host] } },
      { ...NOBODY, home: folder.path },
    );
    for (const { row, way, title } of CASES) {
      const at = ROWS.indexOf(row);
      const { bytes, digest } = await manifestAt(registry.url, `${HOST}/form${at}/${way}`);
      const document = decodeManifest(bytes);
      if (document.type !== 'manifest') throw new Error('an index');
      const plain = PARTS.plain.map((layer) => digestOf(layer));
      const asThere = PARTS.layers.map(({ descriptor }) => descriptor.digest);
      expect({ title, ...seenOf(document, digest) }).toEqual({
        title,
        layers: row.kept === 'plain layers' ? plain : asThere,
        config: row.isOldest === true ? document.config.digest : PARTS.config.descriptor.digest,
        digest: row.kept === 'manifest' ? IMAGE.root.digest : digest,
      });
    }
  });

  it('may be another bundle, in any shape, with the signatures in it', async () => {
    using folder = temporaryFolder();
    const at = (name: string): string => join(folder.path, name);
    const build = async (images: unknown, out: string): Promise<string> => {
      writeFileSync(at('lab.yaml'), JSON.stringify({ bundle: 1, name: 'lab', images }));
      return (await buildBundle({ specPath: at('lab.yaml'), out: at(out) }, NOBODY)).root;
    };
    const signature = sampleImage({ name: 'signature' });
    const tag = `sha256-${hexOf(IMAGE.root.digest)}.sig`;
    folderForm(joinedLayout({ [`${HOST}/app:1`]: IMAGE, [`${HOST}/app:${tag}`]: signature }), at('layout'));
    const root = await build([{ archive: 'layout' }], 'one.tar');
    await convertBundle({ path: at('one.tar'), out: at('one.zip') }, NOBODY);
    await convertBundle({ path: at('one.tar'), out: at('one.d') }, NOBODY);
    await convertBundle({ path: at('one.tar'), out: at('cut.tar'), volumeSize: 4096 }, NOBODY);
    for (const shape of ['one.tar', 'one.zip', 'one.d', 'cut.tar.001'])
      expect({ shape, root: await build([{ archive: shape }], `${shape}.again.tar`) }).toEqual({
        shape,
        root,
      });
  });
});

/** Returns one layout of several images. */
function joinedLayout(images: Readonly<Record<string, SampleImage>>): readonly SavedEntry[] {
  const entries = Object.entries(images).flatMap(([name, image]) => layoutForm(image, name));
  const manifests = Object.entries(images).map(([name, { root }]) => ({
    ...root,
    annotations: { 'io.containerd.image.name': name },
  }));
  const files = new Map(entries.map((entry) => [entry.path, entry]));
  files.set('index.json', { path: 'index.json', bytes: JSON.stringify({ schemaVersion: 2, manifests }) });
  return [...files.values()];
}

function seenOf(document: Manifest, digest: string): Readonly<Record<string, unknown>> {
  return { layers: document.layers.map((layer) => layer.digest), config: document.config.digest, digest };
}

async function manifestAt(url: string, repository: string): Promise<{ bytes: Uint8Array; digest: string }> {
  const answer = await fetch(`${url}/v2/${repository}/manifests/1`, {
    headers: { accept: MANIFEST_MEDIA_TYPES.join(', ') },
  });
  expect({ repository, status: answer.status }).toEqual({ repository, status: 200 });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return { bytes, digest: digestOf(bytes) };
}
