import {
  appendFileSync,
  closeSync,
  openSync,
  renameSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureFile } from '../../../src/disk/hash/measure.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { failureOf } from '../../support/failure.ts';
import { lookedAtSignal } from '../../support/looked-at-signal.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Of three pieces. */
const BYTES = Buffer.alloc(2.5 * 1024 ** 2, 'abc');

/** Writes other bytes over those in the file, and leaves its size. */
function overwrite(path: string, position: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, 'XYZ', position);
  closeSync(file);
}

describe('a file that is measured', () => {
  it.each<readonly [string, (path: string) => void]>([
    ['grows', (path) => appendFileSync(path, 'more')],
    ['is cut short', (path) => truncateSync(path, 1024 ** 2)],
    ['is emptied', (path) => truncateSync(path, 0)],
    ['is changed where it was read already', (path) => overwrite(path, 0)],
    ['is changed where it was not read yet', (path) => overwrite(path, BYTES.length - 3)],
    ['is written anew, with the same bytes', (path) => writeFileSync(path, BYTES)],
  ])('is refused when it %s meanwhile', async (_, change) => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'tool');
    writeFileSync(path, BYTES);
    // Long ago: a change within one tick of the clock would else leave the time as it was.
    utimesSync(path, 1, 1);
    const signal = lookedAtSignal((count) => (count === 2 ? change(path) : undefined));
    expect(await failureOf(async () => await measureFile(path, { signal }))).toMatchObject({
      code: 'ERR_DISK_FAILED',
      message: `Cannot read "${path}": it changed while it was read`,
    });
  });

  it('is as it was when it was opened, though another takes its place meanwhile', async () => {
    using folder = temporaryFolder();
    const [path, other] = [join(folder.path, 'tool'), join(folder.path, 'other')];
    writeFileSync(path, BYTES);
    writeFileSync(other, 'other');
    const signal = lookedAtSignal((count) => (count === 2 ? renameSync(other, path) : undefined));
    expect(await measureFile(path, { signal })).toMatchObject({
      digest: digestOf(BYTES),
      size: BYTES.length,
    });
  });
});
