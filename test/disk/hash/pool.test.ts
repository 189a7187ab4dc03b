import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { HashJob, HashOutcome } from '../../../src/disk/hash/job.ts';
import { hashFiles, type HashOptions } from '../../../src/disk/hash/pool.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { temporaryFolder } from '../../support/temporary.ts';

async function outcomesOf(
  jobs: readonly HashJob[],
  options: Partial<HashOptions> = {},
): Promise<(HashOutcome | undefined)[]> {
  const outcomes: (HashOutcome | undefined)[] = jobs.map(() => undefined);
  await hashFiles(jobs, {
    workers: 2,
    ...options,
    onOutcome: (index, outcome) => {
      expect(outcomes[index]).toBeUndefined();
      outcomes[index] = outcome;
    },
  });
  return outcomes;
}

describe('the hash pool', () => {
  it.each([1, 2, 5])('gives the digest of every run of bytes, with %i workers', async (workers) => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'file');
    const bytes = incompressibleBytes('pool', 5_000_000);
    writeFileSync(file, bytes);
    const runs = [
      [0, 5_000_000],
      [1, 1_048_576],
      [4_999_999, 1],
      [17, 0],
      [123, 2_500_000],
    ] as const;
    const jobs = runs.map(([position, length]) => ({ extents: [{ file, position, length }] }));
    let counted = 0;
    const outcomes = await outcomesOf(jobs, { workers, onBytes: (count) => (counted += count) });
    expect(outcomes).toEqual(
      runs.map(([position, length]) => ({ digest: digestOf(bytes.subarray(position, position + length)) })),
    );
    expect(counted).toBe(runs.reduce((sum, [, length]) => sum + length, 0));
  });

  it('gives those of small runs that are read together, in whatever order they come', async () => {
    using folder = temporaryFolder();
    const [file, other] = ['file', 'other'].map((name) => join(folder.path, name));
    const bytes = incompressibleBytes('small', 1_000_000);
    for (const each of [file, other]) writeFileSync(each ?? '', each === file ? bytes : bytes.toReversed());
    const runs = Array.from({ length: 400 }, (_, at) => ({
      file: (at % 50 === 7 ? other : file) ?? '',
      position: at % 3 === 0 ? 1_000_000 - at * 20 : at * 2000,
      length: at % 3 === 0 ? at : 1500,
    }));
    const outcomes = await outcomesOf(
      runs.map((run) => ({ extents: [run], crc: true })),
      { workers: undefined },
    );
    expect(outcomes).toEqual(
      runs.map(({ file: on, position, length }) => {
        const run = (on === file ? bytes : bytes.toReversed()).subarray(position, position + length);
        return { digest: digestOf(run), crc: crc32(run) };
      }),
    );
  });

  it('joins the extents of content that lies in several files', async () => {
    using folder = temporaryFolder();
    const extents = ['one', 'two', 'three'].map((text) => {
      const file = join(folder.path, text);
      writeFileSync(file, `..${text}`);
      return { file, position: 2, length: text.length };
    });
    expect(await outcomesOf([{ extents }])).toEqual([{ digest: digestOf('onetwothree') }]);
  });

  it('has nothing to do for no jobs, and counts its own workers', async () => {
    expect(await outcomesOf([])).toEqual([]);
    using folder = temporaryFolder();
    const file = join(folder.path, 'file');
    writeFileSync(file, 'x');
    const outcomes = await outcomesOf([{ extents: [{ file, position: 0, length: 1 }] }], {
      workers: undefined,
    });
    expect(outcomes).toEqual([{ digest: digestOf('x') }]);
  });

  it('names the place where a file ends too early or is gone, and continues with the others', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'file');
    const gone = join(folder.path, 'gone');
    writeFileSync(file, 'content');
    const outcomes = await outcomesOf([
      { extents: [{ file, position: 0, length: 20 }] },
      { extents: [{ file: gone, position: 0, length: 20 }] },
      { extents: [{ file, position: 0, length: 7 }] },
    ]);
    expect(outcomes).toEqual([
      { failure: { file, position: 7, code: '', message: 'the file ends there' } },
      {
        failure: {
          file: gone,
          position: 0,
          code: 'ENOENT',
          message: expect.stringContaining('no such file'),
        },
      },
      { digest: digestOf('content') },
    ]);
  });

  it.runIf(existsSync('/proc/self/mem'))('survives a medium that gives an I/O error', async () => {
    // Nothing is mapped at address 0 of any process: the kernel answers EIO, as it does for a bad sector.
    const bad = { file: '/proc/self/mem', position: 4096, length: 10 };
    const good = { file: '/proc/self/exe', position: 1, length: 3 };
    expect(await outcomesOf([{ extents: [good] }, { extents: [bad] }])).toEqual([
      { digest: digestOf('ELF') },
      { failure: { file: bad.file, position: 4096, code: 'EIO', message: expect.stringContaining('EIO') } },
    ]);
  });

  it('ends at once when it is interrupted, also in the middle of a large file', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    const length = 4 * 1024 ** 3;
    truncateSync(file, length);
    const controller = new AbortController();
    const outcomes: HashOutcome[] = [];
    const hashing = hashFiles([{ extents: [{ file, position: 0, length }] }], {
      workers: 1,
      signal: controller.signal,
      onBytes: () => controller.abort(),
      onOutcome: (_, outcome) => outcomes.push(outcome),
    });
    await expect(hashing).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(outcomes).toEqual([]);
  });

  it('passes on what the listener throws', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'file');
    writeFileSync(file, 'x');
    const fail = (): never => {
      throw new Error('listener');
    };
    await expect(
      outcomesOf([{ extents: [{ file, position: 0, length: 1 }] }], { onBytes: fail }),
    ).rejects.toThrow('listener');
  });
});
