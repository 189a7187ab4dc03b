import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { journalPath } from '../../../src/bundle/output/layout.ts';
import { journalOf, readJournal, startJournal } from '../../../src/bundle/write/journal.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const HEAD = { root: digestOf('root'), bytes: 1000, shape: 'tar' };
const [A, B] = [digestOf('a'), digestOf('b')];

describe('a journal', () => {
  it('says what was entered, the last line about a blob counting', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'journal');
    {
      await using journal = await startJournal(path, HEAD, new Map([[A, 1]]));
      await journal.append(new Map([[B, 5]]));
      await journal.append(
        new Map([
          [A, 9],
          [B, 3],
        ]),
      );
    }
    expect(await readJournal(path, HEAD)).toEqual(
      new Map([
        [A, 9],
        [B, 3],
      ]),
    );
    expect(readdirSync(folder.path)).toEqual(['journal']);
  });

  it('is JSON by line, the first of which says what it is about', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'journal');
    await (await startJournal(path, HEAD, new Map([[A, 1]])))[Symbol.asyncDispose]();
    expect(readFileSync(path, 'utf8')).toBe(
      `{"version":2,"root":"${HEAD.root}","bytes":1000,"shape":"tar"}\n{"digest":"${A}","bytes":1}\n`,
    );
  });

  it.each([
    ['another bundle', { ...HEAD, root: digestOf('other') }],
    ['an archive of another size', { ...HEAD, bytes: 999 }],
    ['another shape', { ...HEAD, shape: 'dir' }],
    ['a bundle that is complete', { ...HEAD, complete: true as const }],
  ])('about %s says nothing', async (_, head) => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'journal');
    await (await startJournal(path, head, new Map([[A, 1]])))[Symbol.asyncDispose]();
    expect(await readJournal(path, HEAD)).toBeUndefined();
  });

  it('of a newer format says nothing', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'journal');
    writeFileSync(path, `${JSON.stringify({ version: 3, ...HEAD })}\n{"digest":"${A}","bytes":1}\n`);
    expect(await readJournal(path, HEAD)).toBeUndefined();
  });

  it('that is not there, or empty, says nothing', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'journal');
    expect(await readJournal(path, HEAD)).toBeUndefined();
    writeFileSync(path, '');
    expect(await readJournal(path, HEAD)).toBeUndefined();
  });

  it.each([
    ['the bundle it is about', [{ version: 2, ...HEAD }], HEAD.root],
    ['nothing in a newer format', [{ version: 3, ...HEAD }], undefined],
    ['nothing without a digest', [{ version: 2, root: 'root' }], undefined],
    ['nothing when its first line is lost', [{}, { version: 2, ...HEAD }], undefined],
    ['nothing when it is empty', [], undefined],
    ['nothing when it is not there', undefined, undefined],
  ])('of an unfinished output says %s', async (_, lines, root) => {
    using folder = temporaryFolder();
    const out = join(folder.path, 'lab.tar');
    if (lines !== undefined)
      writeFileSync(journalPath(out), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(await journalOf(out)).toEqual({ path: journalPath(out), root });
  });

  it('cut anywhere says no more than what was entered up to there', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'journal');
    const entries = [
      [A, 10],
      [B, 200],
      [A, 3000],
      [B, 40_000],
    ] as const;
    {
      await using journal = await startJournal(path, HEAD, new Map());
      for (const entry of entries) await journal.append(new Map([entry]));
    }
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), async (length) => {
        writeFileSync(path, whole.subarray(0, length));
        const known = [...((await readJournal(path, HEAD)) ?? [])];
        expect(
          known.every(([digest, bytes]) => entries.some((one) => one[0] === digest && one[1] === bytes)),
        ).toBe(true);
      }),
    );
  });

  it('in a folder that is not there is refused', async () => {
    using folder = temporaryFolder();
    await expect(startJournal(join(folder.path, 'none', 'journal'), HEAD, new Map())).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
    });
  });
});
