import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync, closeSync, ftruncateSync, writeSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openFileReader } from '../../src/disk/reader.ts';
import { memoryArchive, memoryReader } from '../../src/archive/memory.ts';
import { openTar } from '../../src/archive/tar/reader.ts';
import { layoutTar } from '../../src/archive/tar/layout.ts';
import { checkBundle } from '../../src/bundle/check/check.ts';
import { isKnown } from '../../src/bundle/format/blobs/contents.ts';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { blobPath } from '../../src/bundle/format/layout.ts';
import { openBundle, readBundle } from '../../src/bundle/open.ts';
import { layoutOf } from '../../src/bundle/write/write.ts';
import { collectBytes } from '../../src/internal/bytes.ts';
import { encodeArtifact } from '../../src/oci/artifact.ts';
import { type Digest, digestOf, parseDigest } from '../../src/oci/digest.ts';
import { verified } from '../../src/oci/verified.ts';
import { countingReader } from '../support/archives/counting-reader.ts';
import { rawTar } from '../support/archives/raw-tar.ts';
import { packTar, sampleBundle } from '../support/samples/sample-bundle.ts';
import { temporaryFolder } from '../support/temporary.ts';

const sample = sampleBundle();

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.from(await collectBytes(stream, { limit: 1e8, onExcess: () => new Error('too long') }));
}

describe('an open bundle', () => {
  it('knows its root, its document and every blob', async () => {
    await using bundle = await readBundle(openTar(memoryReader(sample.tar)), { path: 'lab.tar' });
    expect(bundle).toMatchObject({ path: 'lab.tar', shape: 'tar', root: sample.plan.root });
    expect(bundle.document).toEqual(sample.plan.document);
    for (const { digest, size } of sample.plan.document.blobs) {
      expect(bundle.sizeOf(digest)).toBe(size);
      const found = await bytesOf(verified(bundle.fetch({ mediaType: 'x', digest, size }), { digest, size }));
      expect(found).toHaveLength(size);
    }
  });

  it('lists its files in the order of the plan, and streams each', async () => {
    await using bundle = await readBundle(openTar(memoryReader(sample.tar)), { path: 'lab.tar' });
    const paths: string[] = [];
    for await (const { path } of bundle.entries()) paths.push(path);
    expect(paths).toEqual([...sample.files.keys()]);
    expect(bundle.contents.map(({ path }) => path)).toEqual(paths);
    for (const { path, digest } of bundle.contents.filter(isKnown))
      expect(digestOf(await bytesOf(bundle.stream(path)))).toBe(digest);
  });

  it('fetches from the middle of a blob', async () => {
    await using bundle = await readBundle(memoryArchive(sample.files), { path: 'lab' });
    const blob = [...sample.plan.blobs].at(-1);
    const descriptor = blob?.descriptor ?? { mediaType: '', digest: sample.plan.root, size: 0 };
    const whole = await bytesOf(bundle.fetch(descriptor));
    expect(await bytesOf(bundle.fetch(descriptor, { offset: 10 }))).toEqual(whole.subarray(10));
  });

  it('has no blob that its document does not list, whatever the archive holds', async () => {
    const hidden = Buffer.from('hidden');
    const digest = digestOf(hidden);
    await using bundle = await readBundle(
      memoryArchive(new Map([...sample.files, [blobPath(digest), hidden]])),
      { path: 'lab' },
    );
    expect(bundle.sizeOf(digest)).toBeUndefined();
    const fetch = bytesOf(bundle.fetch({ mediaType: 'x', digest, size: hidden.length }));
    await expect(fetch).rejects.toMatchObject({ code: 'ERR_CONTENT_NOT_FOUND' });
  });

  it('gives the files of an artifact, and none of an image', async () => {
    await using bundle = await readBundle(memoryArchive(sample.files), { path: 'lab' });
    const names = new Map<string, string[]>();
    for (const item of bundle.document.items) {
      names.set(
        item.name,
        (await bundle.files(item)).map(({ name }) => name),
      );
    }
    expect([...names]).toEqual([
      ['empty.txt', ['empty.txt']],
      ['tool.bin', ['tool.bin']],
      ['docker.io/library/busybox:1.36', []],
      ['docker.io/rancher/rancher:v2.9.2', []],
      ['v1.30.6+k3s1', ['k3s', 'k3s-airgap-images-amd64.tar.zst', 'sha256sum-amd64.txt']],
    ]);
  });
});

describe('opening', () => {
  /** A bundle of two large blobs with holes for content: 20 GiB to look at, nothing to store. */
  function hugeBundle(path: string): {
    readonly size: number;
    readonly last: { digest: Digest; size: number };
  } {
    const size = 10 * 1024 ** 3;
    const files = ['a', 'b'].map((letter) => ({
      name: `${letter}.bin`,
      descriptor: { digest: parseDigest(`sha256:${letter.repeat(64)}`), size },
    }));
    const planned = files.map((file) => {
      const manifest = encodeArtifact('application/vnd.saddlebag.file.v1', [file]);
      return {
        item: {
          kind: 'file',
          name: file.name,
          descriptor: manifest.descriptor,
          audience: ['files'],
        } as const,
        blobs: [
          {
            descriptor: { mediaType: 'x', ...file.descriptor },
            origin: { type: 'url', url: 'https://x.test/' } as const,
          },
          { descriptor: manifest.descriptor, origin: { type: 'bytes', bytes: manifest.bytes } as const },
        ],
      };
    });
    const plan = planBundle('huge', planned);
    const layout = layoutOf(plan);
    const descriptor = openSync(path, 'w');
    ftruncateSync(descriptor, layout.size);
    for (const { position, bytes } of layout.frame()) writeSync(descriptor, bytes, 0, bytes.length, position);
    for (const [index, { bytes }] of plan.files.entries()) {
      writeSync(descriptor, bytes, 0, bytes.length, layout.entries.at(index)?.position ?? 0);
    }
    closeSync(descriptor);
    return { size: layout.size, last: files[1]?.descriptor ?? { digest: plan.root, size } };
  }

  it('reads the head of 20 GiB and not its body, and finds the last blob without a walk', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'huge.tar');
    const { size, last } = hugeBundle(path);
    expect(size).toBeGreaterThan(20 * 1024 ** 3);
    const reader = countingReader(await openFileReader(path));
    await using bundle = await readBundle(openTar(reader), { path });
    expect(reader.counted()).toBeLessThan(16 * 1024);
    const before = reader.counted();
    for await (const chunk of bundle.fetch({ mediaType: 'x', ...last }, { offset: last.size - 100 })) {
      expect(chunk).toHaveLength(100);
    }
    // One header, to be sure of the place, and what was asked for.
    expect(reader.counted() - before).toBe(512 + 100);
  });

  it('walks a tar that was packed again [B-LAYOUT-8]', async () => {
    const backwards = new Map([...sample.files].toReversed());
    await using bundle = await readBundle(openTar(memoryReader(packTar(backwards).tar)), { path: 'lab.tar' });
    expect(bundle.root).toBe(sample.plan.root);
    expect(await checkBundle(bundle)).toEqual([]);
  });

  it.each([
    ['.'],
    ['--format=ustar', '.'],
    ['--sort=name', '--owner=1000', '.'],
    [
      '--sort=name',
      'bundle.json',
      'bundle.json.sig',
      'blobs',
      'index.json',
      'manifest.json',
      'oci-layout',
      'README.txt',
      'SHA256SUMS',
    ],
  ])('takes a tar from GNU tar %s %s', async (...options) => {
    using folder = temporaryFolder();
    const [path, again, out] = ['lab.tar', 'again.tar', 'out'].map((name) => join(folder.path, name));
    writeFileSync(path ?? '', sample.tar);
    mkdirSync(out ?? '');
    execFileSync('tar', ['-xf', path ?? '', '-C', out ?? '']);
    execFileSync('tar', ['-cf', again ?? '', '-C', out ?? '', ...options]);
    await using bundle = await openBundle(again ?? '');
    expect(bundle.root).toBe(sample.plan.root);
    expect(await checkBundle(bundle)).toEqual([]);
    await using unpacked = await openBundle(out ?? '');
    expect(unpacked).toMatchObject({ shape: 'dir', root: sample.plan.root });
    expect(await checkBundle(unpacked)).toEqual([]);
  });

  it('refuses a tar with PAX headers, and says how to pack it', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'bundle.json'), 'x');
    execFileSync('tar', ['--format=pax', '-cf', 'pax.tar', 'bundle.json'], { cwd: folder.path });
    const opening = openBundle(join(folder.path, 'pax.tar'));
    await expect(opening).rejects.toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
      hint: expect.stringContaining('--format=ustar'),
    });
  });

  it('says of a tar and a folder without bundle.json that they are not bundles', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'other.tar'), rawTar([{ path: 'a', bytes: 'x' }]));
    for (const path of [join(folder.path, 'other.tar'), folder.path]) {
      await expect(openBundle(path)).rejects.toMatchObject({
        code: 'ERR_BUNDLE_INVALID',
        message: `Cannot open "${path}": not a bundle: it holds no "bundle.json"`,
      });
    }
  });

  it('does not read a bundle.json of a gigabyte [B-DOC-4]', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'large.tar');
    const layout = layoutTar([{ path: 'bundle.json', size: 1024 ** 3 }]);
    const descriptor = openSync(path, 'w');
    ftruncateSync(descriptor, layout.size);
    for (const { position, bytes } of layout.frame()) writeSync(descriptor, bytes, 0, bytes.length, position);
    closeSync(descriptor);
    await using reader = countingReader(await openFileReader(path));
    const opening = readBundle(openTar(reader), { path });
    await expect(opening).rejects.toThrow('its bundle.json is larger than the 67108864 bytes allowed');
    expect(reader.counted()).toBeLessThan(80 * 1024 * 1024);
  });

  it('ends when it is interrupted', async () => {
    const opening = readBundle(memoryArchive(sample.files), { path: 'lab', signal: AbortSignal.abort() });
    await expect(opening).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});

describe('an artifact with hostile names', () => {
  it.each([
    [['../evil'], '".."'],
    [['..'], '".."'],
    [['..\\evil'], 'character'],
    [['/etc/passwd'], 'absolute'],
    [['a/b/../c'], '".."'],
    [['a//b'], 'empty'],
    [['a', 'a/b'], 'a folder at once'],
    [['x'.repeat(5000)], 'longer than'],
    [['CON'], 'device'],
    [['a', 'A'], 'treat the two as one'],
    [['a', 'a'], 'twice'],
    [[undefined], 'has no file name'],
  ])('is refused: %j', async (names, fact) => {
    const layers = names.map((name) => ({
      mediaType: 'application/octet-stream',
      digest: sample.plan.root,
      size: 1,
      ...(name === undefined ? {} : { annotations: { 'org.opencontainers.image.title': name } }),
    }));
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        artifactType: 'application/vnd.saddlebag.file.v1',
        config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: sample.plan.root, size: 2 },
        layers,
      }),
    );
    const descriptor = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: digestOf(manifest),
      size: manifest.length,
    };
    const item = { kind: 'file', name: 'tool', descriptor, audience: ['files'] } as const;
    const evil = planBundle('evil', [
      { item, blobs: [{ descriptor, origin: { type: 'bytes', bytes: manifest } }] },
    ]);
    const files = new Map([
      ...evil.files.map(({ path, bytes }) => [path, bytes] as const),
      [blobPath(descriptor.digest), manifest] as const,
    ]);
    await using bundle = await readBundle(memoryArchive(files), { path: 'evil' });
    await expect(bundle.files(item)).rejects.toThrow(fact);
    const problems = await checkBundle(bundle);
    expect(problems.some(({ message }) => message.includes(fact))).toBe(true);
  });
});
