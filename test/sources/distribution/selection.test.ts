import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../../src/sources/distribution/catalogue.ts';
import { SaddlebagError } from '../../../src/internal/error.ts';
import type { K3sArchitecture } from '../../../src/products/k3s/architecture.ts';
import {
  exactTag,
  selectVersions,
  type WantedVersions,
} from '../../../src/sources/distribution/selection.ts';
import { CATALOGUE as K3S_CATALOGUE } from '../../../src/sources/k3s/catalogue.ts';

const K3S = K3S_CATALOGUE.distribution;

const CATALOGUE: Catalogue = {
  distribution: K3S,
  releases: [
    { tag: 'v1.32.0-rc1+k3s1', architectures: ['amd64'] },
    { tag: 'v1.31.2+k3s3', architectures: [] },
    { tag: 'v1.31.2+k3s2', architectures: ['amd64'] },
    { tag: 'v1.31.2+k3s1', architectures: ['amd64'] },
    { tag: 'v1.30.6+k3s1', architectures: ['amd64'] },
    { tag: 'v1.30.4+k3s1', architectures: ['amd64'] },
    { tag: 'v1.29.1+k3s1', architectures: [] },
    { tag: 'v1.19.2+k3s1', architectures: ['amd64', 'arm64', 's390x'] },
    { tag: 'v1.19.2+k3s10', architectures: ['amd64'] },
    { tag: 'v1.19.2+k3s2', architectures: ['amd64', 'arm', 'arm64'] },
    { tag: 'v1.19.2+k3s9', architectures: ['amd64', 'arm64'] },
  ],
  channels: new Map([
    ['stable', 'v1.30.6+k3s1'],
    ['testing', 'v1.32.0-rc1+k3s1'],
    ['v1.30', 'v1.30.6+k3s1'],
    ['empty', ''],
  ]),
};

function wantedBy(architectures: readonly K3sArchitecture[], words: readonly string[]): WantedVersions {
  return new Map(words.map((word) => [word, new Set(architectures)]));
}

function select(...words: readonly string[]) {
  return selectFor(['amd64'], words);
}

function selectFor(architectures: readonly K3sArchitecture[], words: readonly string[]) {
  const { tags, problems } = selectVersions(wantedBy(architectures, words), CATALOGUE);
  return {
    tags: Object.fromEntries([...tags].map(([word, { tag }]) => [word, tag])),
    problems: problems.map(({ message, hint }) => `${message}. ${hint}`),
  };
}

describe('selectVersions', () => {
  it.each([
    ['v1.30.6+k3s1', 'v1.30.6+k3s1'],
    ['1.30.6+k3s1', 'v1.30.6+k3s1'],
    ['1.30.6', 'v1.30.6+k3s1'],
    ['v1.30.6', 'v1.30.6+k3s1'],
    ['stable', 'v1.30.6+k3s1'],
    ['v1.30', 'v1.30.6+k3s1'],
    ['testing', 'v1.32.0-rc1+k3s1'],
  ])('reads %s as %s', (word, tag) => {
    expect(select(word)).toEqual({ tags: { [word]: tag }, problems: [] });
  });

  it('takes the highest build that can be used', () => {
    expect(select('1.31.2').tags).toEqual({ '1.31.2': 'v1.31.2+k3s2' });
  });

  it.each<[readonly K3sArchitecture[], string]>([
    [['amd64'], 'v1.19.2+k3s10'],
    [['arm64'], 'v1.19.2+k3s9'],
    [['amd64', 'arm64'], 'v1.19.2+k3s9'],
    [['arm64', 'arm'], 'v1.19.2+k3s2'],
    [['s390x', 'arm64', 'amd64'], 'v1.19.2+k3s1'],
    // A client is of no build.
    [[], 'v1.19.2+k3s10'],
  ])('takes for %j the highest build that serves all of them: %s', (architectures, tag) => {
    expect(selectFor(architectures, ['1.19.2'])).toEqual({ tags: { '1.19.2': tag }, problems: [] });
  });

  it('says which build has what when none has all', () => {
    expect(selectFor(['amd64', 'arm', 's390x'], ['1.19.2']).problems).toEqual([
      'Cannot find K3s version "1.19.2": "v1.19.2+k3s10" has no airgap images for arm, s390x. ' +
        'No build has them for all: "v1.19.2+k3s10" has them for amd64; "v1.19.2+k3s9" has them for amd64; ' +
        '"v1.19.2+k3s2" has them for amd64, arm; "v1.19.2+k3s1" has them for amd64, s390x.',
    ]);
  });

  it('needs the channels for the name of one alone', () => {
    const channelFault = new SaddlebagError('ERR_HTTP_STATUS', 'Cannot query "u": the server answered 404');
    const catalogue = { ...CATALOGUE, channels: new Map<string, string>(), channelFault };
    const words = ['v1.30.6+k3s1', '1.31.2', '1.99.0', 'stable', 'v1.30'];
    const { tags, problems } = selectVersions(wantedBy(['amd64'], words), catalogue);
    expect([...tags.keys()]).toEqual(['v1.30.6+k3s1', '1.31.2']);
    expect(problems.map(({ code }) => code)).toEqual([
      'ERR_UPSTREAM_NOT_FOUND',
      'ERR_HTTP_STATUS',
      'ERR_HTTP_STATUS',
    ]);
  });

  it('takes an exact tag for what it says, even when a higher build exists', () => {
    expect(select('v1.31.2+k3s1').tags).toEqual({ 'v1.31.2+k3s1': 'v1.31.2+k3s1' });
  });

  it('reports every unknown word at once, each with the nearest known', () => {
    expect(
      select('1.30.99', 'stable', 'v1.31.2+k3s9', 'stabel', '1.30', 'empty', '1.29.1', 'banana'),
    ).toEqual({
      tags: { stable: 'v1.30.6+k3s1' },
      problems: [
        'Cannot find K3s version "1.30.99": no release has it. The nearest is "v1.30.6+k3s1".',
        'Cannot find K3s version "v1.31.2+k3s9": no release has it. The nearest is "v1.31.2+k3s3".',
        'Cannot find K3s version "stabel": there is no such release or channel. The nearest is "stable".',
        'Cannot find K3s version "1.30": there is no such release or channel. The nearest is "v1.30".',
        'Cannot find K3s version "empty": the channel has no release. undefined',
        'Cannot find K3s version "1.29.1": "v1.29.1+k3s1" has no airgap images for amd64. undefined',
        'Cannot find K3s version "banana": there is no such release or channel. Write for example "v1.30.6+k3s1", "1.30.6" or "stable".',
      ],
    });
  });

  it('looks near by number and not by letter', () => {
    expect(select('1.27.9').problems[0]).toContain('The nearest is "v1.29.1+k3s1".');
    expect(select('1.99.0').problems[0]).toContain('The nearest is "v1.31.2+k3s3".');
  });

  it('reports ERR_UPSTREAM_NOT_FOUND', () => {
    const { problems } = selectVersions(wantedBy(['amd64'], ['1.1.1']), CATALOGUE);
    expect(problems.map(({ code }) => code)).toEqual(['ERR_UPSTREAM_NOT_FOUND']);
  });

  it('survives an empty catalogue', () => {
    const empty = { distribution: K3S, releases: [], channels: new Map<string, string>() };
    const { problems } = selectVersions(wantedBy(['amd64'], ['1.30.6', 'stable']), empty);
    expect(problems).toHaveLength(2);
  });
});

describe('exactTag', () => {
  it('knows a tag by itself, and nothing else', () => {
    expect(exactTag('1.30.6+k3s1', K3S)).toMatchObject({
      tag: 'v1.30.6+k3s1',
      version: '1.30.6',
      minor: 30,
      build: 1,
    });
    expect(exactTag('v1.31.3-rc2+k3s1', K3S)).toMatchObject({ kubernetes: '1.31.3', prerelease: true });
    for (const word of ['1.30.6', 'stable', 'v1.30', '', 'v1.30.6+k3s', 'v1.30.6+k3s1/..', 'v1.30.6%2Bk3s1'])
      expect(exactTag(word, K3S)).toBeUndefined();
  });
});
