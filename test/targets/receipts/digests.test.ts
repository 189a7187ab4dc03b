import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { DigestTable } from '../../../src/targets/receipts/digests.ts';

const [A, B, C] = [digestOf('a'), digestOf('b'), digestOf('c')];

describe('a table of digests', () => {
  it('has those of all lists, each once', () => {
    const table = DigestTable.of([A, B], [], [B, C]);
    expect([...table]).toEqual([A, B, C]);
    expect([A, C].map((digest) => table.has(digest))).toEqual([true, true]);
    expect(table.has(digestOf('d'))).toBe(false);
    expect([...DigestTable.of()]).toEqual([]);
  });

  it('is the same where nothing is added to it, and another where something is', () => {
    const table = DigestTable.of([A]);
    expect(DigestTable.of(table, [])).toBe(table);
    expect([...DigestTable.of(table, [B])]).toEqual([A, B]);
    expect([...table]).toEqual([A]);
  });

  it('yields them in the order of their texts', () => {
    const digests = Array.from({ length: 500 }, (_, number) => digestOf(String(number)));
    expect([...DigestTable.of(digests).sorted()]).toEqual(digests.toSorted());
  });
});
