import { describe, expect, it } from 'vitest';
import { resolveRancher } from '../../../src/sources/rancher/rancher.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import type { SampleRancher } from '../../support/sites/rancher-site.ts';
import { startBench } from '../../support/sites/source-context.ts';
import { hintsOf, problemsOf } from '../../support/thrown.ts';

const DIGEST = digestOf('shell');
const RELEASE: SampleRancher = {
  tag: 'v2.9.2',
  images: ['rancher/rancher:v2.9.2', 'rancher/charts/fleet:104.1.0_up0.10.2', 'weaveworks/weave-kube:2.8.1'],
  windows: ['rancher/wins:v0.4.11'],
  digests: `docker.io/rancher/rancher:v2.9.2 \ndocker.io/rancher/shell:v0.2.1 ${DIGEST}\n`,
};
const FOLDER = '/rancher/rancher/releases/download';

describe('a release of Rancher', () => {
  it('gives the references of its own lists, checked against its sums of one space', async () => {
    await using bench = await startBench({ rancher: [RELEASE] });
    const { tag, linux, windows } = await resolveRancher({ version: '2.9.2', windows: true }, bench.context);
    expect({ tag, linux, windows }).toEqual({
      tag: 'v2.9.2',
      linux: RELEASE.images,
      windows: RELEASE.windows,
    });
    const sums = Buffer.from(bench.upstream.content(`${FOLDER}/v2.9.2/sha256sum.txt`) ?? []).toString();
    expect(sums).toMatch(/^[0-9a-f]{64} rancher-images\.txt\n[0-9a-f]{64} rancher-windows-images\.txt\n$/);
  });

  it('travels with its lists, verbatim', async () => {
    await using bench = await startBench({ rancher: [RELEASE] });
    const { items } = await resolveRancher({ version: 'v2.9.2', windows: true }, bench.context);
    const titles = items.flatMap(({ blobs }) =>
      blobs.flatMap(({ descriptor, origin }) => {
        const title = descriptor.annotations?.['org.opencontainers.image.title'];
        if (title === undefined || origin.type !== 'bytes') return [];
        return [
          [
            title,
            Buffer.from(origin.bytes).equals(
              bench.upstream.content(`${FOLDER}/v2.9.2/${title}`) ?? Buffer.alloc(0),
            ),
          ],
        ];
      }),
    );
    expect(items.map(({ item }) => [item.kind, item.name, item.audience])).toEqual([
      ['rancher', 'v2.9.2', ['files']],
    ]);
    expect(titles).toEqual([
      ['images-digests-sha256sum.txt', true],
      ['rancher-images-digests-linux.txt', true],
      ['rancher-images.txt', true],
      ['rancher-windows-images.txt', true],
      ['sha256sum.txt', true],
    ]);
  });

  it('whose list is empty is reported', async () => {
    await using bench = await startBench({ rancher: [{ ...RELEASE, images: [], windows: [] }] });
    await resolveRancher({ version: '2.9.2', windows: true }, bench.context);
    expect(bench.warnings.map(({ message }) => message)).toEqual([
      'The list "rancher-images.txt" of Rancher v2.9.2 lists nothing',
      'The list "rancher-windows-images.txt" of Rancher v2.9.2 lists nothing',
    ]);
  });

  it('is not asked for its list for Windows without need', async () => {
    await using bench = await startBench({ rancher: [RELEASE] });
    const { windows } = await resolveRancher({ version: 'v2.9.2', windows: false }, bench.context);
    expect(windows).toEqual([]);
    expect(bench.asked().some((path) => path.includes('windows'))).toBe(false);
  });

  it('brings the images of cert-manager, the acmesolver among them', async () => {
    await using bench = await startBench({ rancher: [RELEASE] });
    const part = { version: 'v2.9.2', windows: false, certManager: '1.15.3' };
    expect((await resolveRancher(part, bench.context)).linux.slice(RELEASE.images.length)).toEqual(
      ['cainjector', 'controller', 'webhook', 'startupapicheck', 'acmesolver'].map(
        (component) => `quay.io/jetstack/cert-manager-${component}:v1.15.3`,
      ),
    );
  });

  it('tells the digests it was released with, as far as they were known', async () => {
    await using bench = await startBench({ rancher: [RELEASE] });
    const { digests } = await resolveRancher({ version: 'v2.9.2', windows: false }, bench.context);
    expect([...digests]).toEqual([['docker.io/rancher/shell:v0.2.1', DIGEST]]);
  });

  it('may be from before there were lists of digests', async () => {
    await using bench = await startBench();
    const { digests, items } = await resolveRancher({ version: 'v2.9.1', windows: false }, bench.context);
    expect(digests.size).toBe(0);
    expect(items).toHaveLength(1);
  });
});

describe('a release of Rancher that cannot be fetched', () => {
  it('is reported with the nearest that was published', async () => {
    await using bench = await startBench({
      rancher: ['v2.8.0', 'v2.9.1', 'v2.9.4'].map((tag) => ({ tag, images: [] })),
    });
    const asked = async (version: string) => await resolveRancher({ version, windows: false }, bench.context);
    expect(await problemsOf(asked('v2.9.3'))).toEqual([
      `ERR_UPSTREAM_NOT_FOUND Cannot find Rancher v2.9.3: there is no "${bench.upstream.url}${FOLDER}/v2.9.3/sha256sum.txt"`,
    ]);
    expect(await hintsOf(asked('v2.9.3'))).toEqual(['The nearest published release is v2.9.1 or v2.9.4.']);
    expect(await hintsOf(asked('v3.0.0'))).toEqual([expect.stringContaining('rancherDownloads')]);
  });

  it('is refused when a list is not what its sums say, or they say nothing', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({ path: `${FOLDER}/v2.9.2/rancher-images.txt`, answer: 'wrong-bytes' });
    const part = { version: 'v2.9.2', windows: false };
    expect(await problemsOf(resolveRancher(part, bench.context))).toEqual([
      expect.stringMatching(
        /^ERR_DIGEST_MISMATCH Cannot verify "rancher-images.txt" of Rancher v2.9.2: expected/,
      ),
    ]);
    await using other = await startBench();
    other.upstream.faults.add({
      path: `${FOLDER}/v2.9.2/sha256sum.txt`,
      answer: { withoutLine: 'rancher-images.txt' },
    });
    expect(await problemsOf(resolveRancher(part, other.context))).toEqual([
      expect.stringMatching(/^ERR_CHECKSUM_MISSING Cannot check "rancher-images.txt"/),
    ]);
  });

  it('is refused when its list of digests is not what its own sums say', async () => {
    await using bench = await startBench({ rancher: [RELEASE] });
    bench.upstream.faults.add({ path: /rancher-images-digests-linux/, answer: 'wrong-bytes' });
    expect(await problemsOf(resolveRancher({ version: 'v2.9.2', windows: false }, bench.context))).toEqual([
      expect.stringMatching(/^ERR_DIGEST_MISMATCH Cannot verify "rancher-images-digests-linux.txt"/),
    ]);
  });

  it('is refused when the site answers with a login page, or its list has lines that are none', async () => {
    await using bench = await startBench({
      rancher: [{ tag: 'v2.9.2', images: ['rancher/ok:1', 'NOT AN IMAGE'] }],
    });
    expect(await problemsOf(resolveRancher({ version: 'v2.9.2', windows: false }, bench.context))).toEqual([
      expect.stringMatching(/^ERR_LIST_INVALID .*rancher-images.txt of Rancher v2.9.2:2/),
    ]);
    bench.upstream.faults.add({ path: /./, answer: 'html' });
    await using other = await startBench();
    other.upstream.faults.add({ path: /./, answer: 'html' });
    expect(await problemsOf(resolveRancher({ version: 'v2.9.2', windows: false }, other.context))).toEqual([
      expect.stringMatching(/^ERR_HTTP_BODY/),
    ]);
  });
});
