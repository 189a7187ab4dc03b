import { describe, expect, it } from 'vitest';
import { decodeManifest } from '../../../src/oci/manifest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { orderFaults, resolveFrom } from '../../support/samples/image-bench.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { problemsOf } from '../../support/thrown.ts';

const LINUX = sampleImage({ name: 'foo' });
const LTSC2019 = sampleImage({ name: 'w19', platforms: ['windows/amd64'], osVersion: '10.0.17763.6189' });
const LTSC2022 = sampleImage({ name: 'w22', platforms: ['windows/amd64'], osVersion: '10.0.20348.2655' });
const BOTH = sampleImage({ name: 'both', platforms: ['linux/amd64', 'windows/amd64'] });

function entriesOf(planned: Awaited<ReturnType<typeof resolveFrom>>['items'][number] | undefined) {
  const root = planned?.blobs.at(-1);
  if (root?.origin.type !== 'bytes') throw new Error('expected an index at hand');
  const document = decodeManifest(root.origin.bytes);
  if (document.type !== 'index') throw new Error('expected an index');
  return document;
}

describe('an image that is wanted for Linux and Windows', () => {
  it('is copied byte for byte where its index has both', async () => {
    const { items, asked } = await resolveFrom(
      { 'rancher/agent:v1': BOTH },
      { listed: ['rancher/agent:v1'], windows: ['rancher/agent:v1'] },
    );
    expect(items.map(({ item }) => item.descriptor.digest)).toEqual([BOTH.root.digest]);
    expect(asked.filter((question) => question.includes('-windows-'))).toEqual([]);
  });

  it('becomes an index of its parts, each with the os.version of its own config', async () => {
    const { items, warnings } = await resolveFrom(
      {
        'rancher/foo:v1': LINUX,
        'rancher/foo:v1-windows-1809': LTSC2019,
        'rancher/foo:v1-windows-ltsc2019': LTSC2019,
        'rancher/foo:v1-windows-ltsc2022': LTSC2022,
      },
      { listed: ['rancher/foo:v1'], windows: ['rancher/foo:v1'] },
    );
    const [planned] = items;
    expect(planned?.item).toMatchObject({ kind: 'image', name: 'docker.io/rancher/foo:v1' });
    const index = entriesOf(planned);
    expect(index.mediaType).toBe(MEDIA_TYPE.ociIndex);
    expect(index.manifests.map(({ digest, platform }) => [digest, platform])).toEqual([
      [LTSC2019.root.digest, { os: 'windows', architecture: 'amd64', osVersion: '10.0.17763.6189' }],
      [LTSC2022.root.digest, { os: 'windows', architecture: 'amd64', osVersion: '10.0.20348.2655' }],
      [LINUX.root.digest, { os: 'linux', architecture: 'amd64' }],
    ]);
    expect(planned === undefined ? [] : orderFaults(planned)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('keeps the os.features of a part', async () => {
    const osFeatures = ['win32k'];
    const desktop = { name: 'w22', platforms: ['windows/amd64'], osVersion: '10.0.20348.1', osFeatures };
    const { items } = await resolveFrom(
      { 'rancher/foo:v1': LINUX, 'rancher/foo:v1-windows-ltsc2022': sampleImage(desktop) },
      { listed: ['rancher/foo:v1'], windows: ['rancher/foo:v1'] },
    );
    expect(entriesOf(items[0]).manifests.map(({ platform }) => platform?.osFeatures)).toEqual([
      osFeatures,
      undefined,
    ]);
  });

  it('keeps every architecture of an index for Linux alone', async () => {
    const linux = sampleImage({ name: 'foo', platforms: ['linux/amd64', 'linux/arm64'] });
    const { items } = await resolveFrom(
      { 'rancher/foo:v1': linux, 'rancher/foo:v1-windows-ltsc2022': LTSC2022 },
      { listed: ['rancher/foo:v1'], windows: ['rancher/foo:v1'] },
    );
    expect(
      entriesOf(items[0]).manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`),
    ).toEqual(['windows/amd64', 'linux/amd64', 'linux/arm64']);
  });

  it('becomes a list of Docker where all of its parts are Docker’s', async () => {
    const { items } = await resolveFrom(
      {
        'rancher/foo:v1': sampleImage({ name: 'foo', format: 'docker' }),
        'rancher/foo:v1-windows-1809': sampleImage({
          name: 'w',
          format: 'docker',
          platforms: ['windows/amd64'],
          osVersion: '10.0.17763.1',
        }),
      },
      { listed: ['rancher/foo:v1'], windows: ['rancher/foo:v1'] },
    );
    expect(items[0]?.item.descriptor.mediaType).toBe(MEDIA_TYPE.dockerList);
  });

  it('is narrowed to the platforms of the spec, and Windows', async () => {
    const linux = sampleImage({ name: 'foo', platforms: ['linux/amd64', 'linux/arm64'] });
    const { items } = await resolveFrom(
      { 'rancher/foo:v1': linux, 'rancher/foo:v1-windows-ltsc2022': LTSC2022 },
      { listed: ['rancher/foo:v1'], windows: ['rancher/foo:v1'], platforms: ['linux/amd64'] },
    );
    expect(items[0]?.item).toMatchObject({ platforms: ['linux/amd64', 'windows/amd64'] });
  });

  it('is reported when a part of it names no os.version', async () => {
    const { warnings } = await resolveFrom(
      {
        'rancher/foo:v1': LINUX,
        'rancher/foo:v1-windows-1809': sampleImage({ name: 'w', platforms: ['windows/amd64'] }),
      },
      { listed: ['rancher/foo:v1'], windows: ['rancher/foo:v1'] },
    );
    expect(warnings).toEqual([
      expect.stringMatching(/has a part for Windows, "sha256:.*", that names no os.version/),
    ]);
  });
});

describe('an image that is wanted for Windows alone', () => {
  it('needs no image under the plain tag', async () => {
    const { items } = await resolveFrom(
      { 'rancher/wins:v1-windows-ltsc2022': LTSC2022 },
      { windows: ['rancher/wins:v1'], platforms: ['linux/amd64'] },
    );
    expect(items.map(({ item }) => item.name)).toEqual(['docker.io/rancher/wins:v1']);
  });

  it('is not taken for one of Linux whose tag begins with its own', async () => {
    // In Rancher's script "foo:v1.1" counts as one of Linux because "foo:v1.10" is, and gets no index at all.
    const { items } = await resolveFrom(
      {
        'rancher/foo:v1.10': LINUX,
        'rancher/foo:v1.1-windows-1809': LTSC2019,
        'rancher/foo:v1.1-windows-ltsc2022': LTSC2022,
      },
      { listed: ['rancher/foo:v1.10'], windows: ['rancher/foo:v1.1'] },
    );
    expect(items.map(({ item }) => item.name)).toEqual([
      'docker.io/rancher/foo:v1.1',
      'docker.io/rancher/foo:v1.10',
    ]);
    expect(entriesOf(items[0]).manifests.map(({ platform }) => platform?.osVersion)).toEqual([
      '10.0.17763.6189',
      '10.0.20348.2655',
    ]);
    expect(items[1]?.item.descriptor.digest).toBe(LINUX.root.digest);
  });

  it('does not take over what is for Linux under its tag', async () => {
    const { items } = await resolveFrom(
      { 'rancher/foo:v1': LINUX, 'rancher/foo:v1-windows-1809': LTSC2019 },
      { windows: ['rancher/foo:v1'] },
    );
    expect(entriesOf(items[0]).manifests.map(({ platform }) => platform?.os)).toEqual(['windows']);
  });
});

describe('a part that is nowhere to be found', () => {
  it.each([
    [
      'Windows',
      { 'rancher/foo:v1': LINUX },
      ['rancher/foo:v1'],
      /Cannot find windows of image "docker.io\/rancher\/foo:v1": it has linux\/amd64, and there is no tag such as "v1-windows-ltsc2022" beside it/,
    ],
    [
      'Linux',
      { 'rancher/foo:v1': LTSC2019 },
      ['rancher/foo:v1'],
      /Cannot find linux of image "docker.io\/rancher\/foo:v1": it has windows\/amd64/,
    ],
  ])('is an error: %s', async (_, images, listed, fact) => {
    const [problem] = await problemsOf(resolveFrom(images, { listed, windows: ['rancher/foo:v1'] }));
    expect(problem).toMatch(fact);
    expect(problem).toMatch(/^ERR_PLATFORM_NOT_FOUND/);
  });

  it('is an error too when the whole image is missing', async () => {
    const listed = ['rancher/foo:v1'];
    expect(await problemsOf(resolveFrom({}, { listed, windows: listed }))).toEqual([
      expect.stringMatching(/^ERR_UPSTREAM_NOT_FOUND Cannot find image "docker.io\/rancher\/foo:v1"/),
    ]);
    expect(await problemsOf(resolveFrom({}, { windows: listed }))).toEqual([
      expect.stringMatching(/^ERR_PLATFORM_NOT_FOUND Cannot find windows of image .*: it has no platform/),
    ]);
  });
});
