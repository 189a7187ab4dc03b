import { describe, expect, it } from 'vitest';
import { catalogueOf } from '../../../src/sources/distribution/catalogue.ts';
import { selectVersions, unknownVersion } from '../../../src/sources/distribution/selection.ts';
import { CATALOGUE } from '../../../src/sources/k3s/catalogue.ts';

const K3S = CATALOGUE.distribution;

describe('catalogueOf', () => {
  it('is the same whatever order the answers came in', () => {
    const releases = ['v1.31.2+k3s1', 'v1.30.6+k3s1', 'v1.30.10+k3s1'].map((tag) => ({
      tag,
      architectures: ['arm64', 'amd64'] as const,
    }));
    const channels = [
      ['stable', 'v1.30.6+k3s1'],
      ['latest', 'v1.31.2+k3s1'],
    ] as const;
    const one = catalogueOf(K3S, { releases, channels });
    const other = catalogueOf(K3S, { releases: releases.toReversed(), channels: channels.toReversed() });
    expect(JSON.stringify([other.releases, ...other.channels])).toBe(
      JSON.stringify([one.releases, ...one.channels]),
    );
    expect(one.releases.map(({ tag }) => tag)).toEqual(['v1.30.10+k3s1', 'v1.30.6+k3s1', 'v1.31.2+k3s1']);
    expect(one.releases[0]?.architectures).toEqual(['amd64', 'arm64']);
    expect([...one.channels.keys()]).toEqual(['latest', 'stable']);
  });

  it('puts together what two pages say of one release', () => {
    const tag = 'v1.30.6+k3s1';
    const releases = [
      { tag, architectures: ['arm64' as const] },
      { tag, architectures: ['amd64' as const] },
    ];
    expect(catalogueOf(K3S, { releases, channels: [] }).releases).toEqual([
      { tag, architectures: ['amd64', 'arm64'] },
    ]);
  });

  it('leaves out what is not a tag, and what cannot be the name of a channel', () => {
    const releases = ['nightly', 'v1.30.0', 'v1.30.0+rke2r1', ' v1.30.6+k3s1', 'v1.30.6+k3s1\n'].map(
      (tag) => ({
        tag,
        architectures: [],
      }),
    );
    const channels: readonly [string, string][] = [
      ['two words', 'v1.30.6+k3s1'],
      ['', 'v1.30.6+k3s1'],
      ['x'.repeat(65), 'v1.30.6+k3s1'],
      ['odd', 'nightly'],
      ['stable', 'v1.30.6+k3s1'],
    ];
    const { releases: kept, channels: named } = catalogueOf(K3S, { releases, channels });
    expect(kept).toEqual([]);
    expect([...named]).toEqual([
      ['odd', ''],
      ['stable', 'v1.30.6+k3s1'],
    ]);
  });
});

describe('unknownVersion', () => {
  it('claims nothing about upstream when only a lock was looked at', () => {
    const empty = { distribution: K3S, releases: [], channels: new Map<string, string>() };
    expect(unknownVersion('1.30.6', empty).code).toBe('ERR_UPSTREAM_NOT_FOUND');
    const error = unknownVersion('1.30.6', { ...empty, locked: true });
    expect([error.code, error.message]).toEqual([
      'ERR_LOCK_INCOMPLETE',
      'Cannot find K3s version "1.30.6": it is not in the lock',
    ]);
    const wanted = new Map(['v1.30.6+k3s1', 'stable'].map((word) => [word, new Set(['amd64' as const])]));
    const { problems } = selectVersions(wanted, { ...empty, locked: true });
    expect(problems.map(({ code }) => code)).toEqual(['ERR_LOCK_INCOMPLETE', 'ERR_LOCK_INCOMPLETE']);
  });
});
