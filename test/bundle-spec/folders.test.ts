import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesOf, HELLO } from '../../scripts/examples/content.ts';
import { inVolumes } from '../../scripts/examples/valid.ts';
import { checkBundle } from '../../src/bundle/check/check.ts';
import { openBundle } from '../../src/bundle/open.ts';
import { isSaddlebagError } from '../../src/internal/error.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { rawTar } from '../support/archives/raw-tar.ts';
import { rawZip } from '../support/archives/raw-zip.ts';
import { unpacked, UNPACKERS } from '../support/peers/unpack.ts';
import { temporaryFolder } from '../support/temporary.ts';

const FILES = [...filesOf([HELLO])].map(([path, bytes]) => ({ path, bytes }));
const BLOB = FILES.at(-1)?.path ?? '';
const CONTENT = new Map(FILES.map(({ path, bytes }) => [path, digestOf(bytes)]));

/** An entry of an archive; the path of a folder ends in a slash. */
interface Entry {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode?: number;
}

const folder = (path: string, mode = 0o755): Entry => ({ path, mode, bytes: Buffer.alloc(0) });
const isFolder = ({ path }: Entry, at: number): boolean => path.endsWith('/') || (path === '' && at >= 0);

function tarOf(entries: readonly Entry[]): Buffer {
  return rawTar(entries.map((entry, at) => ({ ...entry, type: isFolder(entry, at) ? '5' : '0' })));
}

function zipOf(entries: readonly Entry[]): Buffer {
  return rawZip(
    entries.map((entry, at) => {
      const type = isFolder(entry, at) ? 0o040000 : 0o100000;
      return { ...entry, central: { attributes: (type + (entry.mode ?? 0o644)) * 65_536 } };
    }),
  );
}

const FORMS = [
  ['tar', tarOf],
  ['zip', zipOf],
] as const;

async function problemsOf(path: string): Promise<readonly string[]> {
  try {
    await using bundle = await openBundle(path);
    return (await checkBundle(bundle)).map(({ message }) => message);
  } catch (error) {
    if (isSaddlebagError(error)) return [error.message];
    throw error;
  }
}

function store(base: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), bytes);
  }
}

describe('a folder among the entries of a bundle', () => {
  const refused: readonly (readonly [path: string, fact: string])[] = [
    ['../escaped/', '".."'],
    ['a/../../b/', '".."'],
    ['/etc/', ''],
    ['/', ''],
    ['CON/', 'device'],
    ['a\\b/', 'character'],
    ['a:b/', 'character'],
    ['\u001b[31m/', 'control'],
    ['a./', 'dot or a space'],
    ['blobs//', 'empty'],
    ['Blobs/', 'treat the two as one'],
    ['blobs/SHA256/', 'treat the two as one'],
    ['bundle.json/', 'a file and a folder'],
    ['BUNDLE.JSON/', 'a file and a folder'],
    ['bundle.json/x/', 'a file and a folder'],
    [`${BLOB}/`, 'a file and a folder'],
  ];

  describe.each(FORMS)('in a %s', (form, pack) => {
    it.each(refused)('%j is refused wherever it is [B-PATH-1] [B-PATH-2]', async (path, fact) => {
      using scratch = temporaryFolder();
      const evil = folder(path);
      for (const entries of [[...FILES, evil], [evil, ...FILES], FILES.toSpliced(2, 0, evil)]) {
        const archive = join(scratch.path, `lab.${form}`);
        writeFileSync(archive, pack(entries));
        const problems = await problemsOf(archive);
        expect(problems.filter((problem) => problem.includes(fact))).not.toEqual([]);
        store(scratch.path, inVolumes(`cut.${form}`, pack(entries), 3000).files);
        expect(await problemsOf(join(scratch.path, `cut.${form}.001`))).not.toEqual([]);
      }
    });

    it('that its owner may not read is refused, and a file that runs as its owner [B-PATH-5]', async () => {
      using scratch = temporaryFolder();
      const archive = join(scratch.path, `lab.${form}`);
      const faults: readonly (readonly [entries: readonly Entry[], fact: string])[] = [
        [[folder('blobs/', 0), ...FILES], 'keeps its owner from reading it'],
        [FILES.map((file) => ({ ...file, mode: 0o200 })), 'keeps its owner from reading it'],
        [FILES.map((file) => ({ ...file, mode: 0o4755 })), 'with the rights of its owner'],
        [FILES.map((file) => ({ ...file, mode: 0o2755 })), 'with the rights of its owner'],
      ];
      for (const [entries, fact] of faults) {
        writeFileSync(archive, pack(entries));
        expect((await problemsOf(archive)).join('\n')).toContain(fact);
      }
    });

    it('may be there, also twice, before and behind its files, and the bundle unpacks to itself', async () => {
      using scratch = temporaryFolder();
      const archive = join(scratch.path, `lab.${form}`);
      const own = [folder('blobs/'), folder('blobs/sha256/', 0o2755), folder('blobs/')];
      writeFileSync(archive, pack([...own, ...FILES, ...own, folder('notes/empty/')]));
      expect(await problemsOf(archive)).toEqual([]);
      for (const unpacker of UNPACKERS[form]) {
        const place = join(scratch.path, unpacker.name);
        mkdirSync(place);
        expect((await unpacked(unpacker, archive, place)) ?? CONTENT).toEqual(CONTENT);
        expect(await problemsOf(place)).toEqual([]);
      }
    });
  });

  it('may be "./" in a tar, as tar programs write it, and nothing in a zip [B-TAR-7]', async () => {
    using scratch = temporaryFolder();
    const dotted = FILES.map((file) => ({ ...file, path: `./${file.path}` }));
    const archive = join(scratch.path, 'lab');
    writeFileSync(archive, tarOf([folder('./'), folder('./blobs/'), ...dotted, folder('./')]));
    expect(await problemsOf(archive)).toEqual([]);
    writeFileSync(archive, zipOf(dotted));
    expect((await problemsOf(archive)).join('\n')).toContain('the path has the component "."');
  });

  it('may come in any order, also in volumes [B-LAYOUT-8]', async () => {
    using scratch = temporaryFolder();
    const moved = FILES.toSpliced(2, 1).toSpliced(3, 0, ...FILES.slice(2, 3));
    store(scratch.path, inVolumes('cut.tar', tarOf(moved), 2048).files);
    expect(await problemsOf(join(scratch.path, 'cut.tar.001'))).toEqual([]);
  });

  it(
    'counts as an entry, and ends the reading where there are too many [B-PATH-4]',
    { timeout: 240_000 },
    async () => {
      using scratch = temporaryFolder();
      const archive = join(scratch.path, 'lab.tar');
      const limit = 1_000_000;
      const [one, all] = [tarOf([folder('blobs/')]).subarray(0, 512), tarOf(FILES)];
      const folders = Buffer.alloc(512 * (limit - FILES.length), one);
      writeFileSync(archive, Buffer.concat([folders, all]));
      expect(await problemsOf(archive)).toEqual([]);
      writeFileSync(archive, Buffer.concat([folders, one, all]));
      const problems = await problemsOf(archive);
      expect(problems.join('\n')).toContain(`the archive has more than ${limit} entries`);
      expect(problems.length).toBeLessThan(10);
    },
  );
});
