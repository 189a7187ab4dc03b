import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { volumeName } from '../../src/archive/volumes/volumes.ts';
import { blobPath } from '../../src/bundle/format/layout.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { writeBundle } from '../../src/bundle/write/write.ts';
import { ProblemsError } from '../../src/internal/problems.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { repairBundle } from '../../src/verbs/repair.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { buildPatch, damageBlob, damageEntry, flipBit } from '../support/archives/damage.ts';
import { plannedFile, sampleSource } from '../support/planned/items.ts';
import { incompressibleBytes } from '../support/samples/sample-image.ts';
import {
  LARGE,
  SHAPE_PLAN,
  SHAPE_SAMPLES,
  SHAPES,
  snapshot,
  VOLUME,
  writeShape,
} from '../support/samples/shape-samples.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';
import { NOBODY } from '../support/surroundings.ts';

const SECOND = digestOf(incompressibleBytes('second', 1_300_000));
const TAR = ['lab.tar', { form: 'tar' }] as const;

/** Two folders: the bundle lies alone in one of them, so that a snapshot shows all that a repair leaves. */
function scratch(): { readonly folder: string; readonly aside: string } {
  const temporary = temporaryFolder();
  onTestFinished(() => temporary[Symbol.dispose]());
  const [folder, aside] = [join(temporary.path, 'stick'), join(temporary.path, 'aside')];
  mkdirSync(folder);
  mkdirSync(aside);
  return { folder, aside };
}

async function patchFor(path: string, aside: string): Promise<string> {
  return await buildPatch(path, SHAPE_PLAN, { samples: SHAPE_SAMPLES, folder: aside });
}

describe('a repair', () => {
  it.each(SHAPES)(
    'repairs blobs and head in place, to the very bytes that were built: %s %j',
    async (...shape) => {
      const { folder, aside } = scratch();
      const { path } = await writeShape(folder, shape);
      const before = snapshot(folder);
      await damageBlob(path, LARGE);
      await damageBlob(path, SECOND);
      await damageEntry(path, 'manifest.json');
      const patch = await patchFor(path, aside);
      const result = await repairBundle({ path, patches: [patch] }, NOBODY);
      expect(result).toMatchObject({
        root: SHAPE_PLAN.root,
        files: ['manifest.json'],
        repaired: { blobs: 2, bytes: 6_300_000 },
      });
      expect(snapshot(folder)).toEqual(before);
      expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: true });
    },
  );

  it('writes little more than what is damaged, however large the bundle is', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    await damageBlob(path, SECOND);
    const patch = await patchFor(path, aside);
    expect(statSync(patch).size).toBeLessThan(1_400_000);
    const { writtenBytes } = await repairBundle({ path, patches: [patch] }, NOBODY);
    expect(writtenBytes).toBeGreaterThan(0);
    expect(writtenBytes).toBeLessThan(1_400_000);
  });

  it.each([0.3, 0.75, 0.999])('makes a tar whole again that was cut at %d of its size', async (part) => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    const whole = readFileSync(path);
    truncateSync(path, Math.floor(whole.length * part));
    const patch = await patchFor(path, aside);
    await repairBundle({ path, patches: [patch] }, NOBODY);
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('brings back a last volume that was cut, or is gone', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, ['lab.tar', { form: 'tar', volumeSize: VOLUME }]);
    const before = snapshot(folder);
    const last = volumeName(join(folder, 'lab.tar'), readdirSync(folder).length - 1);
    truncateSync(last, 1000);
    const patch = await patchFor(path, aside);
    await repairBundle({ path, patches: [patch] }, NOBODY);
    expect(snapshot(folder)).toEqual(before);
    rmSync(last);
    await repairBundle({ path, patches: [patch] }, NOBODY);
    expect(snapshot(folder)).toEqual(before);
  });

  it('makes a tar whole again that lacks its end alone, without any patch', async () => {
    const { folder } = scratch();
    const { path } = await writeShape(folder, TAR);
    const whole = readFileSync(path);
    truncateSync(path, whole.length - 600);
    expect(await repairBundle({ path, patches: [] }, NOBODY)).toMatchObject({
      files: [],
      repaired: { blobs: 0 },
    });
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('repairs what lies between contents, and what was added after the end', async () => {
    const { folder } = scratch();
    const { path } = await writeShape(folder, TAR);
    const whole = readFileSync(path);
    appendFileSync(path, 'behind the end');
    flipBit(path, whole.length - 700);
    await repairBundle({ path, patches: [] }, NOBODY);
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('brings back files and folders of a directory', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, ['lab', { form: 'dir' }]);
    const before = snapshot(folder);
    rmSync(join(path, 'blobs'), { recursive: true });
    rmSync(join(path, 'index.json'));
    rmSync(join(path, 'SHA256SUMS'));
    const patch = await patchFor(path, aside);
    await repairBundle({ path: `${path}/`, patches: [patch] }, NOBODY);
    expect(snapshot(folder)).toEqual(before);
    execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: path });
  });

  it('brings back a volume of a file in a directory', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, ['lab', { form: 'dir', volumeSize: VOLUME }]);
    const before = snapshot(folder);
    rmSync(volumeName(join(path, blobPath(LARGE)), 3));
    const patch = await patchFor(path, aside);
    await repairBundle({ path, patches: [patch] }, NOBODY);
    expect(snapshot(folder)).toEqual(before);
  });

  it('needs no patch for the head alone', async () => {
    const { folder } = scratch();
    const { path } = await writeShape(folder, TAR);
    const whole = readFileSync(path);
    for (const name of ['oci-layout', 'README.txt', 'index.json', 'manifest.json'])
      await damageEntry(path, name);
    const { files, repaired } = await repairBundle({ path, patches: [] }, NOBODY);
    expect(files).toEqual(['oci-layout', 'README.txt', 'index.json', 'manifest.json']);
    expect(repaired).toEqual({ blobs: 0, bytes: 0 });
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('takes another copy of the bundle, in another shape, for a patch', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    const copy = await writeShape(aside, ['copy', { form: 'dir' }]);
    const whole = readFileSync(path);
    await damageBlob(path, LARGE);
    await damageEntry(path, 'SHA256SUMS');
    await repairBundle({ path, patches: [copy.path] }, NOBODY);
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('leaves a sound bundle alone', async () => {
    const { folder } = scratch();
    const { path } = await writeShape(folder, TAR);
    const { mtimeNs } = statSync(path, { bigint: true });
    expect(await repairBundle({ path, patches: [] }, NOBODY)).toMatchObject({ files: [], writtenBytes: 0 });
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(mtimeNs);
  });

  it('takes a damaged signature away, and says so', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    await damageEntry(path, 'bundle.json.sig');
    const findings: string[] = [];
    const patch = await patchFor(path, aside).catch(() => undefined);
    await repairBundle({ path, patches: patch === undefined ? [] : [patch] }, NOBODY, {
      onFinding: ({ message }) => void findings.push(message),
    });
    expect(findings).toEqual([`The signature of "${path}" was damaged, and is gone`]);
    expect(await verifyBundle({ path }, NOBODY)).toMatchObject({ ok: true, signed: false });
  });
});

describe('a repair that is refused changes nothing:', () => {
  it('a blob that is in no patch is named', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    await damageBlob(path, LARGE);
    const patch = await patchFor(path, aside);
    await damageBlob(path, SECOND);
    const before = snapshot(folder);
    const error = await thrownBy(repairBundle({ path, patches: [patch] }, NOBODY));
    expect(error).toMatchObject({ code: 'ERR_BASE_MISSING', hint: expect.stringContaining('--missing-to') });
    expect(error instanceof ProblemsError && error.problems.map(({ message }) => message)).toEqual([
      `Cannot find blob "${SECOND}" (1.2 MiB) of file "second.bin": it is nowhere to be found`,
    ]);
    expect(snapshot(folder)).toEqual(before);
  });

  it('a patch that is damaged itself is said to be', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    await damageBlob(path, LARGE);
    const patch = await patchFor(path, aside);
    await damageBlob(patch, LARGE);
    const before = snapshot(folder);
    const error = await thrownBy(repairBundle({ path, patches: [patch] }, NOBODY));
    expect(error.code).toBe('ERR_BASE_MISSING');
    expect(error instanceof ProblemsError && error.problems[0]?.message).toContain(
      `it is damaged in "${patch}"`,
    );
    expect(snapshot(folder)).toEqual(before);
  });

  it('a patch of another bundle, and another bundle', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    await damageBlob(path, LARGE);
    const samples = [...SHAPE_SAMPLES, plannedFile('more.txt')];
    const other = planBundle(
      'lab',
      samples.map(({ planned }) => planned),
    );
    const bundle = join(aside, 'other.tar');
    await writeBundle(other, sampleSource(samples), { path: bundle });
    const error = await thrownBy(repairBundle({ path, patches: [bundle] }, NOBODY));
    expect(error).toMatchObject({
      code: 'ERR_PATCH_INVALID',
      message: `Cannot repair "${path}" with "${bundle}": it is another bundle, with root ${other.root}`,
    });
    await damageBlob(bundle, LARGE);
    const patch = await buildPatch(bundle, other, { samples, folder: aside });
    expect((await thrownBy(repairBundle({ path, patches: [patch] }, NOBODY))).message).toBe(
      `Cannot repair "${path}" with "${patch}": it is a patch of ${other.root}`,
    );
  });

  it('sums that differ from bundle.json, with nobody to say which is right', async () => {
    const { folder } = scratch();
    const { path } = await writeShape(folder, TAR);
    await damageEntry(path, 'SHA256SUMS');
    const before = snapshot(folder);
    expect(await thrownBy(repairBundle({ path, patches: [] }, NOBODY))).toMatchObject({
      code: 'ERR_PATCH_INVALID',
    });
    expect(snapshot(folder)).toEqual(before);
  });

  it('a tar that another program has packed', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(aside, ['lab', { form: 'dir' }]);
    const tar = join(folder, 'lab.tar');
    execFileSync('tar', ['-cf', tar, '-C', path, '.']);
    const repacked = join(folder, 'lab.tar');
    execFileSync('tar', ['-cf', repacked, '-C', path, ...readdirSync(path).toSorted()]);
    await damageBlob(repacked, LARGE);
    const patch = await patchFor(repacked, aside);
    const before = snapshot(folder);
    const error = await thrownBy(repairBundle({ path: repacked, patches: [patch] }, NOBODY));
    expect(error).toMatchObject({ code: 'ERR_BUNDLE_INVALID', hint: expect.stringContaining('Unpack') });
    expect(snapshot(folder)).toEqual(before);
  });

  it('a head that cannot be read: only a new copy helps', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    const at = readFileSync(path).indexOf('"version"');
    flipBit(path, at);
    const list = join(aside, 'missing.json');
    const error = await thrownBy(verifyBundle({ path, missingTo: list }, NOBODY));
    expect(error).toMatchObject({
      code: 'ERR_BUNDLE_INVALID',
      hint: expect.stringContaining('build it again'),
    });
    expect(existsSync(list)).toBe(false);
    expect(await thrownBy(repairBundle({ path, patches: [] }, NOBODY))).toMatchObject({
      code: 'ERR_BUNDLE_INVALID',
    });
  });

  // Root may write anything, so somebody else has to try; and only root can be somebody else.
  it.runIf(process.getuid?.() === 0)('a file that may not be written', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    await damageBlob(path, LARGE);
    const patch = await patchFor(path, aside);
    const before = snapshot(folder);
    const script = `import { repairBundle } from ${JSON.stringify(join(import.meta.dirname, '../../src/verbs/repair.ts'))};
      const nobody = ${JSON.stringify(NOBODY)};
      await repairBundle({ path: process.argv[1], patches: [process.argv[2]] }, nobody).catch((error) => console.log(error.code));`;
    chmodSync(path, 0o444);
    chmodSync(folder, 0o555);
    const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath];
    for (let up = folder; up !== '/tmp' && up !== '/'; up = join(up, '..')) chmodSync(up, 0o755);
    const args = [...asNobody, '--input-type=module', '-e', script, path, patch];
    expect(execFileSync('setpriv', args, { encoding: 'utf8' }).trim()).toBe('ERR_OUTPUT_UNWRITABLE');
    expect(snapshot(folder)).toEqual(before);
  });
});

describe('a list of what is missing', () => {
  it('names the damaged blobs with their sizes and the damaged files of the head, sorted', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    await damageBlob(path, SECOND);
    await damageBlob(path, LARGE);
    await damageEntry(path, 'index.json');
    const list = join(aside, 'missing.json');
    const { ok, missing } = await verifyBundle({ path, missingTo: list }, NOBODY);
    expect(ok).toBe(false);
    expect(missing).toEqual({ path: list, files: 1, blobs: 2, bytes: 6_300_000 });
    expect(JSON.parse(readFileSync(list, 'utf8'))).toEqual({
      version: '1.0',
      mediaType: 'application/vnd.saddlebag.missing.v1+json',
      root: SHAPE_PLAN.root,
      name: 'lab',
      files: ['index.json'],
      blobs: [
        { digest: LARGE, size: 5_000_000 },
        { digest: SECOND, size: 1_300_000 },
      ].sort((left, right) => (left.digest < right.digest ? -1 : 1)),
    });
  });

  it('is written for a sound bundle too, and names nothing', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    const list = join(aside, 'missing.json');
    await verifyBundle({ path, missingTo: list }, NOBODY);
    expect(JSON.parse(readFileSync(list, 'utf8'))).toMatchObject({ files: [], blobs: [] });
  });

  it('that cannot be written is said to be so', async () => {
    const { folder } = scratch();
    const { path } = await writeShape(folder, TAR);
    const list = join(folder, 'nowhere', 'missing.json');
    expect(await thrownBy(verifyBundle({ path, missingTo: list }, NOBODY))).toMatchObject({
      code: 'ERR_OUTPUT_UNWRITABLE',
    });
  });
});

describe('a patch', () => {
  it('is a sound bundle of its own, tiny, of no item', async () => {
    const { folder, aside } = scratch();
    const { path } = await writeShape(folder, TAR);
    await damageBlob(path, SECOND);
    const patch = await patchFor(path, aside);
    expect(await verifyBundle({ path: patch }, NOBODY)).toMatchObject({ ok: true });
    const copy = join(aside, 'copy.tar');
    copyFileSync(patch, copy);
    writeFileSync(patch, '');
    expect(await patchFor(path, aside)).toBe(patch);
    expect(readFileSync(patch).equals(readFileSync(copy))).toBe(true);
  });
});
