import { describe, expect, it } from 'vitest';
import { diffInventories } from '../../src/bundle/diff.ts';
import { type Inventory, inventoryOf } from '../../src/bundle/inventory.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { NEWER, OLDER, sampleDelta } from '../support/samples/delta-samples.ts';
import { plannedFile } from '../support/planned/items.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';

const older = sampleBundle(OLDER).plan;
const newer = sampleBundle(NEWER).plan;

describe('the difference of two bundles', () => {
  it('has items that were added and removed, and the bytes that only one of them has', () => {
    const diff = diffInventories(inventoryOf(older), inventoryOf(newer));
    expect(diff.items.map(({ change, kind, name }) => [change, kind, name])).toEqual([
      ['added', 'file', 'new.bin'],
      ['added', 'image', 'docker.io/rancher/rancher:v2.10.0'],
      ['removed', 'file', 'gone.bin'],
      ['removed', 'image', 'docker.io/rancher/rancher:v2.9.2'],
    ]);
    expect(diff.unchanged).toBe(1);
    const has = new Set(older.document.blobs.map(({ digest }) => digest));
    const only = newer.document.blobs.filter(({ digest }) => !has.has(digest));
    expect(diff.added).toEqual({ blobs: only.length, bytes: only.reduce((sum, { size }) => sum + size, 0) });
    expect(diff.added.blobs + diff.kept.blobs).toBe(newer.document.blobs.length);
    expect(diff.removed.blobs + diff.kept.blobs).toBe(older.document.blobs.length);
  });

  it('has an item that changed once, with both digests', () => {
    const [before, after] = ['one', 'two'].map(
      (text) => sampleBundle([plannedFile('a.txt', Buffer.from(text))]).plan,
    );
    const diff = diffInventories(inventoryOf(before ?? older), inventoryOf(after ?? newer));
    expect(diff.items).toEqual([
      {
        kind: 'file',
        name: 'a.txt',
        change: 'changed',
        before: before?.document.items[0]?.descriptor.digest,
        after: after?.document.items[0]?.descriptor.digest,
      },
    ]);
    expect(diff.unchanged).toBe(0);
    expect(diff.added.bytes).toBeGreaterThan(3);
  });

  it('is none between a bundle and itself', () => {
    const diff = diffInventories(inventoryOf(older), inventoryOf(older));
    const none = { blobs: 0, bytes: 0 };
    expect(diff).toMatchObject({ items: [], unchanged: 3, added: none, removed: none });
  });

  it('is none between a bundle and its delta: that stands for all it is made of', () => {
    const diff = diffInventories(inventoryOf(newer), inventoryOf(sampleDelta().plan));
    expect(diff).toMatchObject({ items: [], added: { blobs: 0 }, removed: { blobs: 0 } });
  });

  it('knows by its blobs what a receipt without digests left unchanged', () => {
    const { root, items, blobs } = inventoryOf(older);
    const receipt: Inventory = {
      root,
      name: 'lab',
      // Twice, because it went to two places.
      items: [...items, ...items].map(({ kind, name }) => ({ kind, name })),
      blobs: new Map([...blobs.keys()].map((digest) => [digest, undefined])),
    };
    expect(diffInventories(receipt, inventoryOf(older))).toMatchObject({ items: [], unchanged: 3 });
    const partial = { ...receipt, blobs: new Map([[digestOf('something'), undefined]]) };
    const changes = diffInventories(partial, inventoryOf(older)).items;
    expect(changes.map(({ change }) => change)).toEqual(['changed', 'changed', 'changed']);
    expect(diffInventories(inventoryOf(older), receipt).items).toEqual([]);
  });
});
