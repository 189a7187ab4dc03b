import { describe, expect, it } from 'vitest';
import { memoryReader } from '../../../src/archive/memory.ts';
import { openZip } from '../../../src/archive/zip/reader.ts';
import { isSaddlebagError, systemCode } from '../../../src/internal/error.ts';
import { rawZip, rawZip64Extra, type RawZipEntry } from '../../support/archives/raw-zip.ts';
import { listZip, problemsInZip, readZip } from '../../support/archives/read-zip.ts';

const GOOD: RawZipEntry = { path: 'good', bytes: 'content' };
const LAST: RawZipEntry = { path: 'last', bytes: 'end' };

describe('the bytes around the entries', () => {
  it.each<[string, Uint8Array, string]>([
    [
      'before the first entry',
      rawZip([GOOD], { before: Buffer.from('#!/bin/sh\n') }),
      '10 bytes before its first',
    ],
    ['before the directory', rawZip([GOOD], { gap: Buffer.from('x') }), 'belong to nothing'],
    ['behind the end', rawZip([GOOD], { behind: Buffer.from('x') }), 'are not the end of a zip'],
    [
      'in a comment',
      rawZip([GOOD], { end: { commentLength: 2 }, behind: Buffer.from('hi') }),
      'not the end of',
    ],
    ['in a comment that is not there', rawZip([GOOD], { end: { commentLength: 9 } }), 'announces a comment'],
  ])('%s are refused', async (_, zip, fact) => {
    await expect(listZip(zip)).rejects.toThrow(fact);
    await expect(readZip(zip, 'good')).rejects.toThrow(fact);
  });

  it('cannot hold a second end: in a comment, or before the true one', async () => {
    const other = rawZip([LAST]);
    const commented = rawZip([GOOD], { end: { commentLength: other.length }, behind: other });
    await expect(listZip(commented)).rejects.toMatchObject({ code: 'ERR_ARCHIVE_INVALID' });
    const inner = rawZip([GOOD]).subarray(-22);
    await expect(listZip(rawZip([GOOD], { behind: inner }))).rejects.toThrow(
      'directory is not where its end',
    );
    await expect(listZip(Buffer.concat([rawZip([GOOD]), rawZip([LAST])]))).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
    });
  });
});

describe('an end that lies', () => {
  // Records of 47 bytes, so that two of them leave room for a third in the count.
  const zip = (end: object): Buffer =>
    rawZip([GOOD, { ...LAST, central: { comment: 'x'.repeat(60) } }], { end });

  it.each<[string, object, string]>([
    ['about the number of entries', { count: 3, countHere: 3 }, 'its directory is damaged: '],
    ['that there are fewer', { count: 1, countHere: 1 }, 'something that is not an entry'],
    ['that there are none', { count: 0, countHere: 0 }, 'something that is not an entry'],
    ['in its two numbers', { countHere: 1 }, 'two different numbers of entries'],
    ['that there are very many', { count: 65_535, countHere: 65_535 }, 'no room for 65535 entries'],
    ['about the place of the directory', { position: 1 }, 'is not where its end says'],
    ['about a place far away', { position: 0xfffffff0 }, 'is not where its end says'],
    ['about its size', { size: 1 }, 'is not where its end says'],
    ['about size and place together', { size: 161, position: 77 }, 'its directory is damaged: '],
    ['that there are other parts', { disk: 1 }, 'several parts'],
  ])('%s is found out', async (_, end, fact) => {
    await expect(listZip(zip(end))).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
      message: expect.stringContaining(fact),
    });
    expect((await problemsInZip(zip(end))).found).toEqual([]);
  });
});

describe('a ZIP64', () => {
  it('reads its numbers from their large fields', async () => {
    const end = { count: 0xffff, countHere: 0xffff, size: 0xffffffff, position: 0xffffffff };
    expect(await listZip(rawZip([GOOD, LAST], { zip64: {}, end }))).toHaveLength(2);
    // Programs also write it where nothing needs it.
    expect(await listZip(rawZip([GOOD, LAST], { zip64: {} }))).toHaveLength(2);
  });

  it.each([
    ['contradicts the short end', { count: 1, countHere: 1 }, 'contradict each other'],
    ['gives two numbers', { countHere: 1 }, 'two different numbers of entries'],
    ['has other parts', { disk: 1 }, 'several parts'],
    ['has several disks', { disks: 2 }, 'several parts'],
    ['is said to be elsewhere', { record: 0 }, 'not where it belongs'],
    ['is said to be far away', { record: Number.MAX_SAFE_INTEGER }, 'not where it belongs'],
    ['is longer than we know', { recordSize: 45 }, 'not where it belongs'],
  ])('whose end %s is refused', async (_, zip64, fact) => {
    await expect(listZip(rawZip([GOOD, LAST], { zip64 }))).rejects.toThrow(fact);
  });

  it('with a number that no size reaches is refused', async () => {
    const end = { count: 0xffff, countHere: 0xffff, size: 0xffffffff, position: 0xffffffff };
    const zip = rawZip([GOOD], { zip64: {}, end });
    zip.writeBigUInt64LE(2n ** 64n - 1n, zip.length - 22 - 20 - 56 + 48);
    await expect(listZip(zip)).rejects.toThrow('a number that no size reaches');
    zip.writeBigUInt64LE(2n ** 52n, zip.length - 22 - 20 - 56 + 48);
    await expect(listZip(zip)).rejects.toThrow('is not where its end says');
  });

  it('with more entries than are held in memory is refused [B-PATH-4]', async () => {
    const zip64 = { count: 2_000_000, countHere: 2_000_000 };
    const end = { count: 0xffff, countHere: 0xffff };
    await expect(listZip(rawZip([GOOD], { zip64, end }))).rejects.toThrow('more than the 1000000 allowed');
  });

  it('may give the numbers of an entry in large fields', async () => {
    const large = { stored: 0xffffffff, size: 0xffffffff, extra: rawZip64Extra(7, 7) };
    const zip = rawZip([
      { ...GOOD, local: large, central: { ...large, header: 0xffffffff, extra: rawZip64Extra(7, 7, 0) } },
    ]);
    expect(await listZip(zip)).toEqual([{ path: 'good', size: 7 }]);
    expect(await readZip(zip, 'good')).toBe('content');
    // What fits may stand in both forms.
    expect(await listZip(rawZip([{ ...GOOD, both: { extra: rawZip64Extra(7, 7) } }]))).toHaveLength(1);
  });

  it.each<[string, Partial<RawZipEntry>, string]>([
    [
      'other numbers beside those that count',
      { central: { extra: rawZip64Extra(8, 8) } },
      'contradict the others',
    ],
    ['them twice', { central: { extra: Buffer.concat([rawZip64Extra(7), rawZip64Extra(7)]) } }, 'two sets'],
    ['others in the header', { local: { extra: rawZip64Extra(9, 9) } }, 'contradict the others'],
    [
      'no numbers where they should be',
      { central: { size: 0xffffffff, extra: rawZip64Extra() } },
      'its ZIP64 numbers are missing',
    ],
    ['none at all in the header', { local: { size: 0xffffffff } }, 'another size than the directory'],
    ['a broken field', { central: { extra: Buffer.from([1, 0, 99, 0]) } }, 'its extra fields are broken'],
    [
      'an endless size',
      { both: { stored: 0xffffffff, size: 0xffffffff, extra: rawZip64Extra(2 ** 52, 2 ** 52) } },
      'overlaps',
    ],
    [
      'an endless place',
      { central: { header: 0xffffffff, extra: rawZip64Extra(2 ** 52) } },
      'before its first entry',
    ],
  ])('whose entry has %s is refused', async (_, lie, fact) => {
    await expect(listZip(rawZip([{ ...GOOD, ...lie }]))).rejects.toThrow(fact);
  });
});

describe('a zip that was cut or changed', () => {
  const whole = rawZip([GOOD, { path: 'second', bytes: 'x'.repeat(100) }]);

  it('is noticed wherever the cut is', async () => {
    const codes = new Set<unknown>();
    for (let length = 0; length < whole.length; length++) {
      codes.add(await listZip(whole.subarray(0, length)).then(() => length, systemCode));
    }
    expect([...codes]).toEqual(['ERR_ARCHIVE_INVALID']);
  });

  it('says that it is cut, and what to do', async () => {
    await expect(listZip(whole.subarray(0, 100))).rejects.toMatchObject({
      message: expect.stringContaining(
        'Cannot read archive "lab.zip": its last 22 bytes are not the end of a zip',
      ),
      hint: expect.stringContaining('copy the bundle again'),
    });
  });

  it('never fails with an error that is not ours, whichever byte is another', async () => {
    const foreign: unknown[] = [];
    for (let at = 0; at < whole.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(whole);
        changed.writeUInt8((changed[at] ?? 0) ^ flip, at);
        await listZip(changed).catch((error: unknown) => isSaddlebagError(error) || foreign.push(error));
      }
    }
    expect(foreign).toEqual([]);
  });

  it('is reported as a whole to whoever takes problems', async () => {
    const problems: string[] = [];
    const archive = openZip(memoryReader(whole.subarray(5)), { name: 'lab.zip' });
    for await (const entry of archive.entries({ onProblem: ({ path }) => problems.push(path) })) {
      throw new Error(`found ${entry.path}`);
    }
    expect(problems).toEqual(['']);
  });
});
