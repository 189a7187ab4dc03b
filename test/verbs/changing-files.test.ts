import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildBundle } from '../../src/verbs/build.ts';
import { lockSpec } from '../../src/verbs/lock.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { failureOf, problemsIn } from '../support/failure.ts';
import { lookedAtSignal } from '../support/looked-at-signal.ts';
import { startLab } from '../support/sites/lab.ts';
import { NOBODY } from '../support/surroundings.ts';

const BYTES = Buffer.alloc(3 * 1024 ** 2, 'abc');
const OTHER = Buffer.alloc(BYTES.length, 'xyz');

describe('a file of the builder that changes between its measuring and its writing', () => {
  it.each<readonly [string, string, (path: string) => void]>([
    ['grows', 'ERR_SIZE_MISMATCH', (path) => appendFileSync(path, 'more')],
    ['is cut short', 'ERR_SIZE_MISMATCH', (path) => truncateSync(path, 1000)],
    ['is emptied', 'ERR_SIZE_MISMATCH', (path) => truncateSync(path, 0)],
    ['has other bytes of the same number', 'ERR_DIGEST_MISMATCH', (path) => writeFileSync(path, OTHER)],
    [
      'is another file',
      'ERR_DIGEST_MISMATCH',
      (path) => {
        writeFileSync(`${path}.new`, OTHER);
        renameSync(`${path}.new`, path);
      },
    ],
  ])('%s, and no bundle is made until it rests', async (_, code, change) => {
    await using lab = await startLab();
    const [tool, out] = [lab.at('tool'), lab.at('lab.tar')];
    const wish = { specPath: lab.spec('files:\n  - path: ./tool\n'), out };
    const surroundings = { ...NOBODY, home: lab.at('home') };
    writeFileSync(tool, BYTES);
    const error = await failureOf(async () => {
      await buildBundle(wish, surroundings, {
        signal: onceLocked(lab.at('lab.lock.json'), () => change(tool)),
      });
    });
    expect(error.code).toBe(code);
    expect(problemsIn(error)).toEqual([
      expect.stringMatching(
        /, read from "[^"]+tool" \| The file changed while the bundle was built: .*"bundle lock SPEC"/,
      ),
    ]);
    expect(existsSync(out)).toBe(false);
    await lockSpec(wish, surroundings);
    await buildBundle(wish, surroundings);
    expect(readFileSync(out).includes(digestOf(readFileSync(tool)))).toBe(true);
  });

  it.each<readonly [string, (path: string) => void]>([
    ['is gone', (path) => rmSync(path)],
    [
      'is a folder',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])('%s, and that is said of it', async (_, change) => {
    await using lab = await startLab();
    const [tool, out] = [lab.at('tool'), lab.at('lab.tar')];
    writeFileSync(tool, BYTES);
    const wish = { specPath: lab.spec('files:\n  - path: ./tool\n'), out };
    const signal = onceLocked(lab.at('lab.lock.json'), () => change(tool));
    const error = await failureOf(
      async () => await buildBundle(wish, { ...NOBODY, home: lab.at('home') }, { signal }),
    );
    expect(error.message).toContain(`Cannot read "${tool}"`);
    expect(existsSync(out)).toBe(false);
  });
});

/** Returns a signal that makes a change once the lock is there: all is measured by then, and nothing is written. */
function onceLocked(lock: string, change: () => void): AbortSignal {
  let isDone = false;
  return lookedAtSignal(() => {
    if (isDone || !existsSync(lock)) return;
    isDone = true;
    change();
  });
}
