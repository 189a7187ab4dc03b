import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { formatPlatform, parsePlatform } from '../../../src/oci/platform.ts';
import { type PlatformOffer, selectPlatforms } from '../../../src/sources/images/select-platforms.ts';

function offer(text: string, osVersion?: string): PlatformOffer {
  const platform = { ...parsePlatform(text), ...(osVersion === undefined ? {} : { osVersion }) };
  const descriptor = {
    mediaType: MEDIA_TYPE.ociManifest,
    digest: digestOf(`${text} ${osVersion}`),
    size: 1,
    platform,
  };
  return { descriptor, platform };
}

function select(offered: readonly PlatformOffer[], ...wanted: readonly string[]) {
  const { chosen, missing } = selectPlatforms(
    offered,
    wanted.map((text) => parsePlatform(text)),
  );
  return {
    chosen: chosen.map(({ platform }) => `${formatPlatform(platform)} ${platform.osVersion ?? ''}`.trim()),
    missing: missing.map(formatPlatform),
  };
}

const offers = (...texts: readonly string[]): readonly PlatformOffer[] => texts.map((text) => offer(text));

describe('selectPlatforms', () => {
  it.each([
    ['the one asked for', ['linux/amd64', 'linux/arm64'], ['linux/arm64'], ['linux/arm64']],
    ['the variant asked for', ['linux/arm/v6', 'linux/arm/v7'], ['linux/arm/v6'], ['linux/arm/v6']],
    ['one without variant before all others', ['linux/arm/v7', 'linux/arm'], ['linux/arm'], ['linux/arm']],
    [
      'arm v7 when no variant is asked for',
      ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v7', 'linux/arm/v8'],
      ['linux/arm'],
      ['linux/arm/v7'],
    ],
    ['arm v6 where there is no v7', ['linux/arm/v5', 'linux/arm/v6'], ['linux/arm'], ['linux/arm/v6']],
    [
      'the amd64 that runs on most',
      ['linux/amd64/v3', 'linux/amd64/v2'],
      ['linux/amd64'],
      ['linux/amd64/v2'],
    ],
    ['arm64/v8 for arm64', ['linux/arm64/v9', 'linux/arm64/v8'], ['linux/arm64'], ['linux/arm64/v8']],
    ['arm64 for arm64/v8', ['linux/arm64'], ['linux/arm64/v8'], ['linux/arm64']],
    ['the first of two alike', ['linux/amd64', 'linux/amd64'], ['linux/amd64'], ['linux/amd64']],
    [
      'a variant that is no number last',
      ['linux/amd64/odd', 'linux/amd64/v4'],
      ['linux/amd64'],
      ['linux/amd64/v4'],
    ],
  ])('takes %s', (_, offered, wanted, chosen) => {
    expect(select(offers(...offered), ...wanted)).toEqual({ chosen, missing: [] });
  });

  it('keeps every match when several platforms are asked for, in the order offered', () => {
    const offered = offers('linux/arm/v6', 'linux/s390x', 'linux/amd64', 'linux/arm/v7');
    expect(select(offered, 'linux/amd64', 'linux/arm').chosen).toEqual([
      'linux/arm/v6',
      'linux/amd64',
      'linux/arm/v7',
    ]);
  });

  it('keeps the images of every Windows build, for one or several platforms', () => {
    const offered = [
      offer('linux/amd64'),
      offer('windows/amd64', '10.0.17763.6532'),
      offer('windows/amd64', '10.0.20348.2849'),
    ];
    const windows = ['windows/amd64 10.0.17763.6532', 'windows/amd64 10.0.20348.2849'];
    expect(select(offered, 'windows/amd64').chosen).toEqual(windows);
    expect(select(offered, 'windows/amd64', 'linux/amd64').chosen).toEqual(['linux/amd64', ...windows]);
  });

  it('takes no attestation for an image, even when it is asked for', () => {
    expect(select(offers('linux/amd64', 'unknown/unknown'), 'unknown/unknown', 'linux/amd64')).toEqual({
      chosen: ['linux/amd64'],
      missing: ['unknown/unknown'],
    });
  });

  it('tells what is not offered', () => {
    expect(select(offers('linux/amd64'), 'linux/amd64', 'linux/arm64', 'windows/amd64')).toEqual({
      chosen: ['linux/amd64'],
      missing: ['linux/arm64', 'windows/amd64'],
    });
    expect(select([], 'linux/amd64')).toEqual({ chosen: [], missing: ['linux/amd64'] });
  });
});
