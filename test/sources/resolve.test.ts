import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleChart } from '../support/samples/sample-chart.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { type SourceBench, startBench } from '../support/sites/source-context.ts';
import { resolveDocument, type SpecDocument } from '../support/sites/spec-document.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { problemsOf, thrownBy } from '../support/thrown.ts';

const IMAGES = {
  'rancher/rancher:v2.9.2': sampleImage({ name: 'rancher', platforms: ['linux/amd64', 'linux/arm64'] }),
  'quay.io/jetstack/cert-manager-controller:v1.15.3': sampleImage({
    name: 'cert',
    platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'],
  }),
  'busybox:1.36': sampleImage({ name: 'busybox' }),
  'rancher/mirrored-pause:3.6': sampleImage({ name: 'pause' }),
};

function wholeSpec(bench: SourceBench): SpecDocument {
  return {
    platforms: ['linux/amd64'],
    images: [
      'busybox:1.36',
      'rancher/rancher:v2.9.2',
      {
        reference: 'quay.io/jetstack/cert-manager-controller:v1.15.3',
        platforms: ['linux/amd64', 'linux/arm64'],
      },
    ],
    rancherDesktop: {
      versions: ['v1.30.6+k3s1', '1.31.2', 'stable'],
      platforms: ['windows/amd64', 'darwin/arm64', 'linux/amd64'],
      kubectl: 'per-version',
    },
    k3s: { versions: ['v1.30.6+k3s1'], architectures: ['amd64', 'arm64'] },
    kubectl: { versions: ['1.29.3'], platforms: ['linux/amd64'] },
    files: [{ url: `${bench.upstream.url}/files/tool.tar.gz` }],
  };
}

describe('resolveItems', () => {
  it('resolves a spec with everything in it', async () => {
    await using bench = await startBench({ images: IMAGES });
    const items = await resolveDocument(wholeSpec(bench), bench.context);
    expect(items.map(({ item }) => `${item.kind} ${item.name}`)).toEqual([
      'file tool.tar.gz',
      'image docker.io/library/busybox:1.36',
      'image docker.io/rancher/rancher:v2.9.2',
      'image quay.io/jetstack/cert-manager-controller:v1.15.3',
      'k3s v1.30.6+k3s1',
      'k3s v1.31.2+k3s2',
      'k3s v1.36.3+k3s1',
      'k3s-versions k3s-versions.json',
      'kubectl v1.29.3 linux/amd64',
      ...['v1.30.6', 'v1.31.2', 'v1.36.3'].flatMap((version) =>
        ['darwin/amd64', 'darwin/arm64', 'linux/amd64', 'windows/amd64'].map(
          (platform) => `kubectl ${version} ${platform}`,
        ),
      ),
    ]);
    expect(bench.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('mirrored-pause:3.6'),
    ]);
  });

  it('gives the same items every time, whatever order the answers come in', async () => {
    await using one = await startBench({ images: IMAGES });
    await using two = await startBench({ images: IMAGES, pageSize: 3 });
    const [first, second] = await Promise.all([
      resolveDocument(wholeSpec(one), one.context),
      resolveDocument(wholeSpec(two), two.context),
    ]);
    expect(second.map(({ item }) => item)).toEqual(first.map(({ item }) => item));
  });

  it('asks each URL once', async () => {
    await using bench = await startBench({ images: IMAGES });
    await resolveDocument(wholeSpec(bench), bench.context);
    expect(new Set(bench.asked()).size).toBe(bench.asked().length);
  });

  it.each([
    ['the images', { images: ['rancher/mirrored-pause:3.6'] }],
    [
      'an image with platforms',
      { images: [{ reference: 'docker.io/rancher/mirrored-pause:3.6', platforms: ['linux/amd64'] }] },
    ],
    ['a list', { imageLists: ['images.txt'] }],
  ])('does not warn of the pause image when %s bring it', async (_, more) => {
    await using bench = await startBench({ images: IMAGES });
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'images.txt'), 'rancher/mirrored-pause:3.6\n');
    const rancherDesktop = { versions: ['stable'], platforms: ['linux/amd64'] };
    await resolveDocument({ rancherDesktop, ...more }, bench.context, folder.path);
    expect(bench.warnings).toEqual([]);
    expect(bench.asked().filter((asked) => asked.includes('k3s-images'))).toEqual([]);
  });

  it('reports the problems of all parts in one error', async () => {
    await using bench = await startBench({ images: IMAGES });
    const spec = {
      images: ['gone:1'],
      rancherDesktop: { versions: ['1.30.99'], platforms: ['linux/amd64'] },
      k3s: { versions: ['1.30.99'], architectures: ['amd64'] },
      kubectl: { versions: ['1.98.0'], platforms: ['linux/amd64'] },
      charts: [{ path: 'app.tgz' }],
      files: [{ url: `${bench.upstream.url}/files/gone`, sha256: 'a'.repeat(64) }],
    };
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'app.tgz'), sampleChart('app', '1.0.0', {}).subarray(0, 40));
    const resolving = resolveDocument(spec, bench.context, folder.path);
    expect(await problemsOf(resolving)).toEqual([
      expect.stringContaining('ERR_UPSTREAM_NOT_FOUND Cannot find image "docker.io/library/gone:1"'),
      expect.stringMatching(/^ERR_\w+ Cannot read chart "app.tgz"/),
      expect.stringContaining('ERR_UPSTREAM_NOT_FOUND Cannot find K3s version "1.30.99"'),
      expect.stringContaining('ERR_UPSTREAM_NOT_FOUND Cannot find kubectl 1.98.0'),
      expect.stringContaining('/files/gone'),
    ]);
    const error = await thrownBy(resolving);
    expect([error.code, error.message]).toEqual([
      'ERR_RESOLVE_FAILED',
      'Cannot resolve "lab": there are 5 problems',
    ]);
  });

  it('has the code of its problems when they share one', async () => {
    await using bench = await startBench();
    const files = [{ url: `${bench.upstream.url}/files/gone` }];
    const error = await thrownBy(resolveDocument({ images: ['gone:1'], files }, bench.context));
    expect([error.code, error.message]).toEqual([
      'ERR_UPSTREAM_NOT_FOUND',
      'Cannot resolve "lab": there are 2 problems',
    ]);
  });

  it('stops within a second when it is interrupted', async () => {
    const controller = new AbortController();
    await using bench = await startBench({ images: IMAGES, signal: controller.signal });
    bench.upstream.faults.add({ path: /sha256sum/, answer: 'stall' });
    const stopped = thrownBy(resolveDocument(wholeSpec(bench), bench.context));
    await expect.poll(() => bench.asked().some((asked) => asked.includes('sha256sum'))).toBe(true);
    controller.abort();
    expect((await stopped).code).toBe('ERR_INTERRUPTED');
  });

  it('resolves an empty spec to nothing', async () => {
    await using bench = await startBench();
    expect(await resolveDocument({}, bench.context)).toEqual([]);
  });
});
