import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FramedLayout } from '../../../src/archive/layout.ts';
import { layoutTar } from '../../../src/archive/tar/layout.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const files = fc.uniqueArray(
  fc.record({
    path: fc.stringMatching(/^[a-z0-9]{1,20}(\/[a-z0-9]{1,60})?$/),
    size: fc.oneof(fc.nat(3000), fc.constantFrom(0, 511, 512, 513)),
  }),
  { selector: ({ path }) => path.split('/')[0], maxLength: 12 },
);

/** Every piece of an archive, in order of position: content is marked by its path. */
function piecesOf(layout: FramedLayout): { position: number; length: number }[] {
  return [
    ...layout.entries.map(({ position, size }) => ({ position, length: size })),
    ...[...layout.frame()].map(({ position, bytes }) => ({ position, length: bytes.length })),
  ].toSorted((left, right) => left.position - right.position || left.length - right.length);
}

describe('the layout of a tar', () => {
  it('leaves no gap and no overlap, and begins every entry on a block', () => {
    fc.assert(
      fc.property(files, (list) => {
        const layout = layoutTar(list);
        let next = 0;
        for (const { position, length } of piecesOf(layout)) {
          expect(position).toBe(next);
          next += length;
        }
        expect(next).toBe(layout.size);
        expect(layout.entries.map(({ position }) => position % 512)).toEqual(list.map(() => 0));
      }),
    );
  });

  it('tells each piece between the contents by what it is in front of', () => {
    fc.assert(
      fc.property(files, (list) => {
        const layout = layoutTar(list);
        const places = [...layout.entries.map(({ position }) => position), layout.size];
        expect(places.map((position) => layout.frameBefore(position))).toEqual([...layout.frame()]);
        expect(layout.frameBefore(layout.size - 1)).toBeUndefined();
      }),
    );
  });

  it('holds just as exactly for sizes no memory could hold', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.maxSafeNat().map((n) => Math.floor(n / 1000)),
          { maxLength: 20 },
        ),
        (sizes) => {
          const layout = layoutTar(sizes.map((size, index) => ({ path: `f${index}`, size })));
          let next = 0;
          for (const { position, length } of piecesOf(layout)) {
            expect(position).toBe(next);
            next += length;
          }
          expect(next).toBe(layout.size);
        },
      ),
    );
  });

  it('ends with two blocks of zeros and nothing else [B-TAR-2]', () => {
    const layout = layoutTar([{ path: 'a', size: 512 }]);
    expect(layout.size).toBe(512 + 512 + 1024);
    expect([...layout.frame()].at(-1)).toEqual({ position: 1024, bytes: Buffer.alloc(1024) });
  });

  it('is a tar to GNU tar, which lists and unpacks every file as it was', () => {
    fc.assert(
      fc.property(files, (list) => {
        using folder = temporaryFolder();
        const layout = layoutTar(list);
        const bytes = Buffer.alloc(layout.size, 'x');
        for (const piece of layout.frame()) bytes.set(piece.bytes, piece.position);
        for (const { position, size, path } of layout.entries) bytes.fill(path, position, position + size);
        const tar = join(folder.path, 'a.tar');
        writeFileSync(tar, bytes);
        const listed = execFileSync('tar', ['tf', tar], { encoding: 'utf8' });
        expect(listed).toBe(list.map(({ path }) => `${path}\n`).join(''));
        execFileSync('tar', ['xf', tar, '-C', folder.path]);
        for (const { path, size } of list)
          expect(readFileSync(join(folder.path, path))).toEqual(Buffer.alloc(size, path));
      }),
      { numRuns: 25 },
    );
  });

  it('is a tar to GNU tar with a file of more than 8 GiB in it', async () => {
    using folder = temporaryFolder();
    const tar = join(folder.path, 'large.tar');
    const size = 9 * 2 ** 30 + 1;
    const layout = layoutTar([
      { path: 'large', size },
      { path: 'after', size: 3 },
    ]);
    writeFileSync(tar, '');
    // Sparse: it takes a few blocks of the disk.
    truncateSync(tar, layout.size);
    await using handle = await open(tar, 'r+');
    for (const { position, bytes } of layout.frame()) await handle.write(bytes, 0, bytes.length, position);
    const listed = execFileSync('tar', ['tvf', tar], { encoding: 'utf8' });
    expect(listed).toMatch(new RegExp(`${size} 1970-01-01 .* large\\n.* 3 1970-01-01 .* after\\n$`));
  });
});
