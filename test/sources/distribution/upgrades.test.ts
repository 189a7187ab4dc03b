import { describe, expect, it } from 'vitest';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { startBench } from '../../support/sites/source-context.ts';
import { resolveDocument, type SpecDocument } from '../../support/sites/spec-document.ts';
import { hintsOf, problemsOf } from '../../support/thrown.ts';

const image = (name: string) =>
  sampleImage({ name, platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'] });
const IMAGES = {
  'rancher/k3s-upgrade:v1.30.6-k3s1': image('k3s 1.30'),
  'rancher/k3s-upgrade:v1.31.2-k3s2': image('k3s 1.31'),
  'rancher/rke2-upgrade:v1.31.2-rke2r1': image('rke2'),
};

async function imagesOf(document: SpecDocument): Promise<readonly string[]> {
  await using bench = await startBench({ images: IMAGES });
  const items = await resolveDocument(document, bench.context);
  return items.flatMap(({ item }) =>
    item.kind === 'image' ? [`${item.name} ${item.platforms?.join(' ') ?? 'whole'}`] : [],
  );
}

const k3s = (versions: readonly string[], architectures: readonly string[], upgrade?: boolean) => ({
  k3s: { versions, architectures, ...(upgrade === undefined ? {} : { upgrade }) },
});

describe('the image that upgrades nodes', () => {
  it.each<readonly [string, SpecDocument, readonly string[]]>([
    [
      'comes for each K3s version, under a tag without "+"',
      k3s(['v1.30.6+k3s1', '1.31.2'], ['amd64'], true),
      [
        'docker.io/rancher/k3s-upgrade:v1.30.6-k3s1 whole',
        'docker.io/rancher/k3s-upgrade:v1.31.2-k3s2 whole',
      ],
    ],
    [
      'comes for each RKE2 version, a channel too',
      { rke2: { versions: ['stable'], architectures: ['amd64'], upgrade: true } },
      ['docker.io/rancher/rke2-upgrade:v1.31.2-rke2r1 whole'],
    ],
    [
      'is for the architectures of the nodes where the spec asks for platforms, whatever others it names',
      { platforms: ['linux/amd64'], ...k3s(['v1.30.6+k3s1'], ['armhf', 'arm64'], true) },
      ['docker.io/rancher/k3s-upgrade:v1.30.6-k3s1 linux/arm/v7 linux/arm64'],
    ],
    ['stays away where nobody asks for it', k3s(['v1.30.6+k3s1'], ['amd64']), []],
    ['stays away where it is not wanted', k3s(['v1.30.6+k3s1'], ['amd64'], false), []],
  ])('%s', async (_, document, expected) => {
    expect(await imagesOf(document)).toEqual(expected);
  });

  it('is reported where it is not there, with what asks for it', async () => {
    const asked = (): Promise<unknown> => imagesOf(k3s(['v1.36.3+k3s1'], ['amd64'], true));
    expect(await problemsOf(asked())).toEqual([
      expect.stringMatching(/^ERR_UPSTREAM_NOT_FOUND .*docker\.io\/rancher\/k3s-upgrade:v1\.36\.3-k3s1/),
    ]);
    expect(await hintsOf(asked())).toEqual([expect.stringContaining('It is named at "upgrade" of "k3s".')]);
  });

  it('is told to lack an architecture, and comes for the others', async () => {
    await using bench = await startBench({
      images: {
        'rancher/k3s-upgrade:v1.30.6-k3s1': sampleImage({
          name: 'k3s',
          platforms: ['linux/amd64'],
          index: true,
        }),
      },
    });
    const document = { platforms: ['linux/amd64'], ...k3s(['v1.30.6+k3s1'], ['amd64', 'arm64'], true) };
    await resolveDocument(document, bench.context);
    expect(bench.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/rancher\/k3s-upgrade:v1\.30\.6-k3s1.*linux\/arm64/),
    ]);
  });
});
