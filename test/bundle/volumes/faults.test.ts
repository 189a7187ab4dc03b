import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { openBundle } from '../../../src/bundle/open.ts';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import type { Shape } from '../../../src/bundle/shape.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import { ProblemsError } from '../../../src/internal/problems.ts';
import { isSaddlebagError } from '../../../src/internal/error.ts';
import { hexOf } from '../../../src/oci/digest.ts';
import { verifyBundle, type VerifyResult } from '../../../src/verbs/verify.ts';
import { plannedFile, sampleSource } from '../../support/planned/items.ts';
import { incompressibleBytes } from '../../support/samples/sample-image.ts';
import { LARGE, VOLUME, writeShape } from '../../support/samples/shape-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { NOBODY } from '../../support/surroundings.ts';
const verify = (path: string): Promise<VerifyResult> => verifyBundle({ path }, NOBODY);

const TAR = ['lab.tar', { form: 'tar', volumeSize: VOLUME }] as const;
const ZIP = ['lab.zip', { form: 'zip', volumeSize: VOLUME }] as const;
const DIR = ['lab', { form: 'dir', volumeSize: VOLUME }] as const;

/** What one of the small files is in another bundle. */
type Change = Readonly<Record<number, { readonly seed: string; readonly size: number }>>;

/** A set of four volumes of small files, with headers in each, of a bundle called `name`. */
async function writeSmall(
  folder: string,
  name: string,
  { volumeSize = 800_000, content = name, changed = {}, files = 30, size = 90_000 }: SmallOptions = {},
): Promise<string> {
  const samples = Array.from({ length: files }, (_, index) => {
    const own = changed[index] ?? { seed: `${content} ${index}`, size };
    return plannedFile(`${index}.bin`, incompressibleBytes(own.seed, own.size));
  });
  const plan = planBundle(
    name,
    samples.map(({ planned }) => planned),
  );
  const shape: Shape = { form: 'tar', volumeSize };
  const { path } = await writeBundle(plan, sampleSource(samples), { path: join(folder, 'lab.tar'), shape });
  return path;
}

interface SmallOptions {
  readonly volumeSize?: number;
  readonly files?: number;
  /** Of each file (bytes). */
  readonly size?: number;
  /** What the files are made of; two bundles of the same are nearly identical. */
  readonly content?: string;
  readonly changed?: Change;
}

function swap(folder: string, left: string, right: string): void {
  renameSync(join(folder, left), join(folder, 'aside'));
  renameSync(join(folder, right), join(folder, left));
  renameSync(join(folder, 'aside'), join(folder, right));
}

/** What is said about volumes when a bundle is opened and, if that goes well, verified. */
async function said(path: string): Promise<readonly string[]> {
  try {
    const { problems } = await verify(path);
    return problems.map(({ message }) => message).filter((message) => message.includes('volume'));
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_ARCHIVE_INVALID')) throw error;
    return (error instanceof ProblemsError ? error.problems : [error]).map(({ message }) => message);
  }
}

const fault = (volume: string, fact: string): string => `Cannot use volume "${volume}": ${fact}`;

describe.each([
  ['with the sums beside them', true],
  ['without sums', false],
])('volumes of a tar, %s', (_, withSums) => {
  let good: Disposable & { readonly path: string };
  let foreign: Disposable & { readonly path: string };
  beforeAll(async () => {
    [good, foreign] = [temporaryFolder(), temporaryFolder()];
    await writeSmall(good.path, 'lab');
    await writeSmall(foreign.path, 'another-lab');
    if (!withSums) rmSync(join(good.path, 'lab.tar.sha256'));
  });
  afterAll(() => {
    good[Symbol.dispose]();
    foreign[Symbol.dispose]();
  });

  /** Returns a copy of the good set after something happened to it. */
  async function after(harm: (folder: string) => void): Promise<readonly string[]> {
    using folder = temporaryFolder();
    execFileSync('cp', ['-a', `${good.path}/.`, folder.path]);
    harm(folder.path);
    const path = join(folder.path, 'lab.tar.001');
    return await said(path);
  }

  it('are good as long as nothing happens to them [B-VOL-2]', async () => {
    expect(await after(() => undefined)).toEqual([]);
  });

  it.each([1, 2, 3, 4])('name volume %i when it is missing', async (number) => {
    const name = `lab.tar.00${number}`;
    expect(await after((folder) => rmSync(join(folder, name)))).toEqual([fault(name, 'it is missing')]);
  });

  it('name all that are missing', async () => {
    const messages = await after((folder) => {
      rmSync(join(folder, 'lab.tar.003'));
      rmSync(join(folder, 'lab.tar.004'));
    });
    expect(messages).toEqual([fault('lab.tar.003', 'it is missing'), fault('lab.tar.004', 'it is missing')]);
  });

  it('name what takes the place of what when two are swapped', async () => {
    expect(await after((folder) => swap(folder, 'lab.tar.002', 'lab.tar.003'))).toEqual([
      fault('lab.tar.002', 'it holds what belongs in "lab.tar.003"'),
      fault('lab.tar.003', 'it holds what belongs in "lab.tar.002"'),
    ]);
  });

  it('know a swap from a cut although the last volume is shorter', async () => {
    expect(await after((folder) => swap(folder, 'lab.tar.002', 'lab.tar.004'))).toEqual([
      fault('lab.tar.002', 'it holds what belongs in "lab.tar.004"'),
      fault('lab.tar.004', 'it holds what belongs in "lab.tar.002"'),
    ]);
  });

  it.each([2, 3, 4])('name volume %i when it is cut short', async (number) => {
    const name = `lab.tar.00${number}`;
    const { size } = statSync(join(good.path, name));
    const messages = await after((folder) => truncateSync(join(folder, name), size - 7));
    expect(messages).toEqual([fault(name, `it is cut short: expected ${size} bytes, found ${size - 7}`)]);
  });

  it('name the first one when it is cut short', async () => {
    const messages = await after((folder) => truncateSync(join(folder, 'lab.tar.001'), 700_000));
    expect(messages).toEqual([fault('lab.tar.001', 'it is cut short: expected 800000 bytes, found 700000')]);
  });

  it('name one that is empty, which is what a full stick leaves', async () => {
    const messages = await after((folder) => truncateSync(join(folder, 'lab.tar.003'), 0));
    expect(messages).toEqual([fault('lab.tar.003', 'it is cut short: expected 800000 bytes, found 0')]);
  });

  it.each([2, 3, 4])('name volume %i when it is from another bundle', async (number) => {
    const name = `lab.tar.00${number}`;
    const messages = await after((folder) => copyFileSync(join(foreign.path, name), join(folder, name)));
    expect(messages).toEqual([fault(name, 'it is from another bundle, or damaged')]);
  });

  it('name the first one when it is from another bundle', async () => {
    const messages = await after((folder) => {
      copyFileSync(join(foreign.path, 'lab.tar.001'), join(folder, 'lab.tar.001'));
    });
    expect(messages).toEqual([fault('lab.tar.001', 'it is from another bundle than the other volumes')]);
  });

  it('name a second first volume', async () => {
    const messages = await after((folder) => {
      copyFileSync(join(folder, 'lab.tar.001'), join(folder, 'lab.tar.002'));
    });
    expect(messages).toEqual([fault('lab.tar.002', 'it is a first volume, of this bundle or of another')]);
  });

  it('name one too many', async () => {
    const messages = await after((folder) => {
      writeFileSync(join(folder, 'lab.tar.005'), incompressibleBytes('stale', 1000));
    });
    expect(messages).toEqual([fault('lab.tar.005', 'it is one too many')]);
  });

  it('are told by the first one, and another one leads to it', async () => {
    await expect(openBundle(join(good.path, 'lab.tar.002'))).rejects.toMatchObject({
      code: 'ERR_BUNDLE_INVALID',
      hint: `Give the first one: ${join(good.path, 'lab.tar.001')}`,
    });
    await expect(openBundle(join(good.path, 'lab.tar'))).rejects.toMatchObject({
      code: 'ERR_BUNDLE_NOT_FOUND',
      hint: expect.stringContaining(join(good.path, 'lab.tar.001')),
    });
  });
});

describe('volumes of a bundle that is nearly the same, without sums', () => {
  const other = { seed: 'changed', size: 90_000 };
  const shorter = { seed: 'changed', size: 80_000 };

  /** Puts one volume of a bundle in which one file differs among those of another. */
  async function afterMixing(
    changed: Change,
    name: string,
    sums = 'without sums',
  ): Promise<readonly string[]> {
    using good = temporaryFolder();
    using yesterday = temporaryFolder();
    const path = await writeSmall(good.path, 'lab');
    await writeSmall(yesterday.path, 'lab', { changed });
    if (sums === 'without sums') rmSync(join(good.path, 'lab.tar.sha256'));
    copyFileSync(join(yesterday.path, name), join(good.path, name));
    return await said(path);
  }

  it.each([
    ['lab.tar.002', { 2: other }],
    ['lab.tar.003', { 27: other }],
    ['lab.tar.004', { 7: other }],
    ['lab.tar.002', { 2: shorter }],
    ['lab.tar.003', { 2: shorter }],
    ['lab.tar.003', { 27: shorter }],
  ])('%s is named when files differ as in %j', async (name, changed) => {
    expect(await afterMixing(changed, name)).toEqual([fault(name, 'it is from another bundle, or damaged')]);
  });

  it('is named when it is the first, where sums are there to tell', async () => {
    expect(await afterMixing({ 27: shorter }, 'lab.tar.001', 'with sums')).toEqual([
      fault('lab.tar.001', 'its content has changed, or it is from another bundle'),
    ]);
  });

  it('is named by one header among many', async () => {
    using good = temporaryFolder();
    using yesterday = temporaryFolder();
    const many = { files: 300, size: 3000, volumeSize: 400_000 };
    const path = await writeSmall(good.path, 'lab', many);
    await writeSmall(yesterday.path, 'lab', { ...many, changed: { 150: { seed: 'changed', size: 3000 } } });
    rmSync(join(good.path, 'lab.tar.sha256'));
    // Where its content lies; another one of the volumes differs in the manifest.
    const different = readdirSync(good.path).filter(
      (name) => !readFileSync(join(good.path, name)).equals(readFileSync(join(yesterday.path, name))),
    );
    const name = different.at(-1) ?? '';
    copyFileSync(join(yesterday.path, name), join(good.path, name));
    expect(different.length).toBeGreaterThan(1);
    expect(await said(path)).toEqual([fault(name, 'it is from another bundle, or damaged')]);
  });

  it('are good where they are the same in both', async () => {
    expect(await afterMixing({ 7: other }, 'lab.tar.002')).toEqual([]);
  });

  it.each([1, 2])('are of the bundle when %i of their headers are damaged', async (count) => {
    using folder = temporaryFolder();
    const path = await writeSmall(folder.path, 'lab');
    rmSync(join(folder.path, 'lab.tar.sha256'));
    const file = join(folder.path, 'lab.tar.003');
    const bytes = readFileSync(file);
    for (let at = 0, done = 0; done < count; done++) {
      at = bytes.indexOf('blobs/sha256/', at) + 20;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
    }
    writeFileSync(file, bytes);
    expect(await said(path)).toEqual([]);
    expect(await verify(path)).toMatchObject({ ok: false });
  });
});

describe('two volumes of a tar', () => {
  it.each([
    ['lab.tar.001', 1_900_000, 2_000_000],
    ['lab.tar.001', 1_000_000, 2_000_000],
    ['lab.tar.002', 300_000, 0],
  ])('name %s when it is cut short to %i', async (name, size, full) => {
    using folder = temporaryFolder();
    const path = await writeSmall(folder.path, 'lab', { volumeSize: 2_000_000 });
    const expected = full === 0 ? statSync(join(folder.path, name)).size : full;
    truncateSync(join(folder.path, name), size);
    expect(await said(path)).toEqual([
      fault(name, `it is cut short: expected ${expected} bytes, found ${size}`),
    ]);
  });

  it('say what is missing when there is only the first', async () => {
    using folder = temporaryFolder();
    const path = await writeSmall(folder.path, 'lab', { volumeSize: 2_000_000 });
    rmSync(join(folder.path, 'lab.tar.002'));
    rmSync(join(folder.path, 'lab.tar.sha256'));
    const [message, ...others] = await said(path);
    expect(others).toEqual([]);
    expect(message).toMatch(/"lab.tar.002": it is missing, unless "lab.tar.001" is cut short/);
  });
});

describe('volumes in the middle of one large content, which have no headers', () => {
  it.each([
    ['a tar', TAR],
    ['a zip', ZIP],
  ])('of %s are told apart by their sums when two are swapped', async (_, shape) => {
    using folder = temporaryFolder();
    const { path } = await writeShape(folder.path, shape);
    const [left, right] = [`${shape[0]}.004`, `${shape[0]}.005`];
    swap(dirname(path), left, right);
    expect(await said(path)).toEqual([
      fault(left, `it holds what belongs in "${right}"`),
      fault(right, `it holds what belongs in "${left}"`),
    ]);
  });

  it('are not mixed up without sums either: the content is found damaged', async () => {
    using folder = temporaryFolder();
    const { path } = await writeShape(folder.path, TAR);
    rmSync(join(folder.path, 'lab.tar.sha256'));
    swap(folder.path, 'lab.tar.004', 'lab.tar.005');
    const { ok, problems } = await verify(path);
    expect(ok).toBe(false);
    expect(problems.map((problem) => problem.path)).toEqual([`blobs/sha256/${hexOf(LARGE)}`]);
  });

  it('are named when one bit has changed', async () => {
    using folder = temporaryFolder();
    const { path } = await writeShape(folder.path, TAR);
    const file = join(folder.path, 'lab.tar.005');
    const bytes = readFileSync(file);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const { problems } = await verify(path);
    expect(problems).toMatchObject([
      { path: `blobs/sha256/${hexOf(LARGE)}`, code: 'ERR_DIGEST_MISMATCH' },
      { path: 'lab.tar.005', code: 'ERR_ARCHIVE_INVALID' },
    ]);
  });

  it('are named when one is a second first volume', async () => {
    using folder = temporaryFolder();
    const { path } = await writeShape(folder.path, TAR);
    copyFileSync(path, join(folder.path, 'lab.tar.005'));
    expect(await said(path)).toEqual([fault('lab.tar.005', 'it holds what belongs in "lab.tar.001"')]);
  });
});

describe('volumes of a zip', () => {
  it.each(['lab.zip.001', 'lab.zip.004', 'lab.zip.010'])('name %s when it is missing', async (name) => {
    using folder = temporaryFolder();
    const { path } = await writeShape(folder.path, ZIP);
    rmSync(join(folder.path, name));
    expect(await said(path)).toEqual([fault(name, 'it is missing')]);
  });

  it.each(['lab.zip.001', 'lab.zip.004', 'lab.zip.010'])('name %s when it is cut short', async (name) => {
    using folder = temporaryFolder();
    const { path } = await writeShape(folder.path, ZIP);
    truncateSync(join(folder.path, name), 100_000);
    const messages = await said(path);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(`Cannot use volume "${name}": `);
  });
});

describe('volumes of a file in a directory', () => {
  const hex = hexOf(LARGE);

  it.each([
    ['missing', (file: string) => rmSync(file), 'of file "large.bin": it is missing'],
    ['cut short', (file: string) => truncateSync(file, 1000), 'its content has changed'],
    [
      'damaged',
      (file: string) => writeFileSync(file, incompressibleBytes('x', VOLUME)),
      'its content has changed',
    ],
    [
      'swapped with another',
      (file: string) => swap(dirname(file), `${hex}.003`, `${hex}.005`),
      `it holds what belongs in "${hex}.005"`,
    ],
  ])('are named when one is %s', async (_, harm, fact) => {
    using folder = temporaryFolder();
    const { path } = await writeShape(folder.path, DIR);
    harm(join(path, 'blobs', 'sha256', `${hex}.003`));
    const messages = await said(path);
    expect(messages[0]).toContain(`Cannot use volume "${hex}.003"`);
    expect(messages[0]).toContain(fact);
  });
});

describe('volumes of a tar that someone packed again', () => {
  it('are read wherever things are', async () => {
    using folder = temporaryFolder();
    const { path } = await writeShape(folder.path, ['lab', { form: 'dir' }]);
    execFileSync(
      'sh',
      ['-c', 'tar cf - -C lab . | split -b 800000 -d -a 3 --numeric-suffixes=1 - again.tar.'],
      { cwd: folder.path },
    );
    expect(await verify(path)).toMatchObject({ ok: true });
    expect(await verify(join(folder.path, 'again.tar.001'))).toMatchObject({ ok: true, problems: [] });
  });
});
