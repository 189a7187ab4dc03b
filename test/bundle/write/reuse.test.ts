import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { memoryArchive } from '../../../src/archive/memory.ts';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import { openBundle, readBundle } from '../../../src/bundle/open.ts';
import type { OpenBundle } from '../../../src/bundle/bundle.ts';
import { reusing } from '../../../src/bundle/write/reuse.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import type { Finding } from '../../../src/internal/finding.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { damageBlob } from '../../support/archives/damage.ts';
import { brokenOff } from '../../support/archives/faulty-bundle.ts';
import { plannedFile, sampleSource } from '../../support/planned/items.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { LARGE, SHAPE_PLAN, SHAPE_SAMPLES, SHAPES, writeShape } from '../../support/samples/shape-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const WHOLE = sampleBundle(SHAPE_SAMPLES);
const fetchable = SHAPE_PLAN.blobs.filter(({ origin }) => origin.type !== 'bytes');
const bytes = fetchable.reduce((sum, { descriptor }) => sum + descriptor.size, 0);

function scratch(): string {
  const temporary = temporaryFolder();
  onTestFinished(() => temporary[Symbol.dispose]());
  return temporary.path;
}

async function open(path: string): Promise<OpenBundle> {
  const bundle = await openBundle(path);
  onTestFinished(() => bundle[Symbol.asyncDispose]());
  return bundle;
}

describe('a build with a bundle at hand', () => {
  it.each(SHAPES)('takes everything from it, whatever its shape: %s %j', async (...shape) => {
    const folder = scratch();
    const { path } = await writeShape(folder, shape);
    const source = sampleSource(SHAPE_SAMPLES);
    const out = join(folder, 'out.tar');
    const result = await writeBundle(SHAPE_PLAN, reusing(source, [await open(path)]), { path: out });
    expect(source.opened).toEqual([]);
    expect(result.reusedBytes).toBe(bytes);
    expect(readFileSync(out).equals(WHOLE.tar)).toBe(true);
  });

  it.each(SHAPES)('writes the same in every shape: %s %j', async (name, shape) => {
    const folder = scratch();
    const old = await writeShape(folder, ['old.tar', { form: 'tar' }]);
    const source = sampleSource(SHAPE_SAMPLES);
    const options = { path: join(folder, name), shape };
    const result = await writeBundle(SHAPE_PLAN, reusing(source, [await open(old.path)]), options);
    expect(source.opened).toEqual([]);
    expect(result).toMatchObject({ reusedBytes: bytes, root: WHOLE.plan.root });
  });

  it('fetches what is new, and counts the two apart', async () => {
    const folder = scratch();
    const { path } = await writeShape(folder, ['old.tar', { form: 'tar' }]);
    const samples = [...SHAPE_SAMPLES, plannedFile('more.bin', incompressibleBytes('more', 7001))];
    const { plan, tar } = sampleBundle(samples);
    const source = sampleSource(samples);
    const out = join(folder, 'out.tar');
    const result = await writeBundle(plan, reusing(source, [await open(path)]), { path: out });
    expect(source.opened.map(({ digest }) => digest)).toEqual([digestOf(incompressibleBytes('more', 7001))]);
    expect(result.reusedBytes).toBe(bytes);
    expect(result.fetchedBytes).toBe(plan.document.blobs.reduce((sum, { size }) => sum + size, 0) - bytes);
    expect(readFileSync(out).equals(tar)).toBe(true);
  });

  it.each(['lab.tar', 'lab.zip'] as const)(
    'fetches what is damaged in it, and tells of that: to %s',
    async (name) => {
      const folder = scratch();
      const { path } = await writeShape(folder, ['old.tar', { form: 'tar' }]);
      await damageBlob(path, LARGE);
      const source = sampleSource(SHAPE_SAMPLES);
      const findings: Finding[] = [];
      const reused = reusing(source, [await open(path)], {
        onFinding: (finding) => void findings.push(finding),
      });
      const shape = { form: name === 'lab.tar' ? 'tar' : 'zip' } as const;
      const result = await writeBundle(SHAPE_PLAN, reused, { path: join(folder, name), shape });
      expect(source.opened).toEqual([{ digest: LARGE, offset: 0 }]);
      // A zip is written in order: after the damage it goes on with what is in place by then.
      expect(result.reusedBytes).toBeGreaterThanOrEqual(bytes - 5_000_000);
      expect(result.fetchedBytes).toBeGreaterThanOrEqual(5_000_000);
      expect(findings).toEqual([
        {
          level: 'warning',
          message: expect.stringContaining(`Cannot reuse blob "${LARGE}" of "${path}", so it is fetched: `),
          hint: expect.any(String),
        },
      ]);
    },
  );

  it('fetches what lies behind the place where it was cut', async () => {
    const folder = scratch();
    const { path } = await writeShape(folder, ['old.tar', { form: 'tar' }]);
    writeFileSync(path, readFileSync(path).subarray(0, 2_000_000));
    const source = sampleSource(SHAPE_SAMPLES);
    const findings: string[] = [];
    const onFinding = ({ message }: Finding): void => void findings.push(message);
    const out = join(folder, 'out.tar');
    await writeBundle(SHAPE_PLAN, reusing(source, [await open(path)], { onFinding }), { path: out });
    expect(source.opened.length).toBe(findings.length);
    expect(findings.length).toBeGreaterThan(0);
    expect(readFileSync(out).equals(WHOLE.tar)).toBe(true);
  });

  it('continues in the middle of a blob that an earlier run had begun to fetch', async () => {
    const folder = scratch();
    const { path } = await writeShape(folder, ['old.tar', { form: 'tar' }]);
    const out = join(folder, 'out.tar');
    const breaking = sampleSource(SHAPE_SAMPLES, {
      instead: (digest, honest) => (digest === LARGE ? afterSome(honest) : undefined),
    });
    await expect(writeBundle(SHAPE_PLAN, breaking, { path: out })).rejects.toThrow('EIO');
    const source = sampleSource(SHAPE_SAMPLES);
    const result = await writeBundle(SHAPE_PLAN, reusing(source, [await open(path)]), { path: out });
    expect(source.opened).toEqual([]);
    expect(result.reusedBytes).toBeGreaterThanOrEqual(bytes);
    expect(readFileSync(out).equals(WHOLE.tar)).toBe(true);
  });

  it('does not go on with the rest of a blob that is damaged in it', async () => {
    const folder = scratch();
    const { path } = await writeShape(folder, ['old.tar', { form: 'tar' }]);
    await damageBlob(path, LARGE);
    const reused = reusing(sampleSource(SHAPE_SAMPLES), [await open(path)]);
    const blob = SHAPE_PLAN.blobs.find(({ descriptor }) => descriptor.digest === LARGE);
    if (blob === undefined) throw new Error('expected the large blob in the plan');
    const chunks: Uint8Array[] = [];
    for await (const chunk of reused.open(blob, { offset: 1_000_000 })) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(incompressibleBytes('large', 5_000_000).subarray(1_000_000))).toBe(
      true,
    );
    expect(reused.isAtHand(blob)).toBe(false);
  });

  it('takes nothing of the right digest and a wrong size', async () => {
    const files = new Map(WHOLE.files).set(blobPath(LARGE), Buffer.from('short'));
    const bundle = await readBundle(memoryArchive(files), { path: 'lab.tar' });
    const blob = SHAPE_PLAN.blobs.find(({ descriptor }) => descriptor.digest === LARGE);
    if (blob === undefined) throw new Error('expected the large blob in the plan');
    const source = sampleSource(SHAPE_SAMPLES);
    const reused = reusing(source, [bundle]);
    const larger = { ...blob, descriptor: { ...blob.descriptor, size: 5_000_001 } };
    expect(reused.isAtHand(larger)).toBe(false);
    expect(reused.isAtHand(blob)).toBe(true);
  });
});

async function* afterSome(honest: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let count = 0;
  for await (const chunk of honest) {
    yield chunk;
    count += chunk.length;
    if (count > 3_000_000) yield* brokenOff(honest);
  }
}
