import {
  appendFileSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import { layoutOf, writeBundle } from '../../../src/bundle/write/write.ts';
import type { ByteStream } from '../../../src/internal/bytes.ts';
import type { Finding } from '../../../src/internal/finding.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { plannedFile, plannedImage, type SampleSource, sampleSource } from '../../support/planned/items.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { waitUntil } from '../../support/wait-until.ts';

const LARGE = incompressibleBytes('large', 6_000_000);
const SAMPLES = [
  plannedFile('large.bin', LARGE),
  plannedFile('second.bin', incompressibleBytes('second', 2_500_000)),
  plannedImage('docker.io/rancher/rancher:v2.9.2', { layerBytes: 100_000 }),
];
const plan = planBundle(
  'lab',
  SAMPLES.map(({ planned }) => planned),
);
const total = plan.blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
const large = digestOf(LARGE);
const largeAt = layoutOf(plan).entries.find(({ path }) => path.endsWith(large.slice(7)))?.position ?? 0;

class Folder implements Disposable {
  readonly #folder = temporaryFolder();
  readonly out: string = join(this.#folder.path, 'lab.tar');
  readonly partial = `${this.out}.partial`;
  readonly journal = `${this.out}.partial.journal`;
  names(): string[] {
    return readdirSync(this.#folder.path).toSorted();
  }
  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

/** Returns the bytes of a bundle that nothing disturbed. */
async function undisturbed(): Promise<Buffer> {
  using folder = new Folder();
  await writeBundle(plan, sampleSource(SAMPLES), { path: folder.out });
  return readFileSync(folder.out);
}

/** Builds until the large blob has sent `bytes`, then interrupts. */
async function interruptAt(folder: Folder, bytes: number): Promise<void> {
  const interrupt = new AbortController();
  const source = sampleSource(SAMPLES, {
    instead: (digest, honest) =>
      digest === large ? tapped(honest, bytes, () => interrupt.abort()) : undefined,
  });
  await expect(
    writeBundle(plan, source, { path: folder.out, signal: interrupt.signal }),
  ).rejects.toMatchObject({ code: 'ERR_INTERRUPTED', hint: expect.stringContaining('continues') });
}

function offsetOf(source: SampleSource): number | undefined {
  return source.opened.find(({ digest }) => digest === large)?.offset;
}

/** What the journal says in its last line about the large blob. */
function journaled(folder: Folder): number {
  const lines = readFileSync(folder.journal, 'utf8')
    .split('\n')
    .filter((line) => line.includes(large));
  const record: { bytes: number } = JSON.parse(lines.at(-1) ?? '{"bytes":-1}');
  return record.bytes;
}

describe('an interrupted build', () => {
  it('continues inside the blob it was in, and ends with the same bytes', async () => {
    using folder = new Folder();
    await interruptAt(folder, 4_000_000);
    expect(folder.names()).toEqual(['lab.tar.partial', 'lab.tar.partial.journal']);
    const position = journaled(folder);
    expect(position).toBeGreaterThan(2_000_000);
    const source = sampleSource(SAMPLES);
    const result = await writeBundle(plan, source, { path: folder.out });
    expect(offsetOf(source)).toBe(position);
    expect(result.reusedBytes).toBeGreaterThanOrEqual(position);
    expect(result.fetchedBytes + result.reusedBytes).toBe(total);
    expect(readFileSync(folder.out).equals(await undisturbed())).toBe(true);
    expect(folder.names()).toEqual(['lab.tar']);
  });

  it('continues again and again', async () => {
    using folder = new Folder();
    for (const bytes of [2_000_000, 2_000_000, 2_000_000]) await interruptAt(folder, bytes);
    const source = sampleSource(SAMPLES);
    await writeBundle(plan, source, { path: folder.out });
    expect(offsetOf(source)).toBeGreaterThan(3_000_000);
    expect(readFileSync(folder.out).equals(await undisturbed())).toBe(true);
  });

  it('does not ask again for blobs that were complete', async () => {
    using folder = new Folder();
    const stuck = sampleSource(SAMPLES, { instead: (digest) => (digest === large ? silence() : undefined) });
    const interrupt = new AbortController();
    await expect(
      writeBundle(plan, stuck, {
        path: folder.out,
        signal: interrupt.signal,
        onProgress: ({ doneBlobs, totalBlobs }) => {
          if (doneBlobs === totalBlobs - 1) interrupt.abort();
        },
      }),
    ).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    const source = sampleSource(SAMPLES);
    const result = await writeBundle(plan, source, { path: folder.out });
    expect(source.opened).toEqual([{ digest: large, offset: 0 }]);
    expect(result).toMatchObject({ fetchedBytes: LARGE.length, reusedBytes: total - LARGE.length });
  });

  it('stops although a source never answers', async () => {
    using folder = new Folder();
    const interrupt = new AbortController();
    const source = sampleSource(SAMPLES, { instead: () => silence() });
    const building = writeBundle(plan, source, { path: folder.out, signal: interrupt.signal });
    await waitUntil(() => source.opened.length > 0);
    interrupt.abort();
    await expect(building).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  it('does not begin at all when it is interrupted before', async () => {
    using folder = new Folder();
    const source = sampleSource(SAMPLES);
    await expect(
      writeBundle(plan, source, { path: folder.out, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(source.opened).toEqual([]);
    expect(folder.names()).toEqual([]);
  });
});

describe('a partial that is not what its journal says', () => {
  it('is fetched from the start again where its bytes are wrong', async () => {
    using folder = new Folder();
    await interruptAt(folder, 4_000_000);
    const position = journaled(folder);
    writeSync(openSync(folder.partial, 'r+'), 'rot', largeAt + 1000);
    const source = sampleSource(SAMPLES);
    const result = await writeBundle(plan, source, { path: folder.out });
    expect(source.opened.filter(({ digest }) => digest === large)).toEqual([
      { digest: large, offset: position },
      { digest: large, offset: 0 },
    ]);
    expect(readFileSync(folder.out).equals(await undisturbed())).toBe(true);
    expect(result.fetchedBytes + result.reusedBytes).toBe(total);
  });

  it('is fetched again where a blob that was complete has rotted', async () => {
    using folder = new Folder();
    await interruptAt(folder, 4_000_000);
    const lines = readFileSync(folder.journal, 'utf8');
    writeFileSync(folder.journal, `${lines}${JSON.stringify({ digest: large, bytes: LARGE.length })}\n`);
    const source = sampleSource(SAMPLES);
    await writeBundle(plan, source, { path: folder.out });
    expect(offsetOf(source)).toBe(0);
    expect(readFileSync(folder.out).equals(await undisturbed())).toBe(true);
  });

  it('has its head and everything between the blobs written again', async () => {
    using folder = new Folder();
    await interruptAt(folder, 4_000_000);
    const file = openSync(folder.partial, 'r+');
    writeSync(file, 'x'.repeat(2000), 0);
    writeSync(file, 'x'.repeat(512), largeAt - 512);
    await writeBundle(plan, sampleSource(SAMPLES), { path: folder.out });
    expect(readFileSync(folder.out).equals(await undisturbed())).toBe(true);
  });

  it.each([
    ['a last line torn by a power cut', (f: Folder) => appendFileSync(f.journal, `{"digest":"${large}","by`)],
    [
      'lines of nonsense',
      (f: Folder) => appendFileSync(f.journal, '\n\0\0\0\n[1]\n"x"\n{"digest":"x","bytes":1}\n'),
    ],
    [
      'positions that cannot be',
      (f: Folder) => appendFileSync(f.journal, `{"digest":"${digestOf('x')}","bytes":-5}\n`),
    ],
  ])('continues despite %s', async (_, damage) => {
    using folder = new Folder();
    await interruptAt(folder, 4_000_000);
    const position = journaled(folder);
    damage(folder);
    const source = sampleSource(SAMPLES);
    await writeBundle(plan, source, { path: folder.out });
    expect(offsetOf(source)).toBe(position);
    expect(readFileSync(folder.out).equals(await undisturbed())).toBe(true);
  });

  it.each([
    ['the journal is lost', (f: Folder) => rmSync(f.journal)],
    ['the journal is empty', (f: Folder) => truncateSync(f.journal)],
    ['the partial is lost', (f: Folder) => rmSync(f.partial)],
    ['the partial is cut short', (f: Folder) => truncateSync(f.partial, largeAt + 10)],
    [
      'the journal claims more than there can be',
      (f: Folder) => appendFileSync(f.journal, `{"digest":"${large}","bytes":${2 ** 50}}\n`),
    ],
  ])('leads to the same bytes when %s', async (_, damage) => {
    using folder = new Folder();
    await interruptAt(folder, 4_000_000);
    damage(folder);
    const source = sampleSource(SAMPLES);
    await writeBundle(plan, source, { path: folder.out });
    expect(offsetOf(source)).toBe(0);
    expect(readFileSync(folder.out).equals(await undisturbed())).toBe(true);
  });

  it('is started over, and that is said, when it belongs to another bundle', async () => {
    using folder = new Folder();
    await interruptAt(folder, 4_000_000);
    const other = planBundle(
      'other',
      SAMPLES.map(({ planned }) => planned),
    );
    const findings: Finding[] = [];
    const source = sampleSource(SAMPLES);
    const result = await writeBundle(other, source, {
      path: folder.out,
      onFinding: (one) => findings.push(one),
    });
    expect(findings).toMatchObject([
      { level: 'warning', message: expect.stringContaining('another bundle'), hint: expect.any(String) },
    ]);
    expect(result).toMatchObject({ root: other.root, reusedBytes: 0 });
    expect(offsetOf(source)).toBe(0);
  });
});

/** Hands a stream on and calls `then` once `bytes` have gone through. */
async function* tapped(stream: ByteStream, bytes: number, then: () => void): ByteStream {
  let count = 0;
  for await (const chunk of stream) {
    yield chunk;
    count += chunk.length;
    if (count >= bytes) then();
  }
}

/** A stream that never says anything, and does not listen either. */
async function* silence(): ByteStream {
  yield await new Promise<Uint8Array>(() => undefined);
}
