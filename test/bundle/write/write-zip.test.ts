import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkBundle } from '../../../src/bundle/check/check.ts';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import type { Progress } from '../../../src/bundle/write/progress.ts';
import { openBundle } from '../../../src/bundle/open.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import { streamOf } from '../../../src/internal/bytes.ts';
import type { Finding } from '../../../src/internal/finding.ts';
import { plannedFile, plannedImage, plannedK3s, sampleSource } from '../../support/planned/items.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { packZipOf } from '../../support/samples/sample-zip.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const SAMPLES = [
  plannedImage('docker.io/rancher/rancher:v2.9.2', {
    layers: 3,
    layerBytes: 300_000,
    sharedLayers: ['base'],
  }),
  plannedImage('docker.io/library/busybox:1.36', { sharedLayers: ['base'] }),
  plannedFile('empty.txt', Buffer.alloc(0)),
  plannedFile('large.bin', incompressibleBytes('large', 5_000_001)),
  plannedK3s('v1.30.6+k3s1'),
];
const plan = planBundle(
  'lab',
  SAMPLES.map(({ planned }) => planned),
);
const total = plan.blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
const largest = [...plan.blobs].reduce((left, right) =>
  left.descriptor.size > right.descriptor.size ? left : right,
).descriptor.digest;
const expected = await packZipOf(sampleBundle(SAMPLES).files);
const shape = { form: 'zip' } as const;

function temporary(): Disposable & { readonly path: string; readonly out: string } {
  const folder = temporaryFolder();
  return { ...folder, out: join(folder.path, 'lab.zip') };
}

describe('a bundle written as a zip', () => {
  it.each([
    [1, 501],
    [3, 65_536],
    [50, 4_000_000],
  ])('is the same with %d streams and chunks of %d bytes, and sound', async (concurrency, chunk) => {
    using folder = temporary();
    const source = sampleSource(SAMPLES, { chunk });
    const result = await writeBundle(plan, source, { path: folder.out, shape, concurrency });
    expect(readFileSync(folder.out).equals(expected)).toBe(true);
    expect(readdirSync(folder.path)).toEqual(['lab.zip']);
    expect(result).toEqual({
      root: plan.root,
      path: folder.out,
      paths: [folder.out],
      bytes: expected.length,
      blobs: plan.blobs.length,
      fetchedBytes: total,
      reusedBytes: 0,
    });
    await using bundle = await openBundle(folder.out);
    expect(bundle).toMatchObject({ shape: 'zip', root: plan.root });
    expect(await checkBundle(bundle)).toEqual([]);
    // The same with threads, which read the file by themselves.
    expect(await checkBundle(bundle, { workers: 2 })).toEqual([]);
  });

  it('has its head in the first kilobytes of the file', async () => {
    for (const { path, bytes } of plan.files) {
      const at = expected.indexOf(bytes);
      expect({ path, isEarly: at > 0 && at < 64 * 1024 }).toEqual({ path, isEarly: true });
    }
  });

  it('is read in place from volumes', async () => {
    using folder = temporary();
    const path = folder.out;
    const volumeSize = 1_000_003;
    const result = await writeBundle(plan, sampleSource(SAMPLES), { path, shape: { ...shape, volumeSize } });
    expect(result.path).toBe(`${path}.001`);
    const volumes = readdirSync(folder.path).filter((name) => /\.\d{3}$/.test(name));
    expect(Buffer.concat(volumes.map((name) => readFileSync(join(folder.path, name)))).equals(expected)).toBe(
      true,
    );
    await using bundle = await openBundle(result.path);
    expect(await checkBundle(bundle, { workers: 2 })).toEqual([]);
  });

  it('says how far it is, up to all of it', async () => {
    using folder = temporary();
    const steps: Progress[] = [];
    const onProgress = (step: Progress): void => void steps.push(step);
    await writeBundle(plan, sampleSource(SAMPLES), { path: folder.out, shape, onProgress });
    expect(steps.at(-1)).toMatchObject({
      fetchedBytes: total,
      totalBytes: total,
      doneBlobs: plan.blobs.length,
    });
  });

  it('leaves no final name when it is interrupted, and continues from there', async () => {
    using folder = temporary();
    writeFileSync(folder.out, 'old');
    const stop = new AbortController();
    const options = { path: folder.out, shape };
    // In the middle of the largest: everything else is smaller than what is left of it.
    const onProgress = ({ fetchedBytes }: Progress): void => {
      if (fetchedBytes > total - 2_500_000) stop.abort();
    };
    await expect(
      writeBundle(plan, sampleSource(SAMPLES), { ...options, onProgress, signal: stop.signal }),
    ).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(readFileSync(folder.out, 'utf8')).toBe('old');
    expect(existsSync(`${folder.out}.partial`)).toBe(true);
    const findings: Finding[] = [];
    const again = await writeBundle(plan, sampleSource(SAMPLES), {
      ...options,
      onFinding: (finding) => findings.push(finding),
    });
    expect(readFileSync(folder.out).equals(expected)).toBe(true);
    expect(again.fetchedBytes + again.reusedBytes).toBe(total);
    expect(again.reusedBytes).toBeGreaterThan(0);
    expect(findings).toEqual([]);
  });

  it.each([
    ['a flipped bit', (bytes: Uint8Array) => streamOf(flipped(bytes)), 'ERR_DIGEST_MISMATCH'],
    ['an early end', (bytes: Uint8Array) => streamOf(bytes.subarray(0, -1)), 'ERR_SIZE_MISMATCH'],
    [
      'a byte too many',
      (bytes: Uint8Array) => streamOf(Buffer.concat([bytes, Buffer.from('x')])),
      'ERR_SIZE_MISMATCH',
    ],
  ])('never takes %s for the content', async (_, wrong, code) => {
    using folder = temporary();
    const content = SAMPLES.flatMap((sample) => sample.contents).find(
      ({ descriptor }) => descriptor.digest === largest,
    );
    const source = sampleSource(SAMPLES, {
      instead: (digest) => (digest === largest ? wrong(Buffer.from(content?.bytes ?? [])) : undefined),
    });
    await expect(writeBundle(plan, source, { path: folder.out, shape })).rejects.toMatchObject({
      code,
      problems: [{ code, message: expect.stringContaining(`Cannot verify blob "${largest}": `) }],
    });
    expect(source.opened.filter(({ digest }) => digest === largest)).toHaveLength(3);
    expect(existsSync(folder.out)).toBe(false);
  });

  it('is right all the same when the source was wrong at first', async () => {
    using folder = temporary();
    const source = sampleSource(SAMPLES, {
      instead: (digest, _, { attempt }) =>
        digest === largest && attempt < 3 ? streamOf(incompressibleBytes('wrong', 5_000_001)) : undefined,
    });
    const result = await writeBundle(plan, source, { path: folder.out, shape });
    expect(readFileSync(folder.out).equals(expected)).toBe(true);
    expect(result).toMatchObject({ fetchedBytes: expect.any(Number), bytes: expected.length });
  });
});

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt8((copy[1000] ?? 0) ^ 4, 1000);
  return copy;
}
