import { describe, expect, it } from 'vitest';
import { sumsName } from '../../../src/products/distribution/asset.ts';
import {
  archiveName,
  archiveNames,
  binaryName,
  desktopArchiveNames,
  usableArchitectures,
} from '../../../src/products/k3s/asset.ts';

describe('the assets of a release', () => {
  it.each([
    ['amd64', 'k3s', 'k3s-airgap-images-amd64.tar.zst', 'sha256sum-amd64.txt'],
    ['arm64', 'k3s-arm64', 'k3s-airgap-images-arm64.tar.zst', 'sha256sum-arm64.txt'],
    ['arm', 'k3s-armhf', 'k3s-airgap-images-arm.tar.zst', 'sha256sum-arm.txt'],
    ['s390x', 'k3s-s390x', 'k3s-airgap-images-s390x.tar.zst', 'sha256sum-s390x.txt'],
    // A fork has it.
    ['riscv64', 'k3s-riscv64', 'k3s-airgap-images-riscv64.tar.zst', 'sha256sum-riscv64.txt'],
  ])('for %s are %s, %s, %s', (architecture, binary, archive, sums) => {
    expect([binaryName(architecture), archiveName(architecture, '.tar.zst'), sumsName(architecture)]).toEqual(
      [binary, archive, sums],
    );
  });

  it('are archives in the order that a node and a desktop take them in', () => {
    const suffixes = (names: readonly string[]): readonly string[] =>
      names.map((name) => name.replace('k3s-airgap-images-arm', ''));
    expect(suffixes(archiveNames('arm'))).toEqual(['.tar.zst', '.tar.gz', '.tar']);
    expect(suffixes(desktopArchiveNames('arm'))).toEqual(['.tar.zst', '.tar']);
  });

  it.each([
    ['all of one', ['k3s', 'sha256sum-amd64.txt', 'k3s-airgap-images-amd64.tar.zst'], ['amd64']],
    [
      'the uncompressed archive alone',
      ['k3s-arm64', 'sha256sum-arm64.txt', 'k3s-airgap-images-arm64.tar'],
      ['arm64'],
    ],
    [
      '.tar.gz alone, which a desktop does not read',
      ['k3s', 'sha256sum-amd64.txt', 'k3s-airgap-images-amd64.tar.gz'],
      [],
    ],
    ['no checksums', ['k3s', 'k3s-airgap-images-amd64.tar.zst'], []],
    ['no binary', ['sha256sum-amd64.txt', 'k3s-airgap-images-amd64.tar.zst'], []],
    [
      's390x and arm',
      [
        'k3s-s390x',
        'sha256sum-s390x.txt',
        'k3s-airgap-images-s390x.tar',
        'k3s-armhf',
        'sha256sum-arm.txt',
        'k3s-airgap-images-arm.tar.zst',
      ],
      ['arm', 's390x'],
    ],
  ])('make it usable with %s', (_, assets, expected) => {
    expect(usableArchitectures(new Set(assets))).toEqual(expected);
  });
});
