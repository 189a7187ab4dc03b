import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBundleDocument } from '../../../src/bundle/format/decode.ts';
import { encodeDocument } from '../../../src/bundle/format/encode-document.ts';
import { encodeSums } from '../../../src/bundle/format/encode-sums.ts';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import {
  type PlannedSample,
  plannedFile,
  plannedImage,
  plannedK3s,
  plannedKubectl,
} from '../../support/planned/items.ts';

const SAMPLES = [
  plannedImage('docker.io/rancher/rancher:v2.9.2', { sharedLayers: ['base'] }),
  plannedImage('docker.io/library/busybox:1.36', {
    platforms: ['linux/arm64', 'linux/amd64'],
    sharedLayers: ['base'],
  }),
  plannedFile('tool.txt'),
  plannedK3s('v1.30.6+k3s1'),
  plannedKubectl('1.30.6', 'linux/amd64'),
];
const itemsOf = (samples: readonly PlannedSample[]) => samples.map(({ planned }) => planned);
const plan = planBundle('lab', itemsOf(SAMPLES));

describe('the plan of a bundle', () => {
  it('is the same whatever order the items come in [B-LAYOUT-9]', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(SAMPLES, { minLength: SAMPLES.length }), (shuffled) => {
        expect(planBundle('lab', itemsOf(shuffled))).toEqual(plan);
      }),
    );
  });

  it('is another one for another name, or with an item less', () => {
    const roots = [plan, planBundle('other', itemsOf(SAMPLES)), planBundle('lab', itemsOf(SAMPLES.slice(1)))];
    expect(new Set(roots.map(({ root }) => root)).size).toBe(3);
  });

  it('sorts items by kind and name [B-DOC-13]', () => {
    expect(plan.document.items.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'file tool.txt',
      'image docker.io/library/busybox:1.36',
      'image docker.io/rancher/rancher:v2.9.2',
      'k3s v1.30.6+k3s1',
      'kubectl v1.30.6 linux/amd64',
    ]);
  });

  it('has the document among its files, which reads back as it was, and its digest as the root [B-DOC-12]', () => {
    const bytes = plan.files.find(({ path }) => path === 'bundle.json')?.bytes ?? Buffer.alloc(0);
    expect(decodeBundleDocument(bytes)).toEqual(plan.document);
    expect(digestOf(bytes)).toBe(plan.root);
    expect(encodeDocument(decodeBundleDocument(bytes))).toEqual(bytes);
  });

  it('puts the head first: the mark of OCI, the document and its signature, a page for people, the lists of other programs, the sums [B-LAYOUT-7]', () => {
    expect(plan.files.map(({ path }) => path)).toEqual([
      'oci-layout',
      'bundle.json',
      'bundle.json.sig',
      'README.txt',
      'index.json',
      'manifest.json',
      'SHA256SUMS',
    ]);
    expect(plan.document.files).toEqual(
      plan.files
        .filter(({ path }) => !['bundle.json', 'bundle.json.sig', 'SHA256SUMS'].includes(path))
        .map(({ path, bytes }) => ({ path, digest: digestOf(bytes), size: bytes.length })),
    );
  });

  it('holds every blob of every item once, the shared ones too', () => {
    const digests = plan.blobs.map(({ descriptor }) => descriptor.digest);
    const wanted = itemsOf(SAMPLES).flatMap(({ blobs }) => blobs.map(({ descriptor }) => descriptor.digest));
    expect(digests.toSorted()).toEqual([...new Set(wanted)].toSorted());
    expect(wanted.length).toBeGreaterThan(digests.length);
    expect(plan.document.blobs.map(({ digest }) => digest)).toEqual(digests);
  });

  it('puts all documents before all content', () => {
    const isContent = plan.blobs.map(({ descriptor: { mediaType } }) => /layer|diff|octet/.test(mediaType));
    expect(isContent).toEqual(isContent.toSorted((left, right) => Number(left) - Number(right)));
    expect(isContent).toContain(true);
    expect(isContent).toContain(false);
  });

  it('orders content as an install reads it: item after item, layer after layer', () => {
    const content = plan.blobs
      .map(({ descriptor }) => descriptor)
      .filter(({ mediaType }) => /layer|octet/.test(mediaType));
    const wanted = plan.document.items.flatMap(({ name }) => {
      const blobs = SAMPLES.find(({ planned }) => planned.item.name === name)?.planned.blobs ?? [];
      return blobs
        .map(({ descriptor }) => descriptor)
        .filter(({ mediaType }) => /layer|octet/.test(mediaType));
    });
    expect(content.map(({ digest }) => digest)).toEqual([...new Set(wanted.map(({ digest }) => digest))]);
  });

  it('does not take upstream’s word that something huge is a config', () => {
    const [sample] = SAMPLES;
    const config = sample?.planned.blobs.find(({ descriptor }) => descriptor.mediaType.includes('config'));
    if (sample === undefined || config === undefined) throw new Error('no config in the sample');
    const descriptor = { ...config.descriptor, size: 5e9 };
    const { blobs } = planBundle('lab', [
      {
        ...sample.planned,
        blobs: sample.planned.blobs.map((blob) => (blob === config ? { ...blob, descriptor } : blob)),
      },
    ]);
    expect([...blobs].findIndex((blob) => blob.descriptor.size === 5e9)).toBeGreaterThan(0);
  });

  it('lists every file but itself and the signature in SHA256SUMS, and recomputes it from the document alone [B-SUMS-1]', () => {
    const sums = plan.files.at(-1)?.bytes ?? Buffer.alloc(0);
    expect(encodeSums(plan.document, plan.root)).toEqual(sums);
    const lines = Buffer.from(sums).toString().split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.every((line) => /^[0-9a-f]{64} {2}\S+$/.test(line))).toBe(true);
    expect(lines).toHaveLength(plan.files.length - 2 + plan.blobs.length);
    expect(lines[0]).toBe(`${plan.root.slice(7)}  bundle.json`);
  });

  it('holds nothing but the head when there are no items', () => {
    const empty = planBundle('lab', []);
    expect([...empty.blobs]).toEqual([]);
    expect(empty.document.items).toEqual([]);
  });
});

describe('items that meet in a plan', () => {
  it('are one when they are the same, for the audiences of both', () => {
    const { planned } = plannedFile('tool.txt');
    const other = { ...planned, item: { ...planned.item, audience: ['kuberlr', 'files'] as const } };
    const { document } = planBundle('lab', [planned, other, planned]);
    expect(document.items).toMatchObject([{ name: 'tool.txt', audience: ['files', 'kuberlr'] }]);
    expect(planBundle('lab', [other, planned]).document).toEqual(document);
  });

  it('are refused, all of them, when one name stands for two things', () => {
    const items = [
      plannedFile('tool.txt'),
      plannedFile('tool.txt', Buffer.from('another')),
      plannedK3s('v1.30.6+k3s1', 10),
      plannedK3s('v1.30.6+k3s1', 20),
    ];
    expect(() => planBundle('lab', itemsOf(items))).toThrow(
      expect.objectContaining({
        code: 'ERR_BUNDLE_INVALID',
        problems: [
          expect.objectContaining({ message: expect.stringContaining('file "tool.txt"') }),
          expect.objectContaining({ message: expect.stringContaining('k3s "v1.30.6+k3s1"') }),
        ],
      }),
    );
  });

  it('are refused when one digest comes with two sizes', () => {
    const [left, right] = [plannedFile('a', Buffer.from('same')), plannedFile('b', Buffer.from('same'))];
    const blobs = right.planned.blobs.map((blob) =>
      blob.origin.type === 'url' ? { ...blob, descriptor: { ...blob.descriptor, size: 99 } } : blob,
    );
    expect(() => planBundle('lab', [left.planned, { ...right.planned, blobs }])).toThrow(
      expect.objectContaining({
        code: 'ERR_BUNDLE_INVALID',
        problems: [
          expect.objectContaining({ message: expect.stringMatching(/of "b": .* 99 bytes, another 4$/) }),
        ],
      }),
    );
  });
});
