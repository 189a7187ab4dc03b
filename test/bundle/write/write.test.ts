import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import type { Progress } from '../../../src/bundle/write/progress.ts';
import { layoutOf, writeBundle } from '../../../src/bundle/write/write.ts';
import { streamOf } from '../../../src/internal/bytes.ts';
import { SaddlebagError } from '../../../src/internal/error.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { plannedFile, plannedImage, plannedK3s, sampleSource } from '../../support/planned/items.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { waitUntil } from '../../support/wait-until.ts';

const SAMPLES = [
  plannedImage('docker.io/rancher/rancher:v2.9.2', {
    layers: 3,
    layerBytes: 300_000,
    sharedLayers: ['base'],
  }),
  plannedImage('docker.io/library/busybox:1.36', {
    platforms: ['linux/arm64', 'linux/amd64'],
    sharedLayers: ['base'],
  }),
  plannedFile('empty.txt', Buffer.alloc(0)),
  plannedFile('large.bin', incompressibleBytes('large', 3_000_001)),
  plannedK3s('v1.30.6+k3s1'),
];
const plan = planBundle(
  'lab',
  SAMPLES.map(({ planned }) => planned),
);
const total = plan.blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0);

/** Blobs that come over the wire, in archive order. */
const remote = plan.blobs.filter(({ origin }) => origin.type !== 'bytes').map(({ descriptor }) => descriptor);
const largest: Digest = remote.reduce((left, right) => (left.size > right.size ? left : right)).digest;

const expected = sampleBundle(SAMPLES).tar;

function temporary(): Disposable & { readonly path: string; readonly out: string } {
  const folder = temporaryFolder();
  return { ...folder, out: join(folder.path, 'lab.tar') };
}

describe('a written bundle', () => {
  it('is the archive that was laid out, and nothing is left beside it', async () => {
    using folder = temporary();
    const result = await writeBundle(plan, sampleSource(SAMPLES), { path: folder.out });
    expect(readFileSync(folder.out).equals(expected)).toBe(true);
    expect(readdirSync(folder.path)).toEqual(['lab.tar']);
    expect(result).toEqual({
      root: plan.root,
      path: folder.out,
      paths: [folder.out],
      bytes: layoutOf(plan).size,
      blobs: plan.blobs.length,
      fetchedBytes: total,
      reusedBytes: 0,
    });
  });

  it.each([
    [1, 7],
    [3, 65_536],
    [50, 4_000_000],
  ])('is the same with %d streams and chunks of %d bytes', async (concurrency, chunk) => {
    using folder = temporary();
    await writeBundle(plan, sampleSource(SAMPLES, { chunk: Math.max(chunk, 501) }), {
      path: folder.out,
      concurrency,
    });
    expect(readFileSync(folder.out).equals(expected)).toBe(true);
  });

  it('passes `sha256sum -c SHA256SUMS` when unpacked by GNU tar', async () => {
    using folder = temporary();
    await writeBundle(plan, sampleSource(SAMPLES), { path: folder.out });
    execFileSync('tar', ['xf', folder.out, '-C', folder.path]);
    const report = execFileSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], {
      cwd: folder.path,
      encoding: 'utf8',
    });
    expect(report.trim().split('\n')).toHaveLength(plan.files.length - 2 + plan.blobs.length);
    expect(report).not.toContain('FAILED');
  });

  it('asks for every blob that is not at hand once, from its start', async () => {
    using folder = temporary();
    const source = sampleSource(SAMPLES);
    await writeBundle(plan, source, { path: folder.out });
    expect(source.opened.map(({ digest }) => digest).toSorted()).toEqual(
      remote
        .filter(({ size }) => size > 0)
        .map(({ digest }) => digest)
        .toSorted(),
    );
    expect(source.opened.every(({ offset }) => offset === 0)).toBe(true);
  });

  it('asks for the largest first, so that it does not run alone at the end', async () => {
    using folder = temporary();
    const source = sampleSource(SAMPLES);
    await writeBundle(plan, source, { path: folder.out, concurrency: 1 });
    expect(source.opened[0]?.digest).toBe(largest);
  });

  it('replaces an older one only when it is complete', async () => {
    using folder = temporary();
    writeFileSync(folder.out, 'old');
    const seen: string[] = [];
    const source = sampleSource(SAMPLES, {
      instead: () => {
        seen.push(readFileSync(folder.out, 'utf8'));
        return undefined;
      },
    });
    await writeBundle(plan, source, { path: folder.out });
    expect(new Set(seen)).toEqual(new Set(['old']));
    expect(readFileSync(folder.out).equals(expected)).toBe(true);
  });

  it('says how far it is, up to all of it', async () => {
    using folder = temporary();
    const steps: Progress[] = [];
    await writeBundle(plan, sampleSource(SAMPLES), {
      path: folder.out,
      onProgress: (step) => steps.push(step),
    });
    const bytes = steps.map(({ fetchedBytes }) => fetchedBytes);
    expect(bytes).toEqual(bytes.toSorted((left, right) => left - right));
    expect(steps.at(-1)).toEqual({
      fetchedBytes: total,
      reusedBytes: 0,
      totalBytes: total,
      doneBlobs: plan.blobs.length,
      totalBlobs: plan.blobs.length,
      underWay: [],
    });
  });

  it('holds nothing but its head when there is nothing to hold', async () => {
    using folder = temporary();
    const empty = planBundle('empty', []);
    const result = await writeBundle(empty, sampleSource([]), { path: folder.out });
    expect(result).toMatchObject({ blobs: 0, fetchedBytes: 0 });
    expect(execFileSync('tar', ['tf', folder.out], { encoding: 'utf8' })).toBe(
      empty.files.map(({ path }) => `${path}\n`).join(''),
    );
  });
});

describe('a source that sends something else', () => {
  it.each([
    [
      'a flipped bit',
      async function* (bytes: Uint8Array) {
        yield flipped(bytes);
      },
      'ERR_DIGEST_MISMATCH',
    ],
    ['an early end', (bytes: Uint8Array) => streamOf(bytes.subarray(0, -1)), 'ERR_SIZE_MISMATCH'],
    [
      'a byte too many',
      (bytes: Uint8Array) => streamOf(Buffer.concat([bytes, Buffer.from('x')])),
      'ERR_SIZE_MISMATCH',
    ],
    ['nothing at all', () => streamOf(Buffer.alloc(0)), 'ERR_SIZE_MISMATCH'],
  ])('%s is asked three times and then named', async (_, wrong, code) => {
    using folder = temporary();
    const content = SAMPLES.flatMap((sample) => sample.contents).find(
      (one) => one.descriptor.digest === largest,
    );
    const source = sampleSource(SAMPLES, {
      instead: (digest) => (digest === largest ? wrong(Buffer.from(content?.bytes ?? [])) : undefined),
    });
    await expect(writeBundle(plan, source, { path: folder.out })).rejects.toMatchObject({
      code,
      problems: [
        {
          code,
          message: expect.stringContaining(`Cannot verify blob "${largest}": `),
          hint: expect.any(String),
        },
      ],
    });
    expect(source.opened.filter(({ digest }) => digest === largest)).toHaveLength(3);
    expect(readdirSync(folder.path).toSorted()).toEqual(['lab.tar.partial', 'lab.tar.partial.journal']);
  });

  it('that is a bundle on this machine is asked once: it gives the same bytes each time', async () => {
    using folder = temporary();
    const local = {
      ...plan,
      blobs: plan.blobs.map((blob) => ({ ...blob, origin: { type: 'bundle', path: 'old.tar' } as const })),
    };
    const source = sampleSource(SAMPLES, {
      instead: (digest) => (digest === largest ? streamOf(Buffer.from('wrong')) : undefined),
    });
    await expect(writeBundle(local, source, { path: folder.out })).rejects.toMatchObject({
      problems: [{ message: expect.stringContaining('read from "old.tar"') }],
    });
    expect(source.opened.filter(({ digest }) => digest === largest)).toHaveLength(1);
  });

  it('is forgiven when it gets it right at the second or third time', async () => {
    using folder = temporary();
    const source = sampleSource(SAMPLES, {
      instead: (digest, honest, { attempt }) => {
        if (attempt === 1 && digest === largest) return streamOf(incompressibleBytes('wrong', 2_500_000));
        return attempt === 2 && digest === largest ? withoutEnd(honest) : undefined;
      },
    });
    const result = await writeBundle(plan, source, { path: folder.out });
    expect(readFileSync(folder.out).equals(expected)).toBe(true);
    expect(result).toMatchObject({ fetchedBytes: total, reusedBytes: 0 });
  });

  it('never writes beyond the place of the blob', async () => {
    using folder = temporary();
    const source = sampleSource(SAMPLES, {
      instead: (digest) =>
        digest === largest ? streamOf(incompressibleBytes('flood', 9_000_000)) : undefined,
    });
    await expect(writeBundle(plan, source, { path: folder.out })).rejects.toMatchObject({
      code: 'ERR_SIZE_MISMATCH',
    });
    const written = readFileSync(`${folder.out}.partial`);
    const entry = layoutOf(plan).entries.find(({ path }) => path.endsWith(largest.slice(7)));
    const { position = 0, size = 0 } = entry ?? {};
    expect(written.subarray(0, position).equals(expected.subarray(0, position))).toBe(true);
    expect(written.subarray(position + size).equals(expected.subarray(position + size))).toBe(true);
  });

  it('is reported with all others, in one go, while the rest is fetched', async () => {
    using folder = temporary();
    const [first, second, third] = remote.filter(({ size }) => size > 0).map(({ digest }) => digest);
    const source = sampleSource(SAMPLES, {
      instead: (digest, honest) => {
        if (digest === first) return withoutEnd(honest);
        if (digest === second)
          return failing(new SaddlebagError('ERR_UPSTREAM_NOT_FOUND', 'Cannot fetch "x": gone'));
        if (digest === third) return failing(new SaddlebagError('ERR_HTTP_STATUS', 'Cannot fetch "y": 500'));
        return undefined;
      },
    });
    const failure = writeBundle(plan, source, { path: folder.out });
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_SIZE_MISMATCH',
      message: 'Cannot complete bundle: 3 blobs could not be fetched',
      problems: [
        { code: 'ERR_SIZE_MISMATCH' },
        { code: 'ERR_UPSTREAM_NOT_FOUND' },
        { code: 'ERR_HTTP_STATUS' },
      ],
    });
    const again = sampleSource(SAMPLES);
    await writeBundle(plan, again, { path: folder.out });
    expect(new Set(again.opened.map(({ digest }) => digest))).toEqual(new Set([first, second, third]));
    expect(readFileSync(folder.out).equals(expected)).toBe(true);
  });

  it('is named without the secrets of its URL', async () => {
    using folder = temporary();
    const source = sampleSource(SAMPLES, { instead: () => streamOf(Buffer.from('x')) });
    const error: unknown = await writeBundle(plan, source, { path: folder.out }).catch(
      (reason: unknown) => reason,
    );
    const shown = JSON.stringify(error, ['problems', 'message', 'hint']);
    expect(shown).toContain('https://files.test/large.bin/large.bin');
    expect(shown).toContain('docker.io/rancher/rancher:v2.9.2');
    expect(shown).not.toContain('secret');
  });

  it('that throws something other than our errors is a bug, and stops everything', async () => {
    using folder = temporary();
    const source = sampleSource(SAMPLES, {
      instead: (digest) => (digest === largest ? failing(new TypeError('oops')) : undefined),
    });
    await expect(writeBundle(plan, source, { path: folder.out, concurrency: 1 })).rejects.toThrow(TypeError);
    expect(source.opened).toHaveLength(1);
  });
});

describe('an output that cannot be', () => {
  it.each([
    ['in a folder that is not there', 'none/lab.tar', 'there is no folder'],
    ['in a file', 'file/lab.tar', 'not a folder'],
    ['that is a folder', 'folder', 'it is a folder'],
  ])('%s is refused before anything is fetched', async (_, name, fact) => {
    using folder = temporary();
    writeFileSync(join(folder.path, 'file'), '');
    mkdirSync(join(folder.path, 'folder'));
    const source = sampleSource(SAMPLES);
    await expect(writeBundle(plan, source, { path: join(folder.path, name) })).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining(fact),
      hint: expect.any(String),
    });
    expect(source.opened).toEqual([]);
    expect(readdirSync(folder.path).toSorted()).toEqual(['file', 'folder']);
  });

  it('in place of a device is refused, or a rename would replace the device', async () => {
    await expect(writeBundle(plan, sampleSource(SAMPLES), { path: '/dev/null' })).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining('not a regular file'),
    });
  });

  it('that another build is writing is refused, and left to it', async () => {
    using folder = temporary();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = sampleSource(SAMPLES, {
      instead: (digest, honest) => (digest === largest ? after(held, honest) : undefined),
    });
    const first = writeBundle(plan, slow, { path: folder.out });
    await waitUntil(() => slow.opened.length > 0);
    const other = sampleSource(SAMPLES);
    await expect(writeBundle(plan, other, { path: folder.out })).rejects.toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
      message: expect.stringContaining(`process ${process.pid} is writing`),
    });
    expect(other.opened).toEqual([]);
    release();
    await first;
    expect(readFileSync(folder.out).equals(expected)).toBe(true);
    expect(readdirSync(folder.path)).toEqual(['lab.tar']);
  });
});

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt8((copy[1000] ?? 0) ^ 4, 1000);
  return copy;
}

async function* withoutEnd(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let last: Uint8Array | undefined;
  for await (const chunk of stream) {
    if (last !== undefined) yield last;
    last = chunk;
  }
}

// oxlint-disable-next-line require-yield
async function* failing(error: Error): AsyncIterable<Uint8Array> {
  throw error;
}

async function* after(ready: Promise<void>, stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  await ready;
  yield* stream;
}
