import { describe, expect, it } from 'vitest';
import { parseK3sArchitecture } from '../../../src/products/k3s/architecture.ts';

describe('parseK3sArchitecture', () => {
  it.each([
    ['amd64', ['amd64', 'x86_64', 'x86-64', 'X86_64', 'x64']],
    ['arm64', ['arm64', 'aarch64', 'arm64/v8', 'arm64v8', 'AArch64']],
    ['arm', ['arm', 'armhf', 'armv7', 'armv7l', 'arm/v7', 'arm32v7', 'ARMHF']],
    ['s390x', ['s390x', 'S390X']],
  ])('knows %s by all its usual spellings', (architecture, spellings) => {
    expect(spellings.map(parseK3sArchitecture)).toEqual(spellings.map(() => architecture));
  });

  it.each([
    '386',
    'mips',
    'riscv64',
    'ppc64le',
    'arm/v6',
    'armv6l',
    'armel',
    'amd64/v3',
    'linux/amd64',
    '',
    'all',
  ])('refuses %j, for which there is no K3s', (text) => {
    expect(() => parseK3sArchitecture(text)).toThrow(
      expect.objectContaining({ code: 'ERR_PLATFORM_INVALID' }),
    );
  });
});
