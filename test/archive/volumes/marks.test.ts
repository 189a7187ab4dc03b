import { describe, expect, it } from 'vitest';
import { layoutTar } from '../../../src/archive/tar/layout.ts';
import { judge, marksOfVolumes, type Verdict } from '../../../src/archive/volumes/marks.ts';
import { packTar } from '../../support/samples/sample-bundle.ts';

const FILES = 2000;
/** A header, and content of one block. */
const STEP = 1024;

/** A tar of many small files; `changed` have another name, and `sizes` another size (bytes). */
function tarOf(
  options: { changed?: readonly number[]; sizes?: Readonly<Record<number, number>> } = {},
): Buffer {
  const files = Array.from({ length: FILES }, (_, index): [string, Buffer] => {
    const isChanged = options.changed?.includes(index) === true;
    return [`blobs/${isChanged ? 'new' : 'old'}-${index}`, Buffer.alloc(options.sizes?.[index] ?? 512, 7)];
  });
  return packTar(new Map(files)).tar;
}

const LAYOUT = layoutTar(
  Array.from({ length: FILES }, (_, index) => ({ path: `blobs/old-${index}`, size: 512 })),
);

/** Judges the whole tar as one volume, and counts what was read. */
async function judged(
  tar: Buffer,
  most = 16,
): Promise<{ readonly verdict: Verdict; readonly reads: number }> {
  const [marks = []] = marksOfVolumes(LAYOUT, LAYOUT.size).values();
  let reads = 0;
  const verdict = await judge(
    marks,
    (position, length) => {
      reads += 1;
      return Promise.resolve(tar.subarray(position, position + length));
    },
    most,
  );
  return { verdict, reads };
}

function damaged(tar: Buffer, indexes: readonly number[]): Buffer {
  for (const index of indexes) tar.fill('x', index * STEP, index * STEP + 512);
  return tar;
}

describe('the headers of a volume', () => {
  it('are looked at in a few places, from the first to the last', async () => {
    expect(await judged(tarOf())).toEqual({ verdict: 'same', reads: 16 });
  });

  it.each([0, 1, 700, 1337, 1999])('tell a volume from one that parts from it at file %i', async (index) => {
    const { verdict, reads } = await judged(tarOf({ changed: [index], sizes: { [index]: 1024 } }));
    expect(verdict).toBe('other');
    expect(reads).toBeLessThanOrEqual(16 + 11);
  });

  it.each([0, 1999])(
    'tell it by a file of another name at file %i, where nothing has moved',
    async (index) => {
      expect(await judged(tarOf({ changed: [index] }))).toMatchObject({ verdict: 'other' });
    },
  );

  it.each([[[0]], [[1999]], [[0, 1999]]])(
    'leave a volume what it is when %j are damaged',
    async (indexes) => {
      expect(await judged(damaged(tarOf(), indexes))).toMatchObject({ verdict: 'same' });
    },
  );

  it('make a stranger of a volume of which most are damaged', async () => {
    const most = Array.from({ length: 1200 }, (_, index) => index);
    expect(await judged(damaged(tarOf(), most))).toMatchObject({ verdict: 'other' });
  });

  it('say nothing of a volume that ends before the first of them', async () => {
    expect(await judged(Buffer.alloc(0))).toMatchObject({ verdict: 'unknown' });
  });

  it('never ask for more than a bounded number of places, however they are damaged', async () => {
    const every = Array.from({ length: FILES }, (_, index) => index).filter((index) => index % 3 === 0);
    const { reads } = await judged(damaged(tarOf(), every));
    expect(reads).toBeLessThanOrEqual(16 + 8 * 8);
  });
});

describe('the marks of volumes', () => {
  it('are whole headers where there are some, and parts where there is nothing else', () => {
    const layout = layoutTar([
      { path: 'a', size: 5000 },
      { path: 'b', size: 100 },
    ]);
    const lengths = [...marksOfVolumes(layout, 5700)].map(([volume, marks]) => [
      volume,
      marks.map((mark) => mark().bytes.length),
    ]);
    expect(lengths).toEqual([
      [0, [512]],
      [1, [5632 + 512 - 5700]],
    ]);
  });

  it('take no room for volumes that have none', () => {
    const layout = layoutTar([{ path: 'a', size: 2 ** 50 }]);
    expect([...marksOfVolumes(layout, 1000).keys()]).toEqual([0]);
  });
});
