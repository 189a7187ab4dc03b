import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { copyGraph } from '../../src/oci/copy.ts';
import { SaddlebagError } from '../../src/internal/error.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import type { Repository } from '../../src/oci/roles.ts';
import { strictRepository } from '../support/registry/strict-repository.ts';
import { sampleFetcher } from '../support/samples/sample-fetcher.ts';
import { type SampleImage, sampleImage } from '../support/samples/sample-image.ts';
import { sampleIndex } from '../support/samples/sample-index.ts';
import { referrerOf } from '../support/samples/signed-image.ts';

const IMAGE = sampleImage({ name: 'image' });
const OTHER = sampleImage({ name: 'other' });
const STATEMENT = referrerOf(IMAGE, 'attestation');
const SIGNATURE = referrerOf(STATEMENT, 'signature');
const LATER = referrerOf(OTHER, 'attestation');
const INNER = sampleIndex([{ image: IMAGE }]);

/** What an index lists, in this order. */
const INDEXES: readonly (readonly [name: string, entries: readonly SampleImage[]])[] = [
  ['an attestation after its image', [IMAGE, STATEMENT]],
  ['an attestation before its image', [STATEMENT, IMAGE]],
  ['a signature, its attestation, their image', [SIGNATURE, STATEMENT, IMAGE]],
  ['a signature between both', [STATEMENT, SIGNATURE, IMAGE]],
  ['two images, their attestations first', [STATEMENT, LATER, IMAGE, OTHER]],
  ['an attestation of an image in another index', [STATEMENT, INNER]],
  ['an attestation in an index of its own, before its image', [sampleIndex([{ image: STATEMENT }]), IMAGE]],
  ['an attestation of the index beside it', [referrerOf(INNER, 'attestation'), INNER]],
];

describe('what names a subject', () => {
  for (const [name, entries] of INDEXES)
    for (const slow of ['nothing', 'the layers', 'the manifests', 'everything'] as const)
      it(`follows it: ${name}, with ${slow} slow`, async () => {
        const index = sampleIndex(entries.map((image) => ({ image })));
        const to = strictRepository({ before: slowing(slow, index) });
        await copyGraph(index.root, { from: sampleFetcher(index), to });
        expect(to.pushed.at(-1)).toBe(index.root.digest);
        expect(new Set(to.pushed).size).toBe(to.pushed.length);
      });

  it('does not wait for a subject that never comes', async () => {
    const index = sampleIndex([{ image: STATEMENT }, { image: OTHER }]);
    const to = strictRepository();
    const present = { ...to, push: skippingSubject(to) };
    await copyGraph(index.root, { from: sampleFetcher(index), to: present });
    expect(to.pushed).toContain(OTHER.root.digest);
  });

  it('does not wait for a subject that is there', async () => {
    const to = strictRepository();
    await copyGraph(IMAGE.root, { from: sampleFetcher(IMAGE), to });
    const index = sampleIndex([{ image: STATEMENT }, { image: IMAGE }]);
    await copyGraph(index.root, { from: sampleFetcher(index), to });
    expect(to.pushed.at(-1)).toBe(index.root.digest);
  });
});

describe('what a registry refuses', () => {
  const index = sampleIndex([{ image: STATEMENT }, { image: IMAGE }, { image: OTHER }]);
  const layers = OTHER.blobs.map(({ descriptor }) => descriptor.digest);
  const REFUSED: readonly [name: string, target: Descriptor, missing: readonly SampleImage[]][] = [
    ['an attestation', STATEMENT.root, [STATEMENT]],
    ['an image', IMAGE.root, [IMAGE, STATEMENT]],
    ['a layer', IMAGE.blobs[1]?.descriptor ?? IMAGE.root, [IMAGE, STATEMENT]],
  ];
  for (const [name, target, missing] of REFUSED)
    it(`ends nothing but what is made of it and speaks of it: ${name}`, async () => {
      // The others are still on their way when it is refused.
      const to = strictRepository({ refuses: [target], before: slowing('the layers', OTHER) });
      await expect(copyGraph(index.root, { from: sampleFetcher(index), to })).rejects.toMatchObject({
        code: 'ERR_REGISTRY_FAILED',
        registryCodes: ['DENIED'],
      });
      expect(to.pushed).toEqual(expect.arrayContaining([OTHER.root.digest, ...layers]));
      for (const image of missing) expect(to.pushed).not.toContain(image.root.digest);
      expect(to.pushed).not.toContain(index.root.digest);
    });

  it('is not what is thrown when something worse happened after it', async () => {
    const broken = new SaddlebagError('ERR_REGISTRY_UNREACHABLE', 'gone');
    const refused = Promise.withResolvers<void>();
    const to = strictRepository({
      refuses: [IMAGE.root],
      before: async ({ digest }) => {
        if (digest === IMAGE.root.digest) refused.resolve();
        if (digest !== OTHER.blobs[1]?.descriptor.digest) return;
        await refused.promise;
        throw broken;
      },
    });
    await expect(copyGraph(index.root, { from: sampleFetcher(index), to })).rejects.toBe(broken);
  });

  it('gives the root no name', async () => {
    const to = strictRepository({ refuses: [STATEMENT.root] });
    await expect(copyGraph(index.root, { from: sampleFetcher(index), to, tag: 'v1' })).rejects.toThrow('400');
    expect(to.tags.size).toBe(0);
  });
});

describe('the name of a root', () => {
  it('comes last, and is the one time that it is sent', async () => {
    const to = strictRepository();
    await copyGraph(IMAGE.root, { from: sampleFetcher(IMAGE), to, tag: 'v1' });
    expect(to.tags.get('v1')).toBe(IMAGE.root.digest);
    expect(to.pushed.filter((digest) => digest === IMAGE.root.digest)).toHaveLength(1);
  });

  it('comes after what puts a root on the list of its subject', async () => {
    const to = strictRepository();
    for (const each of [IMAGE, STATEMENT])
      await copyGraph(each.root, { from: sampleFetcher(each), to, tag: 'v1' });
    expect(to.tags.get('v1')).toBe(STATEMENT.root.digest);
    expect(to.pushed.filter((digest) => digest === STATEMENT.root.digest)).toHaveLength(2);
  });
});

/** Lets what comes later in an index overtake what comes earlier. */
function slowing(
  what: 'nothing' | 'the layers' | 'the manifests' | 'everything',
  { blobs, manifests }: SampleImage,
): (target: Descriptor) => Promise<void> {
  const slow = {
    nothing: [],
    'the layers': blobs,
    'the manifests': manifests,
    everything: [...blobs, ...manifests],
  }[what];
  return async ({ digest }) => {
    // Turns of the event loop, not moments: in one, everything that can go on without it does.
    const place = slow.findIndex(({ descriptor }) => descriptor.digest === digest);
    for (let turns = place === -1 ? 0 : 20 * (1 + (place % 5)); turns > 0; turns -= 1) await nextTurn();
  };
}

/** A registry may take what speaks of something that it does not have. */
function skippingSubject(to: Repository): Repository['push'] {
  return async (target, content) => {
    if (target.digest !== STATEMENT.root.digest) await to.push(target, content).catch(() => undefined);
  };
}
