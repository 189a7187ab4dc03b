import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  ALL,
  filesOf,
  HELLO,
  IMAGE,
  INDEX,
  NEWER_IMAGE,
  planOfSamples,
} from '../../scripts/examples/content.ts';
import { documentOf, withHeadFile } from '../../scripts/examples/forge.ts';
import { memoryArchive } from '../../src/archive/memory.ts';
import { bundleBase } from '../../src/bundle/check/base.ts';
import { checkBundle, checkWithBases } from '../../src/bundle/check/check.ts';
import { DOCUMENT_LIMIT } from '../../src/bundle/format/decode.ts';
import { requiredBlobs } from '../../src/bundle/format/document.ts';
import { deltaOf } from '../../src/bundle/plan/delta.ts';
import { openBundle, readBundle } from '../../src/bundle/open.ts';
import { encodeJson } from '../../src/internal/json.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { EXAMPLES } from '../support/archives/example-bundles.ts';
import { expectUntouched, install, installLab } from '../support/sites/install-lab.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { problemsOf, thrownBy } from '../support/thrown.ts';

/** What no other test of this repository proves by its way. */
describe('a bundle that this program writes', () => {
  it('consists of the files of the format and no other [B-LAYOUT-1]', () => {
    const files = filesOf(ALL);
    const head = [
      'oci-layout',
      'bundle.json',
      'bundle.json.sig',
      'README.txt',
      'index.json',
      'manifest.json',
      'SHA256SUMS',
    ];
    const blobs = documentOf(files).blobs.map(({ digest }) =>
      String(digest).replace('sha256:', 'blobs/sha256/'),
    );
    expect([...files.keys()]).toEqual([...head, ...blobs]);
    expect(documentOf(files).files.map(({ path }) => path)).toEqual([
      'oci-layout',
      'README.txt',
      'index.json',
      'manifest.json',
    ]);
  });

  it('is encoded in the one way of the format [B-DOC-11]', () => {
    const files = filesOf(ALL);
    const other = ['bundle.json', 'index.json', 'manifest.json'].filter((path) => {
      const bytes = Buffer.from(files.get(path) ?? []);
      return !bytes.equals(encodeJson(JSON.parse(bytes.toString())));
    });
    expect(other).toEqual([]);
    const text = Buffer.from(files.get('bundle.json') ?? []).toString();
    const members = [...text.matchAll(/^ {2}"([a-zA-Z]+)":/gm)].map(([, name]) => name);
    expect(members).toEqual(['version', 'mediaType', 'name', 'items', 'files', 'blobs']);
  });

  it('has the blobs of an image as they are upstream [B-ITEM-6]', () => {
    const files = filesOf([IMAGE, INDEX]);
    for (const { descriptor, bytes } of [...IMAGE.contents, ...INDEX.contents]) {
      const held = files.get(`blobs/sha256/${descriptor.digest.slice(7)}`) ?? Buffer.alloc(0);
      expect(Buffer.from(held).equals(bytes)).toBe(true);
    }
  });
});

describe('a delta that this program writes', () => {
  const old = planOfSamples([IMAGE], { name: 'old' });
  const held = new Set<string>(old.blobs.map(({ descriptor }) => descriptor.digest));
  const delta = deltaOf(planOfSamples([IMAGE, NEWER_IMAGE, HELLO]), [
    { root: old.root, name: 'old', has: (digest) => held.has(digest) },
  ]);

  it('says whose blobs it counts on, sorted [B-DELTA-1]', () => {
    const { requires } = delta.document;
    const digests = requiredBlobs(delta.document).map(({ digest }) => digest);
    expect(requires).toMatchObject([{ root: old.root, name: 'old' }]);
    expect(digests.length).toBeGreaterThan(1);
    expect(digests).toEqual([...digests].sort());
  });

  it('leaves out no manifest and no config [B-DELTA-3]', () => {
    const digests = new Set(delta.document.blobs.map(({ digest }) => digest));
    const documents = old.blobs.filter(({ descriptor }) => descriptor.mediaType.endsWith('+json'));
    expect(documents).toHaveLength(2);
    expect(documents.filter(({ descriptor }) => !digests.has(descriptor.digest))).toEqual([]);
  });
});

describe('this program as a reader', () => {
  it('tells the shape by content, and not by name [B-SHAPE-1]', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'lab.tar');
    writeFileSync(path, gzipSync(Buffer.alloc(9)));
    expect(await thrownBy(openBundle(path))).toMatchObject({
      code: 'ERR_BUNDLE_INVALID',
      message: expect.stringContaining('it is compressed with gzip'),
    });
    writeFileSync(path, 'something else');
    expect(await thrownBy(openBundle(path))).toMatchObject({
      code: 'ERR_BUNDLE_INVALID',
      message: expect.stringContaining('neither a tar, a zip nor a folder'),
    });
  });

  it('finds the same bundle in every shape [B-SHAPE-2] [B-VOL-2] [B-DIR-2]', async () => {
    const roots = async (...paths: readonly string[]): Promise<ReadonlySet<string>> => {
      const found = new Set<string>();
      for (const path of paths) {
        await using bundle = await openBundle(join(EXAMPLES, 'valid', path));
        found.add(bundle.root);
      }
      return found;
    };
    expect(await roots('all-kinds.tar', 'all-kinds.zip', 'all-kinds')).toHaveProperty('size', 1);
    expect(await roots('volumes.tar.001', 'volumes.zip.001', 'directory-with-volumes')).toHaveProperty(
      'size',
      1,
    );
  });

  it('takes nothing but a file for the sums of volumes in a directory [B-DIR-2] [B-LAYOUT-3]', async () => {
    using folder = temporaryFolder();
    cpSync(join(EXAMPLES, 'valid', 'directory-with-volumes'), folder.path, { recursive: true });
    const names = readdirSync(join(folder.path, 'blobs', 'sha256'));
    const sums = join(folder.path, 'blobs', 'sha256', names.find((name) => name.endsWith('.sha256')) ?? '');
    rmSync(sums);
    mkdirSync(sums);
    writeFileSync(join(sums, 'hidden'), 'x');
    await using bundle = await openBundle(folder.path);
    const problems = await checkBundle(bundle);
    expect(problems).toMatchObject([{ code: 'ERR_BUNDLE_INVALID' }]);
    expect(problems[0]?.path).toMatch(/\.sha256\/hidden$/);
  });

  it.each(['index.json', 'manifest.json'])('does not parse a %s without end [B-INDEX-6]', async (path) => {
    const files = withHeadFile(filesOf([HELLO]), path, '['.padEnd(DOCUMENT_LIMIT + 1));
    await using bundle = await readBundle(memoryArchive(files), { path: 'lab' });
    expect(await checkBundle(bundle)).toMatchObject([
      {
        code: 'ERR_BUNDLE_INVALID',
        path,
        message: expect.stringContaining(`${DOCUMENT_LIMIT} bytes allowed`),
      },
    ]);
  });

  it('refuses a delta that requires a manifest, though a base has it [B-DELTA-8]', async () => {
    await using delta = await openBundle(join(EXAMPLES, 'invalid', 'B-DELTA-8-manifest-elsewhere.tar'));
    await using base = await readBundle(memoryArchive(filesOf([INDEX])), { path: 'base.tar' });
    const [{ digest } = { digest: '' }] = requiredBlobs(delta.document);
    const message = `Cannot accept manifest "${digest}" of image "quay.io/example/multi:2.0": the delta requires it, and must hold it itself`;
    for (const bases of [[], [bundleBase(base)]]) {
      const { problems, supply } = await checkWithBases(delta, { bases });
      expect(supply.sources.size).toBe(bases.length);
      expect(problems).toMatchObject([{ code: 'ERR_BUNDLE_INVALID', message }]);
    }
  });

  it('takes the root digest from the bytes of bundle.json as they are [B-DOC-12]', async () => {
    const files = filesOf([HELLO]);
    const text = JSON.stringify(JSON.parse(Buffer.from(files.get('bundle.json') ?? []).toString()));
    const compact = new Map(files).set('bundle.json', Buffer.from(text));
    await using bundle = await readBundle(memoryArchive(compact), { path: 'lab' });
    expect(bundle.root).toBe(digestOf(text));
  });
});

describe('this program as an installer', () => {
  it('changes nothing as long as a blob of a delta is nowhere, and names it [B-DELTA-4]', async () => {
    const lab = await installLab();
    const path = join(EXAMPLES, 'valid', 'delta.tar');
    await using delta = await openBundle(path);
    const [required] = requiredBlobs(delta.document);
    const said = await problemsOf(install({ ...lab.options, path }));
    expect(said.join('\n')).toContain('ERR_BASE_MISSING');
    expect(said.join('\n')).toContain(required?.digest);
    expectUntouched(lab);
  });
});
