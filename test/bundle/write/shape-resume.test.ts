import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Filesystem } from '../../../src/disk/filesystem.ts';
import type { Shape } from '../../../src/bundle/shape.ts';
import { writeBundle, type WriteResult } from '../../../src/bundle/write/write.ts';
import type { ByteStream } from '../../../src/internal/bytes.ts';
import type { Finding } from '../../../src/internal/finding.ts';
import { SaddlebagError } from '../../../src/internal/error.ts';
import { streamOf } from '../../../src/internal/bytes.ts';
import { type SampleSource, sampleSource } from '../../support/planned/items.ts';
import {
  LARGE,
  SHAPE_PLAN,
  SHAPE_SAMPLES,
  SHAPES,
  snapshot,
  STICK,
  VOLUME,
  writeShape,
} from '../../support/samples/shape-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { waitUntil } from '../../support/wait-until.ts';

const total = SHAPE_PLAN.blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
const DIR = ['lab', { form: 'dir', volumeSize: VOLUME }] as const;
const TAR = ['lab.tar', { form: 'tar', volumeSize: VOLUME }] as const;

type Named = readonly [name: string, shape: Shape];

interface Run {
  readonly filesystem?: Filesystem | undefined;
  readonly source?: SampleSource;
  readonly signal?: AbortSignal;
  readonly onFinding?: (finding: Finding) => void;
}

async function write(folder: string, [name, shape]: Named, run: Run = {}): Promise<WriteResult> {
  const { filesystem, source = sampleSource(SHAPE_SAMPLES), signal, onFinding } = run;
  return await writeBundle(SHAPE_PLAN, source, {
    path: join(folder, name),
    shape,
    ...(filesystem === undefined ? {} : { filesystem }),
    ...(onFinding === undefined ? {} : { onFinding }),
    signal,
  });
}

/** Builds until the large content has sent `bytes`, then interrupts. */
async function interruptAt(folder: string, named: Named, bytes: number, run: Run = {}): Promise<void> {
  const interrupt = new AbortController();
  const source = sampleSource(SHAPE_SAMPLES, {
    instead: (digest, honest) =>
      digest === LARGE ? tapped(honest, bytes, () => interrupt.abort()) : undefined,
  });
  await expect(write(folder, named, { ...run, source, signal: interrupt.signal })).rejects.toMatchObject({
    code: 'ERR_INTERRUPTED',
    hint: expect.stringContaining('continues'),
  });
}

async function undisturbed(named: Named): Promise<unknown> {
  using folder = temporaryFolder();
  await writeShape(folder.path, named);
  return snapshot(folder.path);
}

function offsetsOf(source: SampleSource): readonly number[] {
  return source.opened.filter(({ digest }) => digest === LARGE).map(({ offset }) => offset);
}

const ways = SHAPES.flatMap(([name, shape]) => [
  { name, shape, filesystem: undefined, where: 'a disk' },
  { name, shape, filesystem: STICK, where: 'a stick' },
]);

describe.each(ways)('an interrupted build of $name as $shape on $where', ({ name, shape, filesystem }) => {
  it('continues inside the content it was in, and ends with the same bytes', async () => {
    using folder = temporaryFolder();
    const named = [name, shape] as const;
    await interruptAt(folder.path, named, 4_000_000, { filesystem });
    expect(existsSync(join(folder.path, name))).toBe(false);
    const source = sampleSource(SHAPE_SAMPLES);
    const result = await write(folder.path, named, { filesystem, source });
    const [offset, ...others] = offsetsOf(source);
    expect(others).toEqual([]);
    expect(offset).toBeGreaterThan(1_000_000);
    expect(result.reusedBytes).toBeGreaterThanOrEqual(offset ?? Number.POSITIVE_INFINITY);
    expect(result.fetchedBytes + result.reusedBytes).toBe(total);
    expect(snapshot(folder.path)).toEqual(await undisturbed(named));
  });

  it('fetches again what has rotted meanwhile', async () => {
    using folder = temporaryFolder();
    const named = [name, shape] as const;
    await interruptAt(folder.path, named, 4_000_000, { filesystem });
    const rotten = rot(folder.path);
    expect(rotten).toBeGreaterThan(0);
    const source = sampleSource(SHAPE_SAMPLES);
    const result = await write(folder.path, named, { filesystem, source });
    expect(offsetsOf(source).at(-1)).toBe(0);
    expect(result.fetchedBytes + result.reusedBytes).toBe(total);
    expect(snapshot(folder.path)).toEqual(await undisturbed(named));
  });

  it('leads to the same bytes when files were lost or cut by a power cut', async () => {
    using folder = temporaryFolder();
    const named = [name, shape] as const;
    await interruptAt(folder.path, named, 4_000_000, { filesystem });
    const partial = join(folder.path, `${name}.partial`);
    for (const [index, file] of filesOf(partial).entries()) {
      if (index % 3 === 0) rmSync(file);
      else if (index % 3 === 1) truncateSync(file, 10_000);
    }
    await write(folder.path, named, { filesystem });
    expect(snapshot(folder.path)).toEqual(await undisturbed(named));
  });

  it('stops although a source never answers', async () => {
    using folder = temporaryFolder();
    const interrupt = new AbortController();
    const source = sampleSource(SHAPE_SAMPLES, { instead: () => silence() });
    const building = write(folder.path, [name, shape], { filesystem, source, signal: interrupt.signal });
    await waitUntil(() => source.opened.length > 0);
    interrupt.abort();
    await expect(building).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  it('tries content that was wrong again, and names what stays wrong', async () => {
    using folder = temporaryFolder();
    const forgiven = sampleSource(SHAPE_SAMPLES, {
      instead: (digest, _, { attempt }) =>
        digest === LARGE && attempt === 1 ? streamOf(Buffer.from('wrong')) : undefined,
    });
    const result = await write(folder.path, [name, shape], { filesystem, source: forgiven });
    expect(result).toMatchObject({ fetchedBytes: expect.any(Number), blobs: SHAPE_PLAN.blobs.length });
    expect(result.fetchedBytes + result.reusedBytes).toBe(total);
    using other = temporaryFolder();
    const wrong = sampleSource(SHAPE_SAMPLES, {
      instead: (digest) => (digest === LARGE ? streamOf(Buffer.from('wrong')) : undefined),
    });
    await expect(write(other.path, [name, shape], { filesystem, source: wrong })).rejects.toMatchObject({
      code: 'ERR_SIZE_MISMATCH',
      problems: [{ message: expect.stringContaining(`Cannot verify blob "${LARGE}"`) }],
    });
    expect(offsetsOf(wrong)).toEqual([0, 0, 0]);
  });
});

describe('a build in order', () => {
  it('ends at the first content that cannot be fetched, and continues there', async () => {
    using folder = temporaryFolder();
    const gone = new SaddlebagError('ERR_UPSTREAM_NOT_FOUND', 'Cannot fetch "x": gone');
    const source = sampleSource(SHAPE_SAMPLES, {
      instead: (digest) => (digest === LARGE ? failing(gone) : undefined),
    });
    const failure = write(folder.path, TAR, { filesystem: STICK, source });
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_UPSTREAM_NOT_FOUND',
      message: 'Cannot complete bundle: 1 blob could not be fetched',
      problems: [{ message: gone.message }],
    });
    await write(folder.path, TAR, { filesystem: STICK });
    expect(snapshot(folder.path)).toEqual(await undisturbed(TAR));
  });

  it('may go on where one in any order stopped, and the other way round', async () => {
    for (const [first, second] of [
      [undefined, STICK],
      [STICK, undefined],
    ]) {
      using folder = temporaryFolder();
      await interruptAt(folder.path, DIR, 4_000_000, { filesystem: first });
      const source = sampleSource(SHAPE_SAMPLES);
      await write(folder.path, DIR, { filesystem: second, source });
      expect(offsetsOf(source)[0]).toBeGreaterThan(1_000_000);
      expect(snapshot(folder.path)).toEqual(await undisturbed(DIR));
    }
  });
});

describe('a partial in another shape', () => {
  it('is started over, and that is said', async () => {
    for (const [first, second] of [
      [TAR, ['lab.tar', { form: 'tar' }]],
      [['lab.tar', { form: 'tar' }], TAR],
      [TAR, ['lab.tar', { form: 'tar', volumeSize: 900_000 }]],
    ] as const) {
      using folder = temporaryFolder();
      await interruptAt(folder.path, first, 2_000_000);
      const findings: Finding[] = [];
      const result = await write(folder.path, second, { onFinding: (finding) => findings.push(finding) });
      expect(findings).toMatchObject([
        { level: 'warning', message: expect.stringContaining('started over') },
      ]);
      expect(result.reusedBytes).toBe(0);
      expect(snapshot(folder.path)).toEqual(await undisturbed(second));
    }
  });
});

describe('a build that was complete but for its names', () => {
  it.each([
    ['a directory', ['lab', { form: 'dir' }]],
    ['volumes', TAR],
  ] as const)('of %s only gives the names, once nothing is in the way any more', async (_, named) => {
    using folder = temporaryFolder();
    // A folder with something in it, where nothing was when the build began.
    const [name] = named;
    const obstacle = join(folder.path, name === 'lab' ? 'lab' : 'lab.tar.003');
    const source = sampleSource(SHAPE_SAMPLES, {
      instead: () => {
        mkdirSync(join(obstacle, 'x'), { recursive: true });
        if (name === 'lab') mkdirSync(join(folder.path, 'lab.partial.replaced', 'x'), { recursive: true });
        return undefined;
      },
    });
    await expect(write(folder.path, named, { source })).rejects.toMatchObject({
      message: expect.stringContaining('Cannot complete'),
    });
    expect(existsSync(join(folder.path, 'lab.tar.001'))).toBe(false);
    rmSync(obstacle, { recursive: true });
    rmSync(join(folder.path, 'lab.partial.replaced'), { recursive: true, force: true });
    const again = sampleSource(SHAPE_SAMPLES);
    const result = await write(folder.path, named, { source: again });
    expect(again.opened).toEqual([]);
    expect(result).toMatchObject({ reusedBytes: total, fetchedBytes: 0 });
    expect(snapshot(folder.path)).toEqual(await undisturbed(named));
  });

  it('is built again where its files are not whole any more', async () => {
    using folder = temporaryFolder();
    const source = sampleSource(SHAPE_SAMPLES, {
      instead: () => {
        mkdirSync(join(folder.path, 'lab.tar.003', 'x'), { recursive: true });
        return undefined;
      },
    });
    await expect(write(folder.path, TAR, { source })).rejects.toThrow('Cannot complete');
    rmSync(join(folder.path, 'lab.tar.003'), { recursive: true });
    truncateSync(join(folder.path, 'lab.tar.partial', 'lab.tar.002'), 5);
    await write(folder.path, TAR);
    expect(snapshot(folder.path)).toEqual(await undisturbed(TAR));
  });
});

/** Flips a bit in every file that holds content of the large blob so far; returns how many. */
function rot(folder: string): number {
  let count = 0;
  const needle = SHAPE_SAMPLES[0]?.contents.find(({ descriptor }) => descriptor.digest === LARGE)?.bytes;
  const head = Buffer.from(needle ?? []).subarray(1000, 1064);
  for (const file of filesOf(folder)) {
    const bytes = readFileSync(file);
    const at = bytes.indexOf(head);
    if (at === -1) continue;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    count += 1;
  }
  return count;
}

function filesOf(path: string): readonly string[] {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
  } catch {
    return [path];
  }
}

/** Hands a stream on and calls `then` once `bytes` have gone through. */
async function* tapped(stream: ByteStream, bytes: number, then: () => void): ByteStream {
  let count = 0;
  for await (const chunk of stream) {
    yield chunk;
    count += chunk.length;
    if (count >= bytes) then();
  }
}

async function* failing(error: Error): ByteStream {
  yield new Uint8Array();
  throw error;
}

/** A stream that never says anything, and does not listen either. */
async function* silence(): ByteStream {
  yield await new Promise<Uint8Array>(() => undefined);
}
