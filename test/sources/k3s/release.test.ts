import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import { ANNOTATION } from '../../../src/oci/annotation.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { type K3sRequest, resolveK3sReleases } from '../../../src/sources/k3s/release.ts';
import { parseK3sTag } from '../../../src/products/k3s/tag.ts';
import { plannedFiles } from '../../support/planned/layers.ts';
import { SITE } from '../../support/samples/sample-content.ts';
import { startBench } from '../../support/sites/source-context.ts';
import { hintsOf, problemsOf } from '../../support/thrown.ts';

const TAG = 'v1.30.6+k3s1';

function request(tag: string, more: Partial<K3sRequest> = {}): K3sRequest {
  const parsed = parseK3sTag(tag);
  if (parsed === undefined) throw new Error(`${tag} is no tag`);
  return { tag: parsed, architecture: 'amd64', audience: 'rancher-desktop', ...more };
}

function namesOf(items: readonly PlannedItem[]): readonly string[] {
  return items.flatMap((item) => plannedFiles(item).map(({ name }) => name));
}

describe('resolveK3sReleases', () => {
  it('brings what Rancher Desktop checks, and no more', async () => {
    await using bench = await startBench();
    const items = await resolveK3sReleases([request(TAG)], bench.context);
    expect(items.map(({ item }) => item)).toMatchObject([
      { kind: 'k3s', name: TAG, architectures: ['amd64'], audience: ['rancher-desktop'] },
    ]);
    expect(namesOf(items)).toEqual(['k3s', 'k3s-airgap-images-amd64.tar.zst', 'sha256sum-amd64.txt']);
  });

  it('brings the .tar too when an old Rancher Desktop is to be served', async () => {
    await using bench = await startBench();
    const items = await resolveK3sReleases([request(TAG, { tar: true })], bench.context);
    expect(namesOf(items)).toContain('k3s-airgap-images-amd64.tar');
    expect(namesOf(items)).toContain('k3s-airgap-images-amd64.tar.zst');
  });

  it.each([
    [
      'amd64',
      ['install.sh', 'k3s', 'k3s-airgap-images-amd64.tar.zst', 'k3s-images.txt', 'sha256sum-amd64.txt'],
    ],
    [
      'arm64',
      ['install.sh', 'k3s-airgap-images-arm64.tar.zst', 'k3s-arm64', 'k3s-images.txt', 'sha256sum-arm64.txt'],
    ],
    [
      's390x',
      ['install.sh', 'k3s-airgap-images-s390x.tar.zst', 'k3s-images.txt', 'k3s-s390x', 'sha256sum-s390x.txt'],
    ],
    [
      'arm',
      ['install.sh', 'k3s-airgap-images-arm.tar.zst', 'k3s-armhf', 'k3s-images.txt', 'sha256sum-arm.txt'],
    ],
  ] as const)('brings what a node on %s needs', async (architecture, names) => {
    await using bench = await startBench({
      releases: [{ tag: TAG, architectures: ['amd64', 'arm64', 'arm', 's390x'] }],
    });
    const items = await resolveK3sReleases(
      [request(TAG, { architecture, audience: 'k3s-node' })],
      bench.context,
    );
    expect(namesOf(items)).toEqual(names);
  });

  it('falls back to .tar for releases from before .tar.zst', async () => {
    await using bench = await startBench();
    const items = await resolveK3sReleases(
      [request('v1.20.15+k3s1', { audience: 'k3s-node' })],
      bench.context,
    );
    expect(namesOf(items)).toContain('k3s-airgap-images-amd64.tar');
    expect(namesOf(items)).not.toContain('k3s-airgap-images-amd64.tar.zst');
  });

  it.each([
    ['a desktop', 'rancher-desktop', false],
    ['a desktop that is old', 'rancher-desktop', true],
    ['a node', 'k3s-node', false],
  ] as const)(
    'takes .tar for %s where one architecture was released with that alone',
    async (_, audience, tar) => {
      const without = ['k3s-airgap-images-arm64.tar.zst', 'k3s-airgap-images-arm64.tar.gz'];
      await using bench = await startBench({ releases: [{ tag: TAG, without }] });
      const requests = [
        request(TAG, { audience, tar }),
        request(TAG, { audience, tar, architecture: 'arm64' }),
      ];
      const names = namesOf(await resolveK3sReleases(requests, bench.context));
      expect(names.filter((name) => name.includes('images-arm64'))).toEqual(['k3s-airgap-images-arm64.tar']);
      expect(names).toContain('k3s-airgap-images-amd64.tar.zst');
    },
  );

  it('makes one item of what nodes and desktops want of a release, whatever the order', async () => {
    await using bench = await startBench();
    const requests = [
      request(TAG, { audience: 'k3s-node' }),
      request(TAG, { architecture: 'arm64' }),
      request(TAG, { audience: 'k3s-node', architecture: 'arm64' }),
      request(TAG),
    ];
    const items = await resolveK3sReleases(requests, bench.context);
    expect(items.map(({ item }) => item)).toMatchObject([
      { name: TAG, architectures: ['amd64', 'arm64'], audience: ['k3s-node', 'rancher-desktop'] },
    ]);
    const names = namesOf(items);
    expect(names).toEqual([...new Set(names)].toSorted());
    expect(await resolveK3sReleases(requests.toReversed(), bench.context)).toEqual(items);
  });

  it('knows every digest and size without reading a binary', async () => {
    await using bench = await startBench();
    const [planned] = await resolveK3sReleases([request(TAG)], bench.context);
    for (const { name, descriptor } of plannedFiles(planned)) {
      const content = bench.upstream.content(`${SITE.downloads}/${TAG}/${name}`) ?? Buffer.alloc(0);
      expect([name, descriptor.digest, descriptor.size]).toEqual([name, digestOf(content), content.length]);
    }
    expect(bench.asked().filter((asked) => asked.startsWith('GET'))).toEqual([
      `GET ${SITE.downloads}/${TAG}/sha256sum-amd64.txt`,
    ]);
  });

  it('asks with %2B, as GitHub writes its addresses, and at the tag for the script', async () => {
    await using bench = await startBench();
    const [planned] = await resolveK3sReleases([request(TAG, { audience: 'k3s-node' })], bench.context);
    const targets = bench.upstream.requests.map(({ target }) => target);
    expect(targets).toContain(`${SITE.downloads}/v1.30.6%2Bk3s1/k3s`);
    expect(targets).toContain(`${SITE.source}/v1.30.6%2Bk3s1/install.sh`);
    expect(targets.filter((target) => target.includes('+'))).toEqual([]);
    const urls = [...(planned?.blobs ?? [])].flatMap(({ origin }) =>
      origin.type === 'url' ? [origin.url] : [],
    );
    expect(urls).toHaveLength(3);
  });

  it('carries the sums file as it was sent, and marks programs as executable', async () => {
    await using bench = await startBench();
    const [planned] = await resolveK3sReleases([request(TAG, { audience: 'k3s-node' })], bench.context);
    const files = plannedFiles(planned);
    const sums = files.find(({ name }) => name === 'sha256sum-amd64.txt');
    expect(sums?.origin).toEqual({
      type: 'bytes',
      bytes: bench.upstream.content(`${SITE.downloads}/${TAG}/sha256sum-amd64.txt`),
    });
    const executable = files.filter(
      ({ descriptor }) => descriptor.annotations?.[ANNOTATION.executable] === 'true',
    );
    expect(executable.map(({ name }) => name)).toEqual(['install.sh', 'k3s']);
  });

  it('has its manifest last, the digest of which is the item’s', async () => {
    await using bench = await startBench();
    const [planned] = await resolveK3sReleases([request(TAG)], bench.context);
    const last = planned?.blobs.at(-1);
    expect(last?.descriptor).toEqual(planned?.item.descriptor);
    expect(last?.origin.type === 'bytes' && digestOf(last.origin.bytes)).toBe(
      planned?.item.descriptor.digest,
    );
  });

  it('reports every line that the sums files lack', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /sha256sum-amd64/, answer: { withoutLine: 'airgap-images' } });
    bench.upstream.faults.add({ path: /sha256sum-arm64/, answer: { withoutLine: 'k3s' } });
    const requests = [request(TAG), request(TAG, { architecture: 'arm64' })];
    const url = (name: string): string => `${bench.upstream.url}${SITE.downloads}/v1.30.6%2Bk3s1/${name}`;
    expect(await problemsOf(resolveK3sReleases(requests, bench.context))).toEqual([
      `ERR_CHECKSUM_MISSING Cannot check "k3s-airgap-images-amd64.tar.zst": "${url('sha256sum-amd64.txt')}" has no line for it`,
      `ERR_CHECKSUM_MISSING Cannot check "k3s-arm64": "${url('sha256sum-arm64.txt')}" has no line for it`,
      `ERR_CHECKSUM_MISSING Cannot check "k3s-airgap-images-arm64.tar.zst": "${url('sha256sum-arm64.txt')}" has no line for it`,
    ]);
  });

  it('checks the list of images where a sums file covers it', async () => {
    await using bench = await startBench();
    const old = request('v1.20.15+k3s1', { audience: 'k3s-node' });
    await resolveK3sReleases([old], bench.context);
    await using changed = await startBench();
    changed.upstream.faults.add({ path: /k3s-images\.txt$/, answer: 'wrong-bytes' });
    expect(await problemsOf(resolveK3sReleases([old], changed.context))).toEqual([
      expect.stringMatching(
        /^ERR_DIGEST_MISMATCH Cannot verify "k3s-images.txt" of K3s v1.20.15\+k3s1: expected "sha256:/,
      ),
    ]);
  });

  it('names the asset that is not there', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /\.tar\.zst$/, answer: { status: 404 } });
    bench.upstream.faults.add({ path: /install\.sh$/, answer: { status: 404 } });
    expect(
      await problemsOf(resolveK3sReleases([request(TAG, { audience: 'k3s-node' })], bench.context)),
    ).toEqual([
      expect.stringContaining('k3s-airgap-images-amd64.tar.zst": the server answered 404'),
      expect.stringContaining('install.sh": the server answered 404'),
    ]);
  });

  it('says of a release that does not exist which one is nearest', async () => {
    await using bench = await startBench();
    expect(await problemsOf(resolveK3sReleases([request('v1.30.5+k3s1')], bench.context))).toEqual([
      'ERR_UPSTREAM_NOT_FOUND Cannot find K3s version "v1.30.5+k3s1": no release has it',
    ]);
    expect(await hintsOf(resolveK3sReleases([request('v1.30.5+k3s1')], bench.context))).toEqual([
      'The nearest is "v1.30.6+k3s1".',
    ]);
  });

  it('names the sums file when the release is listed and has none', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /sha256sum/, answer: { status: 404 } });
    expect(await problemsOf(resolveK3sReleases([request(TAG)], bench.context))).toEqual([
      expect.stringContaining('sha256sum-amd64.txt": the server answered 404'),
    ]);
  });

  it.each([
    [
      'the build that is complete',
      ['v1.19.2+k3s1'],
      '"v1.19.2+k3s1" is complete for arm64: choose that build.',
    ],
    ['that there is none', [], 'No build of 1.19.2 is complete for arm64: choose another version.'],
  ])('names for a release that lacks an architecture %s', async (_, others, hint) => {
    const releases = [
      { tag: 'v1.19.2+k3s2', without: ['sha256sum-arm64.txt'] },
      ...others.map((tag) => ({ tag })),
    ];
    await using bench = await startBench({ releases });
    const resolving = resolveK3sReleases(
      [request('v1.19.2+k3s2'), request('v1.19.2+k3s2', { architecture: 'arm64' })],
      bench.context,
    );
    expect(await problemsOf(resolving)).toEqual([
      expect.stringContaining('sha256sum-arm64.txt": the server answered 404'),
    ]);
    expect(await hintsOf(resolving)).toEqual([hint]);
  });

  it('names the sums file when there is no list to look the release up in', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /repos/, answer: { status: 404 } });
    expect(await problemsOf(resolveK3sReleases([request('v1.30.5+k3s1')], bench.context))).toEqual([
      expect.stringContaining('sha256sum-amd64.txt": the server answered 404'),
    ]);
  });

  it.each([
    ['a login page', 'html', 'ERR_HTTP_BODY'],
    ['an error that stays', { status: 500 }, 'ERR_HTTP_STATUS'],
    ['nonsense', { status: 200, body: 'not a sums file' }, 'ERR_DOCUMENT_INVALID'],
  ] as const)('fails on %s in place of the sums file', async (_, answer, code) => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: /sha256sum/, answer });
    expect(await problemsOf(resolveK3sReleases([request(TAG)], bench.context))).toEqual([
      expect.stringContaining(code),
    ]);
  });
});

describe('the sample content', () => {
  it('passes the real sha256sum', async () => {
    await using bench = await startBench();
    const folder = mkdtempSync(join(tmpdir(), 'sample-'));
    try {
      for (const name of [
        'k3s',
        'k3s-airgap-images-amd64.tar',
        'k3s-airgap-images-amd64.tar.gz',
        'k3s-airgap-images-amd64.tar.zst',
        'sha256sum-amd64.txt',
      ])
        writeFileSync(join(folder, name), bench.upstream.content(`${SITE.downloads}/${TAG}/${name}`) ?? '');
      const result = execFileSync('sha256sum', ['--strict', '-c', 'sha256sum-amd64.txt'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(result.match(/: OK$/gm)).toHaveLength(4);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
