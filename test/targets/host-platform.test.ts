import { describe, expect, it } from 'vitest';
import { formatPlatform } from '../../src/oci/platform.ts';
import { parseHostPlatform } from '../../src/targets/host-paths.ts';

describe('parseHostPlatform', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['Linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['windows/x64', 'windows/amd64'],
    ['win32/x64', 'windows/amd64'],
    ['macos/arm64', 'darwin/arm64'],
    ['osx/x86_64', 'darwin/amd64'],
    ['darwin/arm64', 'darwin/arm64'],
  ])('reads %s as %s', (text, meant) => {
    expect(formatPlatform(parseHostPlatform(text))).toBe(meant);
  });

  it.each(['amiga/amd64', 'linux/z80', 'linux', 'windows', 'linux/', 'linux/amd64/v3', ''])(
    'refuses %j',
    (text) => {
      expect(() => parseHostPlatform(text)).toThrow(/^Cannot (?:install for|read platform)/);
    },
  );
});
