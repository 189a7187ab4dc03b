import { describe, expect, it } from 'vitest';
import { BlobTable } from '../../../src/bundle/format/blobs/table.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { Verdicts } from '../../../src/serve/holdings/verdicts.ts';

const [ONE, TWO, OTHER] = [digestOf('one'), digestOf('two'), digestOf('other')];
const blobs = BlobTable.of([ONE, TWO].map((digest) => ({ digest, size: 3 })));

describe('verdicts on blobs', () => {
  it('hold for the files as they were, and nothing else', () => {
    const verdicts = new Verdicts(blobs);
    expect(verdicts.of(ONE, 'a')).toBeUndefined();
    verdicts.set(ONE, 'a', true);
    verdicts.set(TWO, 'a', false);
    expect([ONE, TWO, OTHER].map((digest) => verdicts.of(digest, 'a'))).toEqual([true, false, undefined]);
    expect(verdicts.of(ONE, 'b')).toBeUndefined();
    verdicts.set(ONE, 'b', false);
    expect([verdicts.of(ONE, 'b'), verdicts.of(TWO, 'b')]).toEqual([false, undefined]);
    // Whoever opened the file as it was before must have it judged again.
    expect(verdicts.of(ONE, 'a')).toBeUndefined();
  });

  it('are forgotten where files are replaced without end', () => {
    const verdicts = new Verdicts(blobs);
    verdicts.set(TWO, 'first', true);
    for (let round = 0; round < 5000; round++) {
      verdicts.set(ONE, `file ${round}`, true);
      expect(verdicts.of(ONE, `file ${round}`)).toBe(true);
    }
    expect(verdicts.of(TWO, 'first')).toBeUndefined();
    expect(verdicts.of(ONE, 'file 4000')).toBeUndefined();
  });
});
