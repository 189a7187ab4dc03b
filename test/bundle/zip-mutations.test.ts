import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryReader } from '../../src/archive/memory.ts';
import { layoutZip } from '../../src/archive/zip/layout.ts';
import { openZip } from '../../src/archive/zip/reader.ts';
import { checkBundle } from '../../src/bundle/check/check.ts';
import { readBundle } from '../../src/bundle/open.ts';
import { collectBytes } from '../../src/internal/bytes.ts';
import { isSaddlebagError } from '../../src/internal/error.ts';
import { rawZip } from '../support/archives/raw-zip.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { packZipOf } from '../support/samples/sample-zip.ts';

const { files, plan } = sampleBundle();
const zip = await packZipOf(files);
const layout = layoutZip([...files].map(([path, { length }]) => ({ path, size: length })));

/** Returns whether damage is found; when it is not, makes sure that there is none: every file still has its bytes. */
async function isFound(changed: Uint8Array): Promise<boolean> {
  try {
    const archive = openZip(memoryReader(changed));
    const bundle = await readBundle(archive, { path: 'lab.zip' });
    if ((await checkBundle(bundle)).length > 0) return true;
    expect(bundle.root).toBe(plan.root);
    for (const [path, bytes] of files) {
      const found = await collectBytes(archive.stream(path), {
        limit: 1e7,
        onExcess: () => new Error('too long'),
      });
      expect({ path, isSame: Buffer.compare(found, bytes) === 0 }).toEqual({ path, isSame: true });
    }
    return false;
  } catch (error) {
    if (!isSaddlebagError(error)) throw error;
    return true;
  }
}

describe('a change to a bundle in a zip', () => {
  it('is found wherever it meets content, or is without effect on it', async () => {
    const content = new Set<number>();
    for (const { position, size } of layout.entries) {
      for (const at of [0, 1, Math.floor(size / 2), size - 1])
        if (at >= 0 && at < size) content.add(position + at);
    }
    const missed: number[] = [];
    for (const position of content) if (!(await isFound(flipped(position)))) missed.push(position);
    expect(content.size).toBeGreaterThan(80);
    expect(missed).toEqual([]);
  });

  it('is found where a checksum is wrong everywhere, which other programs go by [B-ZIP-7]', async () => {
    const entries = [...files].map(([path, bytes]) => ({ path, bytes }));
    for (const { path } of entries) {
      const lie = rawZip(
        entries.map((entry) => (entry.path === path ? { ...entry, both: { crc: 1 } } : entry)),
      );
      const bundle = await readBundle(openZip(memoryReader(lie)), { path: 'lab.zip' });
      const problems = await checkBundle(bundle);
      expect(problems.map(({ message }) => message).join()).toContain(
        `"${path}": its checksum in the zip is wrong`,
      );
      expect(problems).toMatchObject([{ code: 'ERR_ARCHIVE_INVALID', path: 'lab.zip' }]);
    }
  });

  it('is found wherever it meets what programs go by: signatures, names, sizes, places, checksums', async () => {
    const record = zip.indexOf(Buffer.from('504b0102', 'hex'));
    // In a local header, the descriptor behind the content, a record of the directory, and the end.
    const spots = [0, 1, 2, 3, 8, 9, 26, 27, 28, 30, 39];
    const local = spots.map((at) => at);
    const [first] = layout.entries;
    const behind = (first?.position ?? 0) + (first?.size ?? 0);
    const descriptor = Array.from({ length: 16 }, (_, at) => behind + at);
    const central = [0, 1, 2, 3, 10, 11, 16, 20, 24, 28, 30, 42, 43, 44, 45, 46, 50].map((at) => record + at);
    const end = Array.from({ length: 22 }, (_, at) => zip.length - 22 + at);
    const missed: number[] = [];
    for (const at of [...local, ...descriptor, ...central, ...end])
      if (!(await isFound(flipped(at)))) missed.push(at);
    expect(missed).toEqual([]);
  });

  it('is never an error that is not ours, whatever is done to it', async () => {
    const place = fc.nat({ max: zip.length - 1 });
    const directory = fc.integer({ min: zip.indexOf(Buffer.from('504b0102', 'hex')), max: zip.length - 1 });
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 12 });
    const mutation = fc.oneof(
      fc.record({
        kind: fc.constant('write' as const),
        at: fc.oneof(place, directory),
        bytes,
        count: fc.constant(0),
      }),
      fc.record({
        kind: fc.constant('cut' as const),
        at: place,
        bytes,
        count: fc.integer({ min: 1, max: 5000 }),
      }),
      fc.record({
        kind: fc.constant('insert' as const),
        at: fc.oneof(place, directory),
        bytes,
        count: fc.constant(0),
      }),
    );
    await fc.assert(
      fc.asyncProperty(mutation, async ({ kind, at, bytes: written, count }) => {
        const rest = kind === 'write' ? at + written.length : at + count;
        const middle = kind === 'cut' ? Buffer.alloc(0) : written;
        const changed = Buffer.concat([zip.subarray(0, at), middle, zip.subarray(rest)]);
        const found = await isFound(changed);
        // What has another length has something that belongs to nothing, or lacks something.
        expect(found || changed.length === zip.length).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

function flipped(at: number): Buffer {
  const copy = Buffer.from(zip);
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << (at % 8)), at);
  return copy;
}
