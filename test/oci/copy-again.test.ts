import { describe, expect, it } from 'vitest';
import { copyGraph } from '../../src/oci/copy.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { Ledger } from '../../src/oci/ledger.ts';
import type { Repository } from '../../src/oci/roles.ts';
import { strictRepository, type StrictOptions } from '../support/registry/strict-repository.ts';
import { sampleFetcher } from '../support/samples/sample-fetcher.ts';
import { type SampleImage, sampleImage } from '../support/samples/sample-image.ts';
import { sampleIndex } from '../support/samples/sample-index.ts';

const INDEX = sampleImage({ platforms: ['linux/amd64', 'linux/arm64'], sharedLayers: ['base'] });
const NESTED = sampleIndex([{ image: sampleIndex([{ image: INDEX }]) }]);
const [AMD64, ARM64] = INDEX.manifests.map(({ descriptor }) => descriptor);
const BLOBS = INDEX.blobs.map(({ descriptor }) => descriptor);
const MANIFESTS = NESTED.manifests.map(({ descriptor }) => descriptor);

/** What it says to have, or to have mounted, and has not. */
const LIES: readonly (readonly [name: string, image: SampleImage, options: StrictOptions])[] = [
  ['one child of an index', INDEX, { claims: only(AMD64) }],
  ['every child of an index', INDEX, { claims: only(AMD64, ARM64) }],
  ['a layer', INDEX, { claims: only(BLOBS[1]) }],
  ['a config', INDEX, { claims: only(BLOBS[0]) }],
  ['every blob', INDEX, { claims: BLOBS }],
  ['a mount', INDEX, { mounts: only(BLOBS[1]) }],
  ['children and layers', INDEX, { claims: [...BLOBS, ...only(AMD64, ARM64)] }],
  ['the root itself, which is to be named', INDEX, { claims: [INDEX.root] }],
  ['all of it', INDEX, { claims: [...BLOBS, ...only(AMD64, ARM64), INDEX.root] }],
  ['an index in an index', NESTED, { claims: only(MANIFESTS.at(-2)) }],
  ['all of an index in an index', NESTED, { claims: [...BLOBS, ...MANIFESTS.slice(0, -1)] }],
];

describe('a registry that lacks what it says to have', () => {
  for (const [name, image, options] of LIES)
    for (const code of ['MANIFEST_BLOB_UNKNOWN', 'MANIFEST_UNKNOWN', 'BLOB_UNKNOWN'])
      it(`gets it all the same: ${name}, refused as ${code}`, async () => {
        const to = strictRepository({ ...options, code });
        const way = { from: sampleFetcher(image), to, repository: 'a', mountFrom: () => 'b' };
        await copyGraph(image.root, { ...way, tag: 'v1' });
        expect(to.tags.get('v1')).toBe(image.root.digest);
        const all = [...image.blobs, ...image.manifests].map(({ descriptor }) => descriptor.digest);
        expect(to.pushed.toSorted()).toEqual([...new Set(all)].toSorted());
      });

  it('gets no more than it lacks: what it has is not sent again', async () => {
    const to = strictRepository();
    await copyGraph(INDEX.root, { from: sampleFetcher(INDEX), to });
    const count = to.pushed.length;
    const outer = sampleIndex([{ image: INDEX }]);
    await copyGraph(outer.root, { from: sampleFetcher(outer), to });
    expect(to.pushed).toHaveLength(count + 1);
  });

  it('gets a layer once that several images were to share', async () => {
    const images = ['one', 'two', 'three'].map((name) =>
      sampleImage({ name, layers: 0, sharedLayers: ['base'] }),
    );
    const base = images[0]?.blobs[1]?.descriptor;
    const to = strictRepository({ claims: only(base) });
    const ledger = new Ledger();
    await Promise.all(
      images.map((image) =>
        copyGraph(image.root, { from: sampleFetcher(image), to, repository: 'a', ledger, tag: 'v1' }),
      ),
    );
    expect(to.pushed.filter((digest) => digest === base?.digest)).toHaveLength(1);
  });

  it.each(['MANIFEST_INVALID', 'DENIED', 'UNSUPPORTED'])('is not what %s means', async (code) => {
    const to = strictRepository({ claims: only(AMD64), code });
    await expect(copyGraph(INDEX.root, { from: sampleFetcher(INDEX), to })).rejects.toMatchObject({
      registryCodes: [code],
    });
    expect(to.pushed).not.toContain(AMD64?.digest);
  });

  it('is given up when it refuses again', async () => {
    let tries = 0;
    const to = strictRepository({ claims: only(AMD64) });
    const stubborn: Repository = {
      ...to,
      push: async (target, content) => {
        if (target.digest !== INDEX.root.digest) return await to.push(target, content);
        tries += 1;
        await strictRepository().push(target, content);
      },
    };
    await expect(copyGraph(INDEX.root, { from: sampleFetcher(INDEX), to: stubborn })).rejects.toMatchObject({
      registryCodes: ['MANIFEST_BLOB_UNKNOWN'],
    });
    expect(to.pushed).toContain(AMD64?.digest);
    expect(tries).toBe(2);
  });
});

function only(...targets: readonly (Descriptor | undefined)[]): readonly Descriptor[] {
  return targets.filter((target) => target !== undefined);
}
