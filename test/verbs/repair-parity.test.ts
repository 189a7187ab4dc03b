import {
  appendFileSync,
  copyFileSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { assert, asyncProperty, nat, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import type { Shape } from '../../src/bundle/shape.ts';
import { writeBundle } from '../../src/bundle/write/write.ts';
import type { SaddlebagError } from '../../src/internal/error.ts';
import type { Finding } from '../../src/internal/finding.ts';
import { makeParityFile } from '../../src/verbs/parity.ts';
import { repairBundle, type RepairResult } from '../../src/verbs/repair.ts';
import { signBundle } from '../../src/verbs/signing/sign.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { buildPatch, damageBlob, flipBit } from '../support/archives/damage.ts';
import { contentsOf, type ParityStick, parityStick } from '../support/archives/parity-stick.ts';
import { failureOf, problemsIn } from '../support/failure.ts';
import { testKeys, writeKeys } from '../support/keys.ts';
import { plannedFile, sampleSource } from '../support/planned/items.ts';
import { LARGE, SHAPE_PLAN, SHAPE_SAMPLES } from '../support/samples/shape-samples.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Shards of the samples (bytes): a bundle of less than 64 MiB has smaller ones. */
const SHARD = 65_536;

const SHAPES: readonly (readonly [name: string, shape: Shape])[] = [
  ['lab.tar', { form: 'tar' }],
  ['lab.zip', { form: 'zip' }],
  ['lab.tar', { form: 'tar', volumeSize: 700_001 }],
  ['lab.zip', { form: 'zip', volumeSize: 700_001 }],
];

async function repaired(stick: ParityStick, findings: Finding[] = []): Promise<RepairResult> {
  const onFinding = (finding: Finding): void => {
    findings.push(finding);
  };
  return await repairBundle({ path: stick.path, patches: [] }, NOBODY, { onFinding });
}

const byNumber = (left: number, right: number): number => left - right;

/** Overwrites bytes of a file. */
function scribble(file: string, position: number, length: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(length, 'damage'), 0, length, position);
  closeSync(handle);
}

/** Returns the files that are not there any more, are there in addition, or hold something else than was written. */
function changed({ folder, contents }: ParityStick): readonly string[] {
  const found = contentsOf(folder);
  return [...new Set([...contents.keys(), ...found.keys()])].filter(
    (name) => contents.get(name)?.equals(found.get(name) ?? Buffer.alloc(0)) !== true,
  );
}

/** Returns where the shards begin that an error says cannot be repaired (bytes). */
function lostShards(error: SaddlebagError): readonly number[] {
  return problemsIn(error).flatMap((problem) => {
    const [, from, to] = /from byte (\d+) to (\d+)/.exec(problem) ?? [];
    if (from === undefined) return [];
    return Array.from(
      { length: Math.ceil((Number(to) - Number(from)) / SHARD) },
      (_, at) => Number(from) + at * SHARD,
    );
  });
}

describe.each(SHAPES)('a repair by parity of %s %j', (name, shape) => {
  it('repairs a damaged range of bytes, the head of the bundle included [B-PAR-9]', async () => {
    using stick = await parityStick({ name, shape });
    const [first = ''] = stick.files;
    scribble(first, 300, 100_000);
    const result = await repaired(stick);
    expect(result).toMatchObject({
      root: SHAPE_PLAN.root,
      path: stick.path,
      parity: { shards: 2, moved: 0, remade: false },
    });
    expect(changed(stick)).toEqual([]);
    expect(await repaired(stick)).toMatchObject({ writtenBytes: 0 });
  });

  it('repairs an end that was cut off, and one that is too long', async () => {
    using stick = await parityStick({ name, shape });
    const last = stick.files.at(-1) ?? '';
    truncateSync(last, Math.max(0, statSync(last).size - 90_000));
    await repaired(stick);
    expect(changed(stick)).toEqual([]);
    scribble(last, statSync(last).size - 10, 10);
    appendFileSync(last, 'and something behind it');
    await repaired(stick);
    expect(changed(stick)).toEqual([]);
  });

  it('names exactly what is beyond its strength, and touches nothing', async () => {
    using stick = await parityStick({ name, shape });
    const [first = ''] = stick.files;
    scribble(first, 0, 8 * SHARD);
    const before = contentsOf(stick.folder);
    const error = await failureOf(() => repairBundle({ path: stick.path, patches: [] }, NOBODY));
    expect(error.code).toBe('ERR_BUNDLE_DAMAGED');
    const own = first.split('/').at(-1) ?? '';
    expect(problemsIn(error)[0]).toContain(`Cannot repair "${own}" from byte 0 to `);
    expect(contentsOf(stick.folder)).toEqual(before);
  });

  it('stays right when the bundle is signed later, and keeps the signature [B-PAR-11]', async () => {
    using stick = await parityStick({ name, shape });
    const { key, pub } = writeKeys(stick.aside, testKeys());
    await signBundle({ path: stick.path, key }, NOBODY);
    const signed = contentsOf(stick.folder);
    const [first = ''] = stick.files;
    scribble(first, 0, 5000);
    await repairBundle({ path: stick.path, patches: [], key: pub }, NOBODY);
    expect(contentsOf(stick.folder)).toEqual(signed);
  });
});

describe.each(SHAPES.filter(([, { volumeSize }]) => volumeSize !== undefined))(
  'a repair by parity of volumes: %s %j',
  (name, shape) => {
    it('brings back any volume that is lost', async () => {
      using stick = await parityStick({ name, shape, percent: 15 });
      for (const file of stick.files) {
        rmSync(file);
        await repaired(stick);
        expect(changed(stick)).toEqual([]);
      }
    });

    it('puts swapped volumes back, whatever the strength', async () => {
      using stick = await parityStick({ name, shape, percent: 1 });
      const [, second = '', third = '', fourth = ''] = stick.files;
      renameSync(second, join(stick.folder, 'aside'));
      renameSync(fourth, second);
      renameSync(third, fourth);
      renameSync(join(stick.folder, 'aside'), third);
      expect(await repaired(stick)).toMatchObject({ parity: { shards: 0, moved: 3 } });
      expect(changed(stick)).toEqual([]);
    });

    it('continues with volumes that were being renamed when it was killed', async () => {
      using stick = await parityStick({ name, shape, percent: 1 });
      const [, second = '', third = ''] = stick.files;
      // The second lay as the third and the third as the second; each has its name in between, one of them its own.
      renameSync(second, join(stick.folder, 'aside'));
      renameSync(third, `${third}.moved`);
      renameSync(join(stick.folder, 'aside'), `${second}.moved`);
      renameSync(`${second}.moved`, second);
      rmSync(third, { force: true });
      await repaired(stick);
      expect(changed(stick)).toEqual([]);
    });
  },
);

describe('a repair by parity', () => {
  it('repairs any damage up to its strength, and beyond it names each lost byte and changes nothing', async () => {
    using stick = await parityStick({ percent: 10 });
    const [file = ''] = stick.files;
    const whole = readFileSync(file);
    const shards = Math.ceil(whole.length / SHARD);
    // 10 % of 103 shards: 3 stripes with 4 parity shards each.
    const [stripes, strength] = [3, 4];
    const damages = uniqueArray(nat(shards - 1), { minLength: 1, maxLength: 16 });
    const property = asyncProperty(damages, nat(SHARD - 1), async (damaged, offset) => {
      writeFileSync(file, whole);
      for (const shard of damaged) flipBit(file, Math.min(shard * SHARD + offset, whole.length - 1));
      const hurt = Map.groupBy(damaged, (shard) => shard % stripes);
      const beyond = [...hurt.values()].filter((own) => own.length > strength).flat();
      const before = readFileSync(file);
      const error = await repaired(stick).then(
        () => undefined,
        (thrown: SaddlebagError) => thrown,
      );
      const found = readFileSync(file);
      expect({
        lost: error === undefined ? [] : lostShards(error).toSorted(byNumber),
        code: error?.code,
        isRight: found.equals(beyond.length === 0 ? whole : before),
      }).toEqual({
        lost: beyond.map((shard) => shard * SHARD).toSorted(byNumber),
        code: beyond.length === 0 ? undefined : 'ERR_BUNDLE_DAMAGED',
        isRight: true,
      });
    });
    await assert(property, { numRuns: 25 });
  });

  it.each([
    ['its first head', (file: string): void => scribble(file, 20, 400)],
    ['its second head', (file: string): void => truncateSync(file, statSync(file).size - 500)],
    ['some shards', (file: string): void => scribble(file, 10_000, SHARD)],
    ['everything behind the middle', (file: string): void => truncateSync(file, statSync(file).size >> 1)],
  ])('uses what is sound of a parity file that is damaged in %s, and repairs that too', async (_, damage) => {
    using stick = await parityStick({ percent: 10 });
    const [file = ''] = stick.files;
    damage(stick.parity);
    scribble(file, 70_000, 10);
    expect(await repaired(stick)).toMatchObject({ parity: { shards: 1, remade: true } });
    expect(changed(stick)).toEqual([]);
  });

  it('continues without a parity file that is not one, or of which nothing is left', async () => {
    using stick = await parityStick();
    for (const bytes of [Buffer.alloc(0), Buffer.from('no parity file'), Buffer.alloc(200_000, 1)]) {
      writeFileSync(stick.parity, bytes);
      const findings: Finding[] = [];
      expect(await repaired(stick, findings)).toMatchObject({ writtenBytes: 0 });
      expect(findings.map(({ level, message }) => `${level} ${message}`)).toEqual([
        expect.stringMatching(/^warning Cannot use parity file ".*lab\.tar\.par": /),
      ]);
    }
  });

  it('does not repair one bundle to another, or to its older state', async () => {
    using stick = await parityStick();
    const [file = ''] = stick.files;
    const samples = [...SHAPE_SAMPLES, plannedFile('new.txt', Buffer.from('new'))];
    const newer = planBundle(
      'lab',
      samples.map(({ planned }) => planned),
    );
    copyFileSync(stick.parity, join(stick.aside, 'older.par'));
    await writeBundle(newer, sampleSource(samples), { path: file });
    expect(readdirSync(stick.folder)).toEqual(['lab.tar']);
    copyFileSync(join(stick.aside, 'older.par'), stick.parity);
    const findings: Finding[] = [];
    expect(await repaired(stick, findings)).toMatchObject({ root: newer.root, writtenBytes: 0 });
    expect(findings[0]?.message).toMatch(/is for another bundle, or for an older state of this one/);
    await damageBlob(file, LARGE);
    const before = readFileSync(file);
    expect(await failureOf(() => repaired(stick))).toMatchObject({ code: 'ERR_BASE_MISSING' });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('repairs what it can where a patch repairs the rest', async () => {
    using stick = await parityStick();
    const [file = ''] = stick.files;
    const whole = readFileSync(file);
    scribble(file, 600_000, 8 * SHARD);
    flipBit(file, whole.length - 2000);
    const patch = await buildPatch(file, SHAPE_PLAN, { samples: SHAPE_SAMPLES, folder: stick.aside });
    await repairBundle({ path: file, patches: [patch] }, NOBODY);
    expect(changed(stick)).toEqual([]);
  });

  it('writes nothing when the repaired bundle would not be signed by the required key [B-PAR-8]', async () => {
    using stick = await parityStick();
    const [file = ''] = stick.files;
    const { pub } = writeKeys(stick.aside, testKeys());
    scribble(file, 70_000, 10);
    const before = contentsOf(stick.folder);
    const error = await failureOf(() => repairBundle({ path: file, patches: [], key: pub }, NOBODY));
    expect(error.code).toBe('ERR_SIGNATURE_MISSING');
    expect(contentsOf(stick.folder)).toEqual(before);
  });

  it('takes back a signature that was damaged, and leaves one that is newer', async () => {
    using stick = await parityStick();
    const [file = ''] = stick.files;
    const [old, next] = [testKeys(), testKeys()];
    const keys = [writeKeys(stick.aside, old, 'old'), writeKeys(stick.aside, next, 'next')] as const;
    await signBundle({ path: file, key: keys[0].key }, NOBODY);
    const kept = readFileSync(stick.parity);
    const signed = readFileSync(file);
    const at = signed.indexOf('bundle.json.sig') + 512;
    scribble(file, at, 4);
    await repairBundle({ path: file, patches: [], key: keys[0].pub }, NOBODY);
    expect(readFileSync(file).equals(signed)).toBe(true);
    // Signing was killed before the parity file had the new signature.
    await signBundle({ path: file, key: keys[1].key }, NOBODY);
    const newer = readFileSync(file);
    writeFileSync(stick.parity, kept);
    scribble(file, 200_000, 4);
    await repairBundle({ path: file, patches: [], key: keys[1].pub }, NOBODY);
    expect(readFileSync(file).equals(newer)).toBe(true);
  });

  it('is as good with a parity file that is larger than the bundle', async () => {
    using stick = await parityStick({ percent: 100 });
    const [file = ''] = stick.files;
    expect(statSync(stick.parity).size).toBeGreaterThan(statSync(file).size);
    scribble(file, 0, statSync(file).size);
    await repaired(stick);
    expect(changed(stick)).toEqual([]);
    rmSync(file);
    await repaired(stick);
    expect(changed(stick)).toEqual([]);
  });
});

describe('a parity file', () => {
  it('is the same when it is made later, and when it is made again', async () => {
    using stick = await parityStick();
    const built = readFileSync(stick.parity);
    rmSync(stick.parity);
    const made = await makeParityFile({ path: stick.path }, NOBODY);
    expect(made).toMatchObject({ path: stick.parity, bytes: built.length, root: SHAPE_PLAN.root });
    expect(readFileSync(stick.parity).equals(built)).toBe(true);
  });

  it('is not made of a bundle that is damaged, nor of a folder', async () => {
    using stick = await parityStick();
    flipBit(stick.path, 70_000);
    const error = await failureOf(() => makeParityFile({ path: stick.path }, NOBODY));
    expect(error.code).toBe('ERR_BUNDLE_DAMAGED');
    await expect(parityStick({ name: 'lab', shape: { form: 'dir' } })).rejects.toMatchObject({
      code: 'ERR_USAGE_INVALID',
      message: expect.stringContaining('a folder has none'),
    });
  });

  it('is made again, and nothing is fetched again, when a build was stopped while it made it', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'lab.tar');
    const stop = new AbortController();
    const stopped = writeBundle(SHAPE_PLAN, sampleSource(SHAPE_SAMPLES), {
      path,
      parity: 5,
      signal: stop.signal,
      onProgress: ({ parity }) => {
        if (parity !== undefined) stop.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    const again = await writeBundle(SHAPE_PLAN, sampleSource(SHAPE_SAMPLES), { path, parity: 5 });
    expect(again).toMatchObject({ fetchedBytes: 0, parity: { path: `${path}.par` } });
    expect(readdirSync(folder.path).sort()).toEqual(['lab.tar', 'lab.tar.par']);
  });

  it('stays when the same bundle is built again without one, and goes when another is', async () => {
    using stick = await parityStick();
    await writeBundle(SHAPE_PLAN, sampleSource(SHAPE_SAMPLES), { path: stick.path });
    expect(changed(stick)).toEqual([]);
    await writeBundle(planBundle('other', []), sampleSource([]), { path: stick.path });
    expect(readdirSync(stick.folder)).toEqual(['lab.tar']);
    // What is none of ours stays.
    writeFileSync(stick.parity, 'notes of somebody');
    await writeBundle(SHAPE_PLAN, sampleSource(SHAPE_SAMPLES), { path: stick.path });
    expect(readFileSync(stick.parity, 'utf8')).toBe('notes of somebody');
  });

  it('is left alone by verify', async () => {
    using stick = await parityStick();
    expect(await verifyBundle({ path: stick.path }, NOBODY)).toMatchObject({ ok: true });
  });
});
