import { describe, expect, it } from 'vitest';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { digestOf, hexOf } from '../../../src/oci/digest.ts';
import { bundleOpener } from '../../../src/steps/carrier.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { type CarrierLab, LAB, largestOf, startCarrierLab } from '../../support/registry/carrier-lab.ts';
import type { Fault } from '../../support/registry/fault.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { NOBODY } from '../../support/surroundings.ts';
import { thrownBy } from '../../support/thrown.ts';

const largest = largestOf(LAB);
const onLargest = new RegExp(hexOf(largest));
const onDocument = new RegExp(hexOf(LAB.plan.root));
const OTHER = `sha256:${'0'.repeat(64)}`;

async function verify(lab: CarrierLab, tag?: string): ReturnType<typeof verifyBundle> {
  return await verifyBundle({ path: lab.oci(tag) }, NOBODY);
}

/** Puts a document under a tag, whose children the registry does not look for. */
async function plant(
  lab: CarrierLab,
  tag: string,
  document: Readonly<Record<string, unknown>>,
): Promise<void> {
  const repository = lab.registry.content.open('bundles/lab');
  const digest = await lab.registry.content.store.write(Buffer.from(JSON.stringify(document)));
  repository.manifests.set(digest, String(document['mediaType']));
  repository.tags.set(tag, digest);
}

const MANIFEST = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 },
  layers: [],
};
const INDEX = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json' };

/** What a registry does wrong with one blob, and what `verify` then finds. */
const DAMAGE: readonly [what: string, fault: Fault, code: string][] = [
  [
    'sends a damaged one',
    { on: 'GET blob', path: onLargest, times: 9, action: { type: 'corrupt', atByte: 7 } },
    'ERR_DIGEST_MISMATCH',
  ],
  [
    'denies that it has it',
    { on: 'GET blob', path: onLargest, times: 9, action: { type: 'status', status: 404 } },
    'ERR_UPSTREAM_NOT_FOUND',
  ],
  [
    'sends a login page',
    { on: 'GET blob', path: onLargest, times: 99, action: { type: 'html' } },
    'ERR_REGISTRY_FAILED',
  ],
];

/** What a registry does that must change nothing. */
const HARMLESS: readonly [what: string, faults: readonly Fault[]][] = [
  [
    'breaks off, and knows no ranges',
    [
      { on: 'GET blob', path: onLargest, action: { type: 'drop', afterBytes: 900 } },
      { on: 'GET blob', path: onLargest, action: { type: 'ignore-range' } },
    ],
  ],
  ['names no digest', [{ on: 'HEAD manifest', times: 9, action: { type: 'digest', digest: undefined } }]],
  ['refuses HEAD', [{ on: 'HEAD manifest', times: 9, action: { type: 'status', status: 405 } }]],
];

describe('a registry that carries a bundle', () => {
  it.each(DAMAGE)('and %s is found out, and nothing else is blamed [B-CARRY-8]', async (_, fault, code) => {
    await using lab = await startCarrierLab();
    await lab.push();
    lab.registry.inject(fault);
    const { ok, problems } = await verify(lab);
    expect(ok).toBe(false);
    expect([...new Set(problems.map(({ path }) => path))]).toEqual([blobPath(largest)]);
    expect(problems[0]?.code).toBe(code);
  });

  it.each(HARMLESS)('and %s is read all the same', async (_, faults) => {
    await using lab = await startCarrierLab();
    await lab.push();
    for (const fault of faults) lab.registry.inject(fault);
    expect(await verify(lab)).toMatchObject({ ok: true, root: LAB.plan.root });
  });

  it.each<readonly [string, Fault, string]>([
    [
      'another document',
      { on: 'GET manifest', action: { type: 'corrupt', atByte: 60 } },
      'ERR_DIGEST_MISMATCH',
    ],
    [
      'another digest',
      { on: 'HEAD manifest', action: { type: 'digest', digest: OTHER } },
      'ERR_UPSTREAM_NOT_FOUND',
    ],
    [
      'another bundle.json',
      { on: 'GET blob', path: onDocument, times: 9, action: { type: 'corrupt', atByte: 3 } },
      'ERR_DIGEST_MISMATCH',
    ],
  ])('and answers with %s is not opened [B-CARRY-8]', async (_, fault, code) => {
    await using lab = await startCarrierLab();
    await lab.push();
    lab.registry.inject(fault);
    expect((await thrownBy(verify(lab))).code).toBe(code);
  });

  it('may move a tag between two reads: what was opened stays [B-CARRY-7]', async () => {
    await using lab = await startCarrierLab();
    await lab.push();
    await using bundle = await bundleOpener({}, NOBODY)(lab.oci());
    await lab.push({ path: lab.at('next.tar'), replace: true });
    lab.registry.log.clear();
    const onExcess = (): Error => new Error('Cannot read: it is too long');
    for (const { path } of bundle.contents) {
      const bytes = await collectBytes(bundle.stream(path), { limit: 1_000_000, onExcess });
      expect(Buffer.compare(bytes, LAB.files.get(path) ?? Buffer.alloc(0))).toBe(0);
    }
    expect(lab.registry.log.entries.filter(({ path }) => path.includes('2026-11'))).toEqual([]);
  });

  it('that has lost a part of it is told so', async () => {
    await using lab = await startCarrierLab();
    await lab.push({ layers: 12 });
    const repository = lab.registry.content.open('bundles/lab');
    const [last = ''] = [...repository.tags]
      .flatMap(([tag, digest]) => (tag.includes('.') ? [digest] : []))
      .slice(-1);
    repository.manifests.delete(last);
    const { ok, root, problems } = await verify(lab);
    expect({ ok, root }).toEqual({ ok: false, root: LAB.plan.root });
    expect(problems.map(({ code }) => code)).toContain('ERR_UPSTREAM_NOT_FOUND');
  });

  it.each<readonly [string, Readonly<Record<string, unknown>>, string]>([
    ['an image', MANIFEST, 'an image or another artifact'],
    [
      'one part',
      { ...MANIFEST, artifactType: 'application/vnd.saddlebag.carrier.part.v1' },
      'one part of a bundle',
    ],
    [
      'an empty index',
      { ...INDEX, manifests: [], annotations: { 'dev.saddlebag.bundle.root': OTHER } },
      'an image or another artifact',
    ],
    [
      'an index of indexes',
      {
        ...INDEX,
        annotations: { 'dev.saddlebag.bundle.root': OTHER },
        manifests: [{ mediaType: INDEX.mediaType, digest: OTHER, size: 2 }],
      },
      'an index of indexes',
    ],
    [
      'a manifest without a bundle.json',
      { ...MANIFEST, annotations: { 'dev.saddlebag.bundle.root': OTHER } },
      'does not hold the bundle.json',
    ],
    [
      'a manifest with another bundle.json',
      {
        ...MANIFEST,
        annotations: { 'dev.saddlebag.bundle.root': OTHER },
        layers: [{ mediaType: 'application/vnd.saddlebag.bundle.v1+json', digest: LAB.plan.root, size: 9 }],
      },
      'does not hold the bundle.json',
    ],
  ])('and has %s under the tag is refused [B-CARRY-9]', async (_, document, fact) => {
    await using lab = await startCarrierLab();
    await plant(lab, 'odd', document);
    const error = await thrownBy(verify(lab, 'odd'));
    expect(error.code).toBe('ERR_BUNDLE_INVALID');
    expect(error.message).toContain(fact);
  });

  it('and has nothing under the tag, or is not there, says so', async () => {
    await using lab = await startCarrierLab();
    await lab.registry.seed('bundles/lab', sampleImage(), 'image');
    expect(await thrownBy(verify(lab, 'image'))).toMatchObject({ code: 'ERR_BUNDLE_INVALID' });
    expect(await thrownBy(verify(lab, 'none'))).toMatchObject({ code: 'ERR_BUNDLE_NOT_FOUND' });
    const path = `oci://127.0.0.1:1/bundles/lab:1`;
    const error = await thrownBy(verifyBundle({ path }, NOBODY));
    expect(error.code).toBe('ERR_REGISTRY_UNREACHABLE');
  });
});
