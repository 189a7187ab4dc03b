import { describe, expect, it } from 'vitest';
import {
  decodePlatform,
  encodePlatform,
  formatPlatform,
  matchesPlatform,
  parsePlatform,
} from '../../src/oci/platform.ts';

describe('platforms', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['Linux/X86_64', 'linux/amd64'],
    ['linux/x64', 'linux/amd64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64v8', 'linux/arm64'],
    ['linux/armhf', 'linux/arm'],
    ['linux/armv7l', 'linux/arm/v7'],
    ['linux/arm32v6', 'linux/arm/v6'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/i686', 'linux/386'],
    ['linux/s390x', 'linux/s390x'],
    ['linux/arm/v7', 'linux/arm/v7'],
    ['windows/amd64', 'windows/amd64'],
  ])('reads %s as %s', (text, formatted) => {
    expect(formatPlatform(parsePlatform(text))).toBe(formatted);
  });

  it.each(['linux', '', 'linux/', '/amd64', 'linux/amd64/v1/x', 'linux/am d64', '../amd64'])(
    'refuses %j',
    (text) => {
      expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ code: 'ERR_PLATFORM_INVALID' }));
    },
  );

  it('lets a variant count only when it is asked for', () => {
    const v7 = parsePlatform('linux/arm/v7');
    expect(matchesPlatform(parsePlatform('linux/arm'), v7)).toBe(true);
    expect(matchesPlatform(v7, v7)).toBe(true);
    expect(matchesPlatform(parsePlatform('linux/arm/v6'), v7)).toBe(false);
    expect(matchesPlatform(parsePlatform('linux/amd64'), v7)).toBe(false);
  });

  it('takes arm64 without a variant for v8', () => {
    expect(matchesPlatform(parsePlatform('linux/arm64/v8'), parsePlatform('linux/arm64'))).toBe(true);
    expect(matchesPlatform(parsePlatform('linux/arm64/v9'), parsePlatform('linux/arm64'))).toBe(false);
  });

  it('keeps the os.version of Windows through decoding and encoding', () => {
    const document = { architecture: 'amd64', os: 'windows', 'os.version': '10.0.17763.6293' };
    const platform = decodePlatform(document);
    expect(platform).toMatchObject({ osVersion: '10.0.17763.6293' });
    expect(platform && encodePlatform(platform)).toEqual(document);
  });

  it('keeps the os.features of Windows, those that are words', () => {
    const document = { architecture: 'amd64', os: 'windows', 'os.features': ['win32k', 7] };
    const platform = decodePlatform(document);
    expect(platform).toEqual({ architecture: 'amd64', os: 'windows', osFeatures: ['win32k'] });
    expect(platform && encodePlatform(platform)).toEqual({ ...document, 'os.features': ['win32k'] });
    expect(decodePlatform({ ...document, 'os.features': 'win32k' })).toEqual({
      architecture: 'amd64',
      os: 'windows',
    });
  });

  it.each([undefined, null, 'linux/amd64', {}, { os: 'linux' }, { os: 1, architecture: 'amd64' }])(
    'finds no platform in %j',
    (value) => {
      expect(decodePlatform(value)).toBeUndefined();
    },
  );
});
