import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Archive } from '../../src/archive/archive.ts';
import { memoryArchive } from '../../src/archive/memory.ts';
import { openBundle, readBundle } from '../../src/bundle/open.ts';
import { SaddlebagError } from '../../src/internal/error.ts';
import { ProblemsError } from '../../src/internal/problems.ts';
import { requireIntact } from '../../src/steps/require-intact.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { plannedFile } from '../support/planned/items.ts';
import { SAMPLES, sampleBundle } from '../support/samples/sample-bundle.ts';
import { incompressibleBytes } from '../support/samples/sample-image.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { NOBODY } from '../support/surroundings.ts';

/** Large enough that threads are started for it. */
const LARGE = plannedFile('large.bin', incompressibleBytes('large', 20_000_000));
const sample = sampleBundle([...SAMPLES, LARGE]);
const content = [...sample.files].find(([, bytes]) => bytes.length === 20_000_000)?.[0] ?? '';
const bytes = [...sample.files.values()].reduce((sum, { length }) => sum + length, 0);

function onDisk(): Disposable & { readonly folder: string; readonly tar: string; readonly unpacked: string } {
  const folder = temporaryFolder();
  const [tar, unpacked] = [join(folder.path, 'lab.tar'), join(folder.path, 'lab')];
  writeFileSync(tar, sample.tar);
  mkdirSync(unpacked);
  execFileSync('tar', ['-xf', tar, '-C', unpacked]);
  return { folder: folder.path, tar, unpacked, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

describe('verify', () => {
  it('finds a good bundle good, as a tar and unpacked, with any number of threads', async () => {
    using disk = onDisk();
    for (const path of [disk.tar, disk.unpacked]) {
      for (const workers of [undefined, 1, 3]) {
        const result = await verifyBundle({ path, workers }, NOBODY);
        expect(result).toEqual({
          root: sample.plan.root,
          ok: true,
          signed: false,
          signature: 'none',
          problems: [],
          bytes,
          seconds: expect.any(Number),
        });
      }
    }
  });

  it('agrees with sha256sum about an unpacked bundle', () => {
    using disk = onDisk();
    const output = execFileSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], {
      cwd: disk.unpacked,
      encoding: 'utf8',
    });
    expect(output.trim().split('\n')).toHaveLength(sample.files.size - 2);
  });

  it('finds one changed bit in a large blob, in threads', async () => {
    using disk = onDisk();
    const entry = sample.layout.entries.find(({ path }) => path === content);
    const tar = Buffer.from(sample.tar);
    const at = (entry?.position ?? 0) + 19_999_999;
    tar.writeUInt8(tar.readUInt8(at) ^ 1, at);
    writeFileSync(disk.tar, tar);
    const result = await verifyBundle({ path: disk.tar }, NOBODY);
    expect(result.ok).toBe(false);
    expect(result.problems).toMatchObject([{ code: 'ERR_DIGEST_MISMATCH', path: content }]);
  });

  it('finds what is wrong in a folder: something missing, something more, something shorter, a link', async () => {
    using disk = onDisk();
    const [first, second] = sample.plan.document.blobs.map(({ digest }) => `blobs/sha256/${digest.slice(7)}`);
    rmSync(join(disk.unpacked, first ?? ''));
    writeFileSync(join(disk.unpacked, 'more.txt'), 'x');
    writeFileSync(join(disk.unpacked, content), 'short');
    renameSync(join(disk.unpacked, second ?? ''), join(disk.folder, 'elsewhere'));
    symlinkSync(join(disk.folder, 'elsewhere'), join(disk.unpacked, second ?? ''));
    const { problems } = await verifyBundle({ path: disk.unpacked }, NOBODY);
    expect(new Set(problems.map(({ code, path }) => `${code} ${path}`))).toEqual(
      new Set([
        `ERR_CONTENT_NOT_FOUND ${first}`,
        'ERR_BUNDLE_INVALID more.txt',
        `ERR_SIZE_MISMATCH ${content}`,
        `ERR_ARCHIVE_INVALID ${second}`,
      ]),
    );
  });

  it.runIf(existsSync('/proc/self/mem'))('goes past a bad spot of the medium and names it', async () => {
    const memory = memoryArchive(sample.files);
    // Nothing is mapped at the beginning of a process: reading there gives EIO, as a bad sector does.
    const bad: Archive = {
      ...memory,
      extents: async (path) =>
        path === content ? [{ file: '/proc/self/mem', position: 4096, length: 20_000_000 }] : undefined,
    };
    await using bundle = await readBundle(bad, { path: 'lab.tar' });
    const failure = await requireIntact(bundle).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ProblemsError);
    expect(failure).toMatchObject({
      code: 'ERR_BUNDLE_DAMAGED',
      message: 'Cannot use bundle "lab.tar": it has 1 problem',
      problems: [
        {
          code: 'ERR_DISK_FAILED',
          message: `Cannot verify "${content}" of file "large.bin": Cannot read "/proc/self/mem" at byte 4096: the medium cannot be read there (EIO)`,
        },
      ],
    });
  });

  it('reports progress that ends at the whole', async () => {
    using disk = onDisk();
    let last = { bytesDone: 0, bytesTotal: 1 };
    await verifyBundle({ path: disk.tar, workers: 2 }, NOBODY, {
      onProgress: (progress) => (last = progress),
    });
    expect(last.bytesDone).toBe(last.bytesTotal);
    expect(last.bytesTotal).toBeGreaterThan(20_000_000);
  });

  it('stops when it is interrupted', async () => {
    using disk = onDisk();
    const controller = new AbortController();
    const verifying = verifyBundle({ path: disk.tar, workers: 2 }, NOBODY, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(verifying).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await expect(
      verifyBundle({ path: disk.tar }, NOBODY, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({
      code: 'ERR_INTERRUPTED',
    });
  });

  it.each([
    ['nothing', undefined, 'ERR_BUNDLE_NOT_FOUND', 'there is no such file'],
    ['an empty file', Buffer.alloc(0), 'ERR_BUNDLE_NOT_FOUND', 'the file is empty'],
    ['an empty zip', Buffer.from('504b05060000', 'hex'), 'ERR_BUNDLE_INVALID', 'it is an empty zip file'],
    ['gzip', Buffer.from('1f8b0800', 'hex'), 'ERR_BUNDLE_INVALID', 'compressed with gzip'],
    ['zstd', Buffer.from('28b52ffd00', 'hex'), 'ERR_BUNDLE_INVALID', 'compressed with zstd'],
    ['xz', Buffer.from('fd377a585a0000', 'hex'), 'ERR_BUNDLE_INVALID', 'compressed with xz'],
    ['text', Buffer.from('hello'), 'ERR_BUNDLE_INVALID', 'neither a tar, a zip nor a folder'],
    ['zeros', Buffer.alloc(4096), 'ERR_BUNDLE_INVALID', 'neither a tar, a zip nor a folder'],
  ])('of %s says what it is', async (_, data, code, fact) => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'lab.tar');
    if (data !== undefined) writeFileSync(path, data);
    const failure: unknown = await verifyBundle({ path }, NOBODY).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SaddlebagError);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(`Cannot open "${path}": `) });
    expect(failure).toMatchObject({ message: expect.stringContaining(fact), hint: expect.any(String) });
  });
});

describe('an intact bundle', () => {
  it('passes before an install', async () => {
    using disk = onDisk();
    await using bundle = await openBundle(disk.tar);
    await expect(requireIntact(bundle)).resolves.toMatchObject({ problems: [], madeGood: [] });
  });
});
