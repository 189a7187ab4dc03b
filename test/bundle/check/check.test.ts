import { describe, expect, it } from 'vitest';
import { memoryArchive, memoryReader } from '../../../src/archive/memory.ts';
import { openTar } from '../../../src/archive/tar/reader.ts';
import { checkBundle, type Problem } from '../../../src/bundle/check/check.ts';
import { encodeDocument } from '../../../src/bundle/format/encode-document.ts';
import { encodeSums } from '../../../src/bundle/format/encode-sums.ts';
import { readBundle } from '../../../src/bundle/open.ts';
import { isSaddlebagError } from '../../../src/internal/error.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { badReader } from '../../support/archives/bad-reader.ts';
import { packTar, SAMPLES, sampleBundle } from '../../support/samples/sample-bundle.ts';

const sample = sampleBundle();

async function checkTar(tar: Uint8Array): Promise<readonly Problem[]> {
  return await checkBundle(
    await readBundle(openTar(memoryReader(tar), { name: 'lab.tar' }), { path: 'lab.tar' }),
  );
}

async function checkFiles(files: ReadonlyMap<string, Uint8Array>): Promise<readonly Problem[]> {
  return await checkBundle(await readBundle(memoryArchive(files), { path: 'lab' }));
}

/** Returns the sample with some files replaced, left out (`undefined`) or added. */
function changed(
  changes: Readonly<Record<string, Uint8Array | string | undefined>>,
): Map<string, Uint8Array> {
  const files = new Map(sample.files);
  for (const [path, bytes] of Object.entries(changes)) {
    if (bytes === undefined) files.delete(path);
    else files.set(path, Buffer.from(bytes));
  }
  return files;
}

/** Returns the sample with a file of its head replaced by one that bundle.json and SHA256SUMS agree with. */
function forged(path: string, text: string): Map<string, Uint8Array> {
  const bytes = Buffer.from(text);
  const files = sample.plan.document.files.map((file) =>
    file.path === path ? { path, digest: digestOf(bytes), size: bytes.length } : file,
  );
  const document = { ...sample.plan.document, files };
  const json = encodeDocument(document);
  return changed({ [path]: bytes, 'bundle.json': json, SHA256SUMS: encodeSums(document, digestOf(json)) });
}

const textOf = (path: string): string => Buffer.from(sample.files.get(path) ?? []).toString();
const largest = [...sample.files]
  .filter(([path]) => path.startsWith('blobs/'))
  .reduce((left, right) => (left[1].length >= right[1].length ? left : right))[0];

describe('a bundle as it was built', () => {
  it('has no problems, in a tar and in memory', async () => {
    expect(await checkTar(sample.tar)).toEqual([]);
    expect(await checkFiles(sample.files)).toEqual([]);
  });

  it('has none either when it holds nothing', async () => {
    expect(await checkTar(sampleBundle([]).tar)).toEqual([]);
  });

  it('tells how far the check is, up to the last byte', async () => {
    const bundle = await readBundle(memoryArchive(sample.files), { path: 'lab' });
    const seen: { bytesDone: number; bytesTotal: number }[] = [];
    await checkBundle(bundle, { onProgress: (progress) => seen.push(progress) });
    const last = seen.at(-1);
    expect(last?.bytesDone).toBe(last?.bytesTotal);
    expect(seen.map(({ bytesDone }) => bytesDone)).toEqual(
      seen.map(({ bytesDone }) => bytesDone).sort((a, b) => a - b),
    );
  });

  it('stops being checked when interrupted', async () => {
    const bundle = await readBundle(memoryArchive(sample.files), { path: 'lab' });
    const controller = new AbortController();
    const check = checkBundle(bundle, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(check).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });
});

describe('damage in a bundle', () => {
  it('in a blob is one problem, named, with both digests', async () => {
    const bytes = Buffer.from(sample.files.get(largest) ?? []);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    const expected = `sha256:${largest.slice('blobs/sha256/'.length)}`;
    expect(await checkFiles(changed({ [largest]: bytes }))).toEqual([
      {
        code: 'ERR_DIGEST_MISMATCH',
        path: largest,
        message: `Cannot verify "${largest}" of file "tool.bin": expected digest "${expected}", found "${digestOf(bytes)}"`,
        hint: expect.stringContaining('copy the bundle again'),
        items: [{ kind: 'file', name: 'tool.bin' }],
      },
    ]);
  });

  it('in a manifest is one problem, not one more for all that cannot be reached', async () => {
    const { digest } = SAMPLES[0]?.planned.item.descriptor ?? { digest: '' };
    const path = `blobs/sha256/${digest.slice(7)}`;
    const bytes = Buffer.from(sample.files.get(path) ?? []);
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    const problems = await checkFiles(changed({ [path]: bytes }));
    expect(problems.map((problem) => [problem.code, problem.path])).toEqual([['ERR_DIGEST_MISMATCH', path]]);
  });

  it('in a tar header is one problem, and the content behind it is still checked', async () => {
    const [first, second] = sample.layout.entries.slice(-2);
    const tar = Buffer.from(sample.tar);
    tar.writeUInt8(0xff, (first?.position ?? 0) - 512);
    tar.writeUInt8(tar.readUInt8(second?.position ?? 0) ^ 1, second?.position ?? 0);
    const problems = await checkTar(tar);
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['ERR_ARCHIVE_INVALID', first?.path],
      ['ERR_DIGEST_MISMATCH', second?.path],
    ]);
  });

  it('of every kind at once is all in one report, each once', async () => {
    const blobs = [...sample.files.keys()].filter((path) => path.startsWith('blobs/'));
    const [missing = '', shorter = '', longer = ''] = blobs.slice(-3);
    const files = changed({
      [missing]: undefined,
      [shorter]: (sample.files.get(shorter) ?? Buffer.alloc(0)).subarray(1),
      [longer]: Buffer.concat([sample.files.get(longer) ?? Buffer.alloc(0), Buffer.from('x')]),
      'manifest.json': textOf('manifest.json').replace('rancher', 'runcher'),
      '.DS_Store': 'x',
      'blobs/sha256/extra': 'x',
    });
    const problems = await checkFiles(files);
    expect(new Set(problems.map(({ code, path }) => `${code} ${path}`))).toEqual(
      new Set([
        `ERR_CONTENT_NOT_FOUND ${missing}`,
        `ERR_SIZE_MISMATCH ${shorter}`,
        `ERR_SIZE_MISMATCH ${longer}`,
        'ERR_DIGEST_MISMATCH manifest.json',
        'ERR_BUNDLE_INVALID .DS_Store',
        'ERR_BUNDLE_INVALID blobs/sha256/extra',
      ]),
    );
    expect(problems).toHaveLength(6);
  });
});

describe('a bundle that was cut', () => {
  it('says how many bytes are missing, and which files are not whole', async () => {
    const [last] = sample.layout.entries.slice(-1);
    const cut = (last?.position ?? 0) + 1;
    const problems = await checkTar(sample.tar.subarray(0, cut));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'ERR_ARCHIVE_INVALID', path: last?.path });
    expect(problems[0]?.message).toContain(
      `${sample.tar.length - cut} of its ${sample.tar.length} bytes are missing`,
    );
  });

  it('is noticed wherever the cut is', async () => {
    const passed: number[] = [];
    for (let length = 0; length < sample.tar.length; length += 509) {
      try {
        if ((await checkTar(sample.tar.subarray(0, length))).length === 0) passed.push(length);
      } catch (error) {
        if (!isSaddlebagError(error)) throw error;
      }
    }
    expect(passed).toEqual([]);
  });

  it('names every file that is not there', async () => {
    const entries = sample.layout.entries.slice(-3);
    const problems = await checkTar(sample.tar.subarray(0, (entries[0]?.position ?? 0) - 512));
    expect(problems.map(({ path }) => path)).toEqual(entries.map(({ path }) => path));
    expect(problems[0]?.message).toContain('it is cut short: it ends at byte');
    expect(problems[1]).toMatchObject({ code: 'ERR_CONTENT_NOT_FOUND' });
  });
});

describe('a tar with more than was built', () => {
  it('is refused for an extra member, one twice, and anything behind the end', async () => {
    const extra = packTar(changed({ 'blobs/sha256/zz': 'x' })).tar;
    expect((await checkTar(extra)).map(({ path }) => path)).toEqual(['blobs/sha256/zz']);
    const twice = Buffer.concat([
      sample.tar.subarray(0, -1024),
      packTar(new Map([['bundle.json', Buffer.from('{}')]])).tar,
    ]);
    expect(await checkTar(twice)).toMatchObject([{ code: 'ERR_ARCHIVE_INVALID', path: 'bundle.json' }]);
    const behind = Buffer.concat([sample.tar, Buffer.from('x')]);
    expect(await checkTar(behind)).toMatchObject([{ code: 'ERR_ARCHIVE_INVALID', path: 'lab.tar' }]);
  });
});

describe('the files other programs read', () => {
  it('must agree with bundle.json, even when all digests do', async () => {
    const index = textOf('index.json');
    const forgeries: readonly [string, string, string][] = [
      [
        'index.json',
        index.replaceAll('rancher/rancher:v2.9.2', 'rancher/rancher:v2.9.3'),
        'is not listed as',
      ],
      [
        'index.json',
        index.replace('"io.containerd.image.name": "docker.io/rancher', '"io.containerd.image.name": "evil'),
        'is not listed',
      ],
      ['index.json', '{"schemaVersion":2}', 'not an OCI image index'],
      ['index.json', '[', 'not JSON'],
      ['index.json', index.replace('"manifests"', '"others"'), 'no list of manifests'],
      ['manifest.json', '{}', 'not a list'],
      ['manifest.json', '[{"Config":1}]', 'not as docker save writes it'],
      ['manifest.json', '[{"Config":"../../etc/passwd","Layers":[]}]', 'content that belongs to no image'],
      [
        'manifest.json',
        textOf('manifest.json').replace('rancher/rancher:v2.9.2', 'rancher/rancher:latest'),
        'to another image',
      ],
      ['oci-layout', '{"imageLayoutVersion":"2.0.0"}', 'not the mark'],
      ['README.txt', textOf('README.txt').replace('sha256sum', 'sh'), 'not the text'],
      ['README.txt', '', 'not the text'],
    ];
    for (const [path, text, fact] of forgeries) {
      const problems = await checkFiles(forged(path, text));
      expect(problems.length, `${path}: ${fact}`).toBeGreaterThan(0);
      expect(
        problems.every((problem) => problem.path === path && problem.code === 'ERR_BUNDLE_INVALID'),
      ).toBe(true);
      expect(problems.map(({ message }) => message).join('\n')).toContain(fact);
    }
  });

  it('must not give a name to an artifact', async () => {
    const index: { manifests: Record<string, unknown>[] } = JSON.parse(textOf('index.json'));
    const artifact = index.manifests.find((entry) => 'artifactType' in entry);
    if (artifact !== undefined) artifact['annotations'] = { 'org.opencontainers.image.ref.name': 'tool' };
    const problems = await checkFiles(forged('index.json', JSON.stringify(index)));
    expect(problems.map(({ message }) => message).join('\n')).toContain(
      'as "tool", which bundle.json does not have',
    );
  });

  it('are compared line by line where they are sums', async () => {
    const problems = await checkFiles(
      changed({ SHA256SUMS: textOf('SHA256SUMS').replace(/^[0-9a-f]/, 'x') }),
    );
    expect(problems).toMatchObject([{ code: 'ERR_DIGEST_MISMATCH', path: 'SHA256SUMS' }]);
    expect(problems[0]?.message).toContain('the first is line 1 for "bundle.json"');
  });
});

describe('items that do not hold what they promise', () => {
  it('are reported: a layer that is not in the bundle, a blob that no item needs', async () => {
    const { document } = sample.plan;
    const blobs = document.blobs.slice(0, -1);
    const lacking = { ...document, blobs };
    const json = encodeDocument(lacking);
    const last = document.blobs.at(blobs.length)?.digest ?? '';
    const files = changed({
      'bundle.json': json,
      SHA256SUMS: encodeSums(lacking, digestOf(json)),
      [`blobs/sha256/${last.slice(7)}`]: undefined,
    });
    const problems = await checkFiles(files);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(`it needs blob "${last}", which bundle.json does not list`);

    const orphan = Buffer.from('orphan');
    const more = {
      ...document,
      blobs: [...document.blobs, { digest: digestOf(orphan), size: orphan.length }],
    };
    const moreJson = encodeDocument(more);
    const path = `blobs/sha256/${digestOf(orphan).slice(7)}`;
    const withOrphan = changed({
      'bundle.json': moreJson,
      SHA256SUMS: encodeSums(more, digestOf(moreJson)),
      [path]: orphan,
    });
    expect(await checkFiles(withOrphan)).toMatchObject([{ code: 'ERR_BUNDLE_INVALID', path }]);
  });

  it('may have blobs of a newer minor version that we know nothing about', async () => {
    const orphan = Buffer.from('orphan');
    const { document } = sample.plan;
    const newer = {
      ...document,
      version: '1.1',
      blobs: [...document.blobs, { digest: digestOf(orphan), size: orphan.length }],
    };
    const json = encodeDocument(newer);
    const path = `blobs/sha256/${digestOf(orphan).slice(7)}`;
    const files = changed({
      'bundle.json': json,
      SHA256SUMS: encodeSums(newer, digestOf(json)),
      [path]: orphan,
    });
    expect(await checkFiles(files)).toEqual([]);
  });

  it('are reported when an artifact is not of its kind', async () => {
    const { document } = sample.plan;
    const items = document.items.map((item) =>
      item.kind === 'file' ? { ...item, kind: 'k3s-versions' as const } : item,
    );
    const wrong = { ...document, items };
    const json = encodeDocument(wrong);
    const problems = await checkFiles(
      changed({ 'bundle.json': json, SHA256SUMS: encodeSums(wrong, digestOf(json)) }),
    );
    const type = 'is not of the type "application/vnd.saddlebag.k3s-versions.v1"';
    expect(problems.map(({ path, message }) => path === 'index.json' || message.includes(type))).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('a medium with bad spots', () => {
  it('in headers and in content are all named, and the rest is checked', async () => {
    const [first, second, third] = sample.layout.entries.slice(-3);
    // One spot in the header of an entry, one in the content of the next; a bit flipped in the last.
    const spots = [(first?.position ?? 0) - 300, (second?.position ?? 0) + 5];
    const tar = Buffer.from(sample.tar);
    tar.writeUInt8(tar.readUInt8(third?.position ?? 0) ^ 1, third?.position ?? 0);
    const archive = openTar(badReader(memoryReader(tar), spots), { name: 'lab.tar' });
    const problems = await checkBundle(await readBundle(archive, { path: 'lab.tar' }));
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['ERR_DISK_FAILED', first?.path],
      ['ERR_DISK_FAILED', second?.path],
      ['ERR_DIGEST_MISMATCH', third?.path],
    ]);
  });
});
