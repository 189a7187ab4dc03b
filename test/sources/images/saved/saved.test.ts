import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PlannedItem } from '../../../../src/bundle/format/item.ts';
import { digestOf } from '../../../../src/oci/digest.ts';
import { locked } from '../../../../src/sources/locked.ts';
import { recorded } from '../../../../src/sources/recorded.ts';
import { rawTar } from '../../../support/archives/raw-tar.ts';
import { type SampleImage, sampleImage } from '../../../support/samples/sample-image.ts';
import {
  craneForm,
  dirForm,
  dockerForm,
  folderForm,
  haulForm,
  layoutForm,
  ocTreeForm,
  packedForms,
  partsOf,
  registryTreeForm,
  type SavedEntry,
  tarForm,
  v1Form,
} from '../../../support/samples/saved-forms.ts';
import { type SourceBench, startBench } from '../../../support/sites/source-context.ts';
import { resolveDocument, type SpecDocument } from '../../../support/sites/spec-document.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { problemsOf } from '../../../support/thrown.ts';

const IMAGE = sampleImage({ name: 'saved', layers: 2 });
const INDEX = sampleImage({ name: 'both', platforms: ['linux/amd64', 'linux/arm64'] });
const NAME = 'saved.example/team/app:1';
const PARTS = partsOf(IMAGE);

interface Desk {
  readonly folder: string;
  readonly bench: SourceBench;
  readonly resolve: (document: SpecDocument) => Promise<readonly PlannedItem[]>;
}

async function desk(): Promise<Desk> {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const bench = await startBench();
  onTestFinished(() => bench[Symbol.asyncDispose]());
  return {
    folder: folder.path,
    bench,
    resolve: async (document) => await resolveDocument(document, bench.context, folder.path),
  };
}

function put(folder: string, entries: readonly SavedEntry[], name = 'app.tar'): void {
  writeFileSync(join(folder, name), tarForm(entries));
}

const APP = { images: [{ archive: './app.tar' }] };

/** Returns names and digests, without the images of other archives. */
function named(items: readonly PlannedItem[]): readonly string[] {
  return items.map(({ item }) => `${item.name} ${item.descriptor.digest}`);
}

describe('the tree of a mirror', () => {
  it.each(['links', 'old-links', 'windows'] as const)(
    'of oc, with %s, keeps repositories, tags and digests',
    async (style) => {
      const { folder, resolve } = await desk();
      folderForm(ocTreeForm(INDEX, 'openshift/release:4.20.3-x86_64', style), join(folder, 'app.tar'));
      const items = await resolve(APP);
      expect(items[0]?.item).toMatchObject({
        kind: 'image',
        name: 'localhost/openshift/release:4.20.3-x86_64',
        at: ['openshift/release:4.20.3-x86_64'],
        descriptor: { digest: INDEX.root.digest },
      });
      expect(items[0]?.blobs).toHaveLength(INDEX.blobs.length + INDEX.manifests.length);
    },
  );

  it('of oc may be a copy without links, and keeps release signatures that it says it leaves', async () => {
    const { folder, bench, resolve } = await desk();
    const entries = ocTreeForm(IMAGE, 'openshift/release:4.20.3').map(({ path, bytes, link }) =>
      link === undefined ? { path, bytes } : { path, bytes: IMAGE.manifests[0]?.bytes },
    );
    folderForm(
      [...entries, { path: 'config/signature-sha256-0123456789abcdef.json', bytes: '{}' }],
      join(folder, 'app.tar'),
    );
    expect(named(await resolve(APP))).toEqual([`localhost/openshift/release:4.20.3 ${IMAGE.root.digest}`]);
    expect(bench.warnings).toMatchObject([
      { message: expect.stringContaining('signatures of releases under "config"') },
    ]);
  });

  it('of oc-mirror is read out of all of its pieces, whichever of them is named', async () => {
    const { folder, resolve } = await desk();
    const entries = registryTreeForm(IMAGE, 'ubi9/ubi:9.4');
    put(folder, entries.slice(0, 3), 'mirror_000001.tar');
    put(folder, entries.slice(3), 'mirror_000002.tar');
    for (const archive of ['mirror_000001.tar', 'mirror_000002.tar', '.'])
      expect(named(await resolve({ images: [{ archive }] }))).toEqual([
        `localhost/ubi9/ubi:9.4 ${IMAGE.root.digest}`,
      ]);
    renameSync(join(folder, 'mirror_000002.tar'), join(folder, 'elsewhere.tar'));
    expect(await problemsOf(resolve({ images: [{ archive: 'mirror_000001.tar' }] }))).toEqual([
      expect.stringMatching(/^ERR_ARCHIVE_INVALID .*manifest "sha256:.*" of "ubi9\/ubi:9.4" is not there/),
    ]);
  });
});

describe('the names of saved images', () => {
  it('are given to one without a name by the spec, with the tag that it has there', async () => {
    const { folder, resolve } = await desk();
    put(folder, dirForm(IMAGE), 'dir.tar');
    put(folder, layoutForm(IMAGE, '', { annotations: { 'org.opencontainers.image.ref.name': 'v7' } }));
    const images = [
      { archive: 'dir.tar', reference: 'team/dir:3' },
      { archive: 'app.tar', reference: 'saved.example/oras' },
    ];
    expect(named(await resolve({ images }))).toEqual([
      `docker.io/team/dir:3 ${IMAGE.root.digest}`,
      `saved.example/oras:v7 ${IMAGE.root.digest}`,
    ]);
  });

  it('choose just some of an archive', async () => {
    const { folder, resolve } = await desk();
    const two = (name: string): readonly SavedEntry[] =>
      dockerForm(IMAGE, name).filter(({ path }) => path !== 'manifest.json');
    const list = ['busybox:1', 'saved.example/other:2'].map((name) => {
      const entries = dockerForm(IMAGE, name);
      return JSON.parse(String(entries.at(-1)?.bytes ?? '[]'))[0] as unknown;
    });
    const entries = [
      ...two('busybox:1'),
      ...two('saved.example/other:2').slice(1),
      { path: 'manifest.json', bytes: JSON.stringify(list) },
    ];
    put(folder, entries);
    const some = { images: [{ archive: 'app.tar', images: ['busybox:1'] }] };
    expect((await resolve(some)).map(({ item }) => item.name)).toEqual(['docker.io/library/busybox:1']);
    expect(await resolve(APP)).toHaveLength(2);
    const wrong = { images: [{ archive: 'app.tar', images: ['busybox:2'] }] };
    expect(await problemsOf(resolve(wrong))).toEqual([
      expect.stringContaining(
        'ERR_CONTENT_NOT_FOUND Cannot find image "docker.io/library/busybox:2": "app.tar" does not hold it',
      ),
    ]);
  });
});

describe('an image of which an archive holds a part', () => {
  const [amd64, arm64] = INDEX.manifests;
  const gone = [arm64?.descriptor.digest ?? ''];

  it('is narrowed to the platforms that are there, and the others are named', async () => {
    const { folder, bench, resolve } = await desk();
    put(folder, layoutForm(INDEX, NAME, { without: gone }));
    const [planned] = await resolve(APP);
    expect(planned?.item).toMatchObject({
      platforms: ['linux/amd64'],
      descriptor: { digest: amd64?.descriptor.digest },
    });
    expect(bench.warnings).toMatchObject([
      {
        message: `Image "${NAME}" is not whole in "./app.tar": the bundle has linux/amd64 of it, without linux/arm64`,
      },
    ]);
  });

  it('is an error when the platform that is asked for is not there, or none is', async () => {
    const { folder, resolve } = await desk();
    put(folder, layoutForm(INDEX, NAME, { without: gone }));
    expect(await problemsOf(resolve({ platforms: ['linux/arm64'], ...APP }))).toEqual([
      expect.stringMatching(/^ERR_PLATFORM_NOT_FOUND Cannot find linux\/arm64 of image/),
    ]);
    put(folder, layoutForm(INDEX, NAME, { without: [...gone, amd64?.descriptor.digest ?? ''] }));
    expect(await problemsOf(resolve(APP))).toEqual([
      expect.stringMatching(
        /^ERR_CONTENT_NOT_FOUND .*names linux\/amd64, linux\/arm64, and none of it is there as a whole/,
      ),
    ]);
  });
});

describe('the lock', () => {
  it('gives the same again, and refuses an archive that changed', async () => {
    const { folder, bench } = await desk();
    put(folder, dockerForm(IMAGE, NAME));
    const recording = recorded(bench.context);
    const { context } = bench;
    await resolveDocument(APP, { ...context, ...recording }, folder);
    const lock = recording.lockOf('lab');
    const questions = locked(lock, context);
    const again = await resolveDocument(APP, { ...context, ...questions }, folder);
    expect(again).toHaveLength(1);
    put(folder, dockerForm(sampleImage({ name: 'another' }), NAME));
    expect(await problemsOf(resolveDocument(APP, { ...context, ...questions }, folder))).toEqual([
      expect.stringMatching(
        /^ERR_DIGEST_MISMATCH Cannot use ".\/app.tar" as it was locked: "saved.example\/team\/app:1" was "sha256:/,
      ),
    ]);
  });
});

const flipped = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)));
const change = (
  entries: readonly SavedEntry[],
  path: RegExp,
  bytes: string | Uint8Array | undefined,
): readonly SavedEntry[] =>
  entries.flatMap((entry) =>
    path.test(entry.path) ? (bytes === undefined ? [] : [{ ...entry, bytes }]) : [entry],
  );
const [layer = Buffer.alloc(0)] = PARTS.plain;
const docker = dockerForm(IMAGE, NAME);
const layout = layoutForm(IMAGE, NAME);
const rootPath = new RegExp(IMAGE.root.digest.slice(7));
const image = (other: SampleImage): readonly SavedEntry[] => layoutForm(other, NAME);

describe('a bad archive', () => {
  it.each([
    ['an empty tar', rawTar([]), /ERR_ARCHIVE_INVALID .*it holds none that can be told/],
    ['a text', Buffer.from('hello\n'.repeat(200)), /ERR_ARCHIVE_INVALID Cannot read archive ".\/app.tar"/],
    [
      'a tar of something else',
      tarForm([{ path: 'etc/passwd', bytes: 'x' }]),
      /it holds none that can be told/,
    ],
    ['one packed by bzip2', Buffer.from('BZh91AY&SY'), /it is compressed with bzip2/],
    ['a cut one', tarForm(docker).subarray(0, 2000), /ERR_ARCHIVE_INVALID/],
    ['a cut gzip', packedForms.gzip(tarForm(docker)).subarray(0, 400), /ERR_ARCHIVE_INVALID/],
    [
      'a path that leads out',
      tarForm([...docker, { path: '../evil', bytes: '' }]),
      /"..\/evil": its path leads out of the archive/,
    ],
    [
      'two lists',
      tarForm([...docker, { path: 'manifest.json', bytes: '[]' }]),
      /"manifest.json" of ".\/app.tar": it is there twice/,
    ],
    ['a list that is no JSON', tarForm(change(docker, /manifest/, '[')), /"manifest.json": it is not JSON/],
    ['a list of something else', tarForm(change(docker, /manifest/, '[{"Config": 1}]')), /none of an image/],
    [
      'an absent layer',
      tarForm(change(docker, /layer\.tar/, undefined)),
      /layer ".*layer.tar" of image "saved.example\/team\/app:1" is not there/,
    ],
    [
      'a link that leads out',
      tarForm(
        docker.map((entry) =>
          /layer/.test(entry.path) ? { path: entry.path, link: '../../../etc/passwd' } : entry,
        ),
      ),
      /is not there/,
    ],
    [
      'a link to itself',
      tarForm(
        docker.map((entry) => (/layer/.test(entry.path) ? { path: entry.path, link: 'layer.tar' } : entry)),
      ),
      /is not there/,
    ],
    [
      'an absent config',
      tarForm(change(docker, /^[0-9a-f]{64}\.json/, undefined)),
      /config ".*" of image .* is not there/,
    ],
    [
      'a changed config',
      tarForm(change(docker, /^[0-9a-f]{64}\.json/, '{}')),
      /ERR_DIGEST_MISMATCH Cannot verify config/,
    ],
    [
      'a changed layer, packed',
      packedForms.zstd(tarForm(change(docker, /layer\.tar/, flipped(layer)))),
      /ERR_DIGEST_MISMATCH Cannot verify layer/,
    ],
    [
      'a changed compressed layer',
      tarForm(change(craneForm(IMAGE, NAME), /gz$/, packedForms.gzip(Buffer.from(layer.toReversed())))),
      /ERR_DIGEST_MISMATCH Cannot verify layer/,
    ],
    [
      'an absent manifest',
      tarForm(change(layout, rootPath, undefined)),
      /ERR_CONTENT_NOT_FOUND .*names it, and does not hold it/,
    ],
    [
      'a changed manifest',
      tarForm(change(layout, rootPath, flipped(IMAGE.manifests[0]?.bytes ?? layer))),
      /ERR_DIGEST_MISMATCH .*read from ".\/app.tar", "blobs\/sha256\//,
    ],
    [
      'an absent blob',
      tarForm(layoutForm(IMAGE, NAME, { without: [PARTS.layers[0]?.descriptor.digest ?? ''] })),
      /ERR_CONTENT_NOT_FOUND Cannot take "saved.example\/team\/app:1": layer "sha256:/,
    ],
    [
      'a blob of another size',
      tarForm(change(layout, new RegExp(PARTS.layers[0]?.descriptor.digest.slice(7) ?? ''), 'short')),
      /ERR_SIZE_MISMATCH .*has 5 bytes/,
    ],
    [
      'an index with a digest that is none',
      tarForm([
        {
          path: 'index.json',
          bytes:
            '{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:x","size":1}]}',
        },
      ]),
      /ERR_DIGEST_INVALID/,
    ],
    [
      'a name twice',
      tarForm(
        [...layout, ...image(sampleImage({ name: 'other' })).slice(2), { path: 'index.json', bytes: '' }]
          .filter(({ path, bytes }) => path !== 'index.json' || bytes !== '')
          .map((entry) =>
            entry.path === 'index.json'
              ? {
                  ...entry,
                  bytes: JSON.stringify({
                    manifests: [IMAGE, sampleImage({ name: 'other' })].map(({ root }) => ({
                      ...root,
                      annotations: { 'io.containerd.image.name': NAME },
                    })),
                  }),
                }
              : entry,
          ),
      ),
      /ERR_ARCHIVE_INVALID Cannot take image .*it is there as "sha256:.*" and as "sha256:/,
    ],
    [
      'an image without a name',
      tarForm(dockerForm(IMAGE, undefined)),
      /ERR_SPEC_INVALID .*has no name there/,
    ],
    [
      'a chain without its first step',
      tarForm(v1Form(IMAGE, NAME).slice(3)),
      /step ".*" of an image is not there/,
    ],
    [
      'a haul of a chart alone',
      tarForm(
        haulForm(IMAGE, NAME).map((entry) => ({
          ...entry,
          bytes:
            entry.path === 'index.json'
              ? Buffer.from(entry.bytes ?? '')
                  .toString()
                  .replace('io.containerd.image.name', 'x')
              : entry.bytes,
        })),
      ),
      /ERR_CONTENT_NOT_FOUND .*it holds none/,
    ],
  ])('is told: %s', async (_, bytes, expected) => {
    const { folder, resolve } = await desk();
    writeFileSync(join(folder, 'app.tar'), bytes);
    expect((await problemsOf(resolve(APP))).join('\n')).toMatch(expected);
  });

  it('is one that is not there', async () => {
    const { resolve } = await desk();
    expect(await problemsOf(resolve(APP))).toEqual([expect.stringContaining('ERR_BUNDLE_NOT_FOUND')]);
  });

  it('is a folder of nothing', async () => {
    const { folder, resolve } = await desk();
    mkdirSync(join(folder, 'app.tar'));
    expect((await problemsOf(resolve(APP))).join()).toContain('it holds none that can be told');
  });

  it('tells a layer that is damaged in a tree of oc by its path, when the bundle is written', async () => {
    const { folder, resolve } = await desk();
    folderForm(ocTreeForm(IMAGE, 'openshift/release:1'), join(folder, 'app.tar'));
    const [planned] = await resolve(APP);
    const origin = planned?.blobs.find(
      ({ descriptor }) => descriptor.digest === PARTS.layers[0]?.descriptor.digest,
    )?.origin;
    expect(origin).toMatchObject({
      type: 'archive',
      entry: `v2/openshift/release/blobs/${digestOf(PARTS.layers[0]?.bytes ?? layer)}`,
    });
  });
});
