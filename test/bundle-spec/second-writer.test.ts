import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeTarHeader } from '../../src/archive/tar/header.ts';
import { ARTIFACT_TYPE, type PlannedItem } from '../../src/bundle/format/item.ts';
import { type BundlePlan, planBundle } from '../../src/bundle/plan/plan.ts';
import { type BlobSource } from '../../src/bundle/write/blob-content.ts';
import { writeBundle } from '../../src/bundle/write/write.ts';
import { streamOf } from '../../src/internal/bytes.ts';
import { isRecord } from '../../src/internal/json.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { encodeLock } from '../../src/spec/lock/encode.ts';
import { planArtifact } from '../../src/sources/images/planned-artifact.ts';
import { EXAMPLES } from '../support/archives/example-bundles.ts';
import { resolveFrom } from '../support/samples/image-bench.ts';
import { type SampleImage, sampleImage } from '../support/samples/sample-image.ts';
import { sampleLock } from '../support/samples/sample-lock.ts';
import { secondLock, secondTar, secondZip, tarHeader } from '../support/second-archives.ts';
import { type ItemPlan, secondWriter } from '../support/second-writer.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Files as data: in no order, one of them twice, one empty. */
const FILES: readonly (ItemPlan & { readonly kind: 'file' | 'rancher' })[] = [
  {
    kind: 'file',
    name: 'tool "ä\\b"',
    audience: ['files'],
    files: [
      { name: 'tool', bytes: Buffer.from('#!/bin/sh\n'), executable: true },
      { name: 'READ ME', bytes: Buffer.from('Hello\n') },
      { name: 'empty', bytes: Buffer.alloc(0) },
    ],
  },
  {
    kind: 'rancher',
    name: 'v2.9.2',
    audience: ['files'],
    files: [{ name: 'rancher-images.txt', bytes: Buffer.from('Hello\n') }],
  },
];
const IMAGES: Readonly<Record<string, SampleImage>> = {
  'docker.io/library/one:1': sampleImage({ name: 'one', sharedLayers: ['base'] }),
  'quay.io/lab/many:2': sampleImage({ name: 'many', platforms: ['linux/arm64', 'linux/amd64'] }),
  'quay.io/lab/windows:2': sampleImage({ name: 'windows', platforms: ['windows/amd64', 'linux/s390x'] }),
  'registry.example/lab/docker:3': sampleImage({
    name: 'docker',
    format: 'docker',
    sharedLayers: ['base'],
  }),
};

/** What the program makes of the data, asking registries that are in memory. */
async function planOfProgram(): Promise<BundlePlan> {
  const files = FILES.map(({ kind, name, files: list = [] }): PlannedItem => {
    const planned = list.map((file) => ({
      ...file,
      descriptor: { digest: digestOf(file.bytes), size: file.bytes.length },
      origin: { type: 'bytes', bytes: file.bytes } as const,
    }));
    const { descriptor, blobs } = planArtifact(ARTIFACT_TYPE[kind], planned);
    return { item: { kind, name, descriptor, audience: ['files'] }, blobs };
  });
  const { items } = await resolveFrom(
    Object.fromEntries(Object.entries(IMAGES).map(([name, image]) => [pathIn(name), image])),
    { images: Object.keys(IMAGES) },
  );
  return planBundle('lab', [...items, ...files].toReversed());
}

function pathIn(name: string): string {
  return name.replace(/^docker\.io\/library\//, 'library/');
}

const plan = await planOfProgram();
const images = Object.entries(IMAGES).map(([name, { root, blobs, manifests }]): ItemPlan => {
  const { mediaType, digest, size } = root;
  const contents = [...blobs, ...manifests].map(({ bytes }) => bytes);
  const item = { kind: 'image', name, audience: ['registry'], root: { mediaType, digest, size }, contents };
  return name.startsWith('docker.io/library/') ? { ...item, members: { spellings: [pathIn(name)] } } : item;
});
const [tool, rancher] = FILES;
const items = [tool, ...images, rancher].filter((item) => item !== undefined);
const second = secondWriter({ name: 'lab' }, items);

const source: BlobSource = {
  open: ({ descriptor: { digest } }, { offset = 0 }) =>
    streamOf(second.get(`blobs/sha256/${digest.slice(7)}`)?.subarray(offset) ?? Buffer.alloc(0)),
};

describe('a writer made from the pages alone', () => {
  it('makes the same files, and puts the blobs in the same order [B-LAYOUT-10] [B-DOC-17]', () => {
    expect(plan.document.items.map(({ kind }) => kind)).toEqual(items.map(({ kind }) => kind));
    for (const { path, bytes } of plan.files)
      expect(second.get(path)?.toString()).toBe(Buffer.from(bytes).toString());
    const blobs = plan.blobs.map(({ descriptor }) => `blobs/sha256/${descriptor.digest.slice(7)}`);
    expect([...second.keys()]).toEqual([...plan.files.map(({ path }) => path), ...blobs]);
    expect(blobs.length).toBeGreaterThan(20);
  });

  it.each([
    ['tar', secondTar],
    ['zip', secondZip],
  ] as const)('makes the same %s, byte for byte [B-TAR-1] [B-TAR-2] [B-ZIP-1]', async (form, pack) => {
    using folder = temporaryFolder();
    const { path } = await writeBundle(plan, source, {
      path: join(folder.path, `lab.${form}`),
      shape: { form },
    });
    expect(readFileSync(path).equals(pack(second))).toBe(true);
  });

  it('makes the same folder [B-DIR-1]', async () => {
    using folder = temporaryFolder();
    const { path } = await writeBundle(plan, source, {
      path: join(folder.path, 'lab'),
      shape: { form: 'dir' },
    });
    for (const [name, bytes] of second) expect(readFileSync(join(path, name)).equals(bytes)).toBe(true);
  });

  it.each([0, 1, 511, 8 ** 11 - 1, 8 ** 11, Number.MAX_SAFE_INTEGER])(
    'makes the same header of a tar for %d bytes [B-TAR-1]',
    (size) => {
      const path = `blobs/sha256/${'0'.repeat(64)}`;
      expect(tarHeader(path, size).equals(encodeTarHeader(path, size))).toBe(true);
    },
  );

  it('makes the same lock [B-LOCK-1]', () => {
    const text = encodeLock(sampleLock());
    const lock: unknown = JSON.parse(text);
    expect(secondLock(isRecord(lock) ? lock : {})).toBe(text);
    const example: unknown = JSON.parse(readFileSync(join(EXAMPLES, 'documents/lab.lock.json'), 'utf8'));
    const pins = {
      'https://charts.example/ tool 1.0.0': {
        digest: digestOf('x'),
        url: 'https://charts.example/tool.tgz',
      },
    };
    expect(secondLock({ ...(isRecord(example) ? example : {}), charts: pins })).toContain(
      `  "charts": {\n    "https://charts.example/ tool 1.0.0": { "url": "https://charts.example/tool.tgz", "digest": "${digestOf('x')}" }\n  },\n  "k3s": {\n`,
    );
  });
});
