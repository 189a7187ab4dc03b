import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { usableArchitectures } from '../../../src/products/k3s/asset.ts';
import type { Release } from '../../../src/sources/distribution/catalogue.ts';
import { decodeChannels, decodeReleases } from '../../../src/sources/distribution/documents.ts';
import type { ReleaseTag } from '../../../src/products/distribution/tag.ts';
import { parseK3sTag } from '../../../src/products/k3s/tag.ts';
import { deriveVersions } from '../../../src/sources/rancher-desktop/derived-list.ts';
import { k3sFixture } from '../../support/samples/k3s-fixture.ts';

const shipped = z.object({ versions: z.array(z.string()), channels: z.record(z.string(), z.string()) });
const AMD64 = ['k3s', 'k3s-airgap-images-amd64.tar', 'sha256sum-amd64.txt'];
const ARM64 = ['k3s-arm64', 'k3s-airgap-images-arm64.tar.zst', 'sha256sum-arm64.txt'];

function release(tag: string, assets: readonly string[] = AMD64): Release {
  return { tag, architectures: usableArchitectures(new Set(assets)) };
}

function versionsOf(releases: readonly Release[], pinned: readonly ReleaseTag[] = []): readonly string[] {
  return deriveVersions(releases, new Map(), { architectures: ['amd64'], pinned }).versions;
}

function tagsOf(...tags: readonly string[]): readonly ReleaseTag[] {
  return tags.flatMap((tag) => parseK3sTag(tag) ?? []);
}

describe('deriveVersions', () => {
  it('keeps of the composite fixture what its description says', () => {
    const releases = decodeReleases(k3sFixture('github-releases.composite.json'), {
      where: 'fixture',
      usable: usableArchitectures,
    });
    expect(versionsOf(releases)).toEqual(['v1.25.16+k3s4', 'v1.36.2+k3s1']);
  });

  it('labels the versions of the composite fixture by the channels that name them', () => {
    const releases = decodeReleases(k3sFixture('github-releases.composite.json'), {
      where: 'fixture',
      usable: usableArchitectures,
    });
    const channels = decodeChannels(k3sFixture('channels.composite-2024-12-04.json'), 'fixture');
    const list = deriveVersions(releases, channels, { architectures: ['amd64'] });
    expect(list.channels).toEqual({ 'v1.25': '1.25.16' });
  });

  it.each([
    ['a tag that is no version', 'nightly'],
    ['a candidate', 'v1.30.0-rc1+k3s1'],
    ['an alpha version', 'v1.30.0-alpha.1+k3s1'],
    ['a version below every minimum', 'v1.14.10+k3s1'],
    ['a tag without a build', 'v1.30.0'],
    ['another kind of build', 'v1.30.0+rke2r1'],
    ['a build that is no number', 'v1.30.0+k3sx'],
  ])('leaves out %s', (_, tag) => {
    expect(versionsOf([release(tag), release('v1.30.6+k3s1')])).toEqual(['v1.30.6+k3s1']);
  });

  it('keeps old versions, which Rancher Desktop drops itself when it is too new for them', () => {
    expect(versionsOf([release('v1.15.0+k3s1'), release('v1.21.0+k3s1')])).toEqual([
      'v1.15.0+k3s1',
      'v1.21.0+k3s1',
    ]);
  });

  it.each([['k3s'], ['k3s-airgap-images-amd64.tar'], ['sha256sum-amd64.txt']])(
    'leaves out a release without %s',
    (missing) => {
      const assets = AMD64.filter((name) => name !== missing);
      expect(versionsOf([release('v1.30.6+k3s1', assets)])).toEqual([]);
    },
  );

  it('does not count a .tar.gz as images', () => {
    expect(
      versionsOf([release('v1.30.6+k3s1', ['k3s', 'k3s-airgap-images-amd64.tar.gz', 'sha256sum-amd64.txt'])]),
    ).toEqual([]);
  });

  it('takes the highest build in whatever order they come, and 10 is higher than 9', () => {
    const tags = ['v1.30.6+k3s9', 'v1.30.6+k3s10', 'v1.30.6+k3s2'];
    expect(versionsOf(tags.map((tag) => release(tag)))).toEqual(['v1.30.6+k3s10']);
    expect(versionsOf(tags.toReversed().map((tag) => release(tag)))).toEqual(['v1.30.6+k3s10']);
  });

  it('keeps a lower build that is usable when the higher one is not', () => {
    expect(versionsOf([release('v1.30.6+k3s2', ['k3s']), release('v1.30.6+k3s1')])).toEqual(['v1.30.6+k3s1']);
  });

  it('continues after a repeated release, as happens when one is published between two pages', () => {
    const tags = ['v1.30.6+k3s1', 'v1.30.6+k3s1', 'v1.29.1+k3s1'];
    expect(versionsOf(tags.map((tag) => release(tag)))).toEqual(['v1.29.1+k3s1', 'v1.30.6+k3s1']);
  });

  it('keeps what any of the desktops can use', () => {
    const releases = [release('v1.30.1+k3s1', ARM64), release('v1.30.2+k3s1', AMD64)];
    const both = deriveVersions(releases, new Map(), { architectures: ['amd64', 'arm64'] });
    expect(both.versions).toEqual(['v1.30.1+k3s1', 'v1.30.2+k3s1']);
    expect(versionsOf(releases)).toEqual(['v1.30.2+k3s1']);
  });

  it('names the build that a bundle carries, for Rancher Desktop looks for that very one', () => {
    const releases = [release('v1.30.6+k3s2'), release('v1.30.6+k3s1')];
    expect(versionsOf(releases, tagsOf('v1.30.6+k3s1'))).toEqual(['v1.30.6+k3s1']);
  });

  it('names the higher of two builds that a bundle carries, and no candidate', () => {
    const carried = tagsOf('v1.30.6+k3s2', 'v1.30.6+k3s1', 'v1.31.0-rc1+k3s1');
    expect(versionsOf([release('v1.30.6+k3s3')], carried)).toEqual(['v1.30.6+k3s2']);
  });

  it('labels by version whatever the build, and drops labels of versions that are not in the list', () => {
    const channels = new Map([
      ['v1.30', 'v1.30.6+k3s1'],
      ['stable', 'v1.30.6+k3s2'],
      ['testing', 'v1.31.0-rc1+k3s1'],
      ['v1.29', 'v1.29.9+k3s1'],
      ['empty', ''],
    ]);
    const list = deriveVersions([release('v1.30.6+k3s2')], channels, { architectures: ['amd64'] });
    expect(Object.entries(list.channels)).toEqual([
      ['stable', '1.30.6'],
      ['v1.30', '1.30.6'],
    ]);
  });

  it('puts 1.9 before 1.10', () => {
    expect(versionsOf([release('v1.30.10+k3s1'), release('v1.30.9+k3s1')])).toEqual([
      'v1.30.9+k3s1',
      'v1.30.10+k3s1',
    ]);
  });
});

describe('the list', () => {
  it('gives back the versions of the list that Rancher Desktop itself ships', () => {
    const { versions, channels } = shipped.parse(
      JSON.parse(Buffer.from(k3sFixture('k3s-versions.v2.rd-main-2026-08-20.json')).toString()),
    );
    const latest = Object.entries(channels).map(([name, version]): [string, string] => [
      name,
      `v${version}+k3s1`,
    ]);
    const derived = deriveVersions(
      versions.toReversed().map((tag) => release(tag)),
      new Map(latest),
      {
        architectures: ['amd64'],
      },
    );
    expect(derived).toEqual({ versions, channels });
  });
});

describe('the documents', () => {
  it('read the real sample of the channel server', () => {
    const channels = decodeChannels(k3sFixture('channels.sample.real-trimmed.json'), 'sample');
    expect([...channels]).toEqual([
      ['latest', 'v1.29.0+k3s1'],
      ['v1.29', 'v1.29.0+k3s1'],
    ]);
  });

  it('read a channel without a release, and leave out what is not a channel', () => {
    const data = [{ type: 'channel', name: 'new' }, { type: 'link', name: 'x', latest: 'v1.1.1+k3s1' }, {}];
    const bytes = Buffer.from(JSON.stringify({ resourceType: 'channel', data }));
    expect([...decodeChannels(bytes, 'u')]).toEqual([['new', '']]);
  });

  it.each([
    ['no JSON', '<html>'],
    ['another shape', '{"message": "Not Found"}'],
    ['another resource', '{"resourceType": "apps", "data": []}'],
    ['a wrong type', '{"resourceType": "channels", "data": [{"type": "channel", "name": 7}]}'],
  ])('refuse %s as channels', (_, text) => {
    expect(() => decodeChannels(Buffer.from(text), 'the-url')).toThrow(/^Cannot read "the-url": /);
  });

  it.each([
    ['no JSON', 'null and void'],
    ['an error message', '{"message": "API rate limit exceeded"}'],
    ['a release without a tag', '[{"assets": []}]'],
  ])('refuse %s as releases', (_, text) => {
    expect(() =>
      decodeReleases(Buffer.from(text), { where: 'the-url', usable: usableArchitectures }),
    ).toThrow(/^Cannot read "the-url": /);
  });

  it('take a release without assets for one with none', () => {
    expect(
      decodeReleases(Buffer.from('[{"tag_name": "v1.1.1+k3s1"}]'), {
        where: 'u',
        usable: usableArchitectures,
      }),
    ).toEqual([{ tag: 'v1.1.1+k3s1', architectures: [] }]);
  });
});
