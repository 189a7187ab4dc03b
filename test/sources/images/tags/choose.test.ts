import { describe, expect, it } from 'vitest';
import { chooseTags } from '../../../../src/sources/images/tags/choose.ts';
import type { TagsWish } from '../../../../src/sources/images/tags/part.ts';
import { failureOf } from '../../../support/failure.ts';

const REPOSITORY = 'docker.io/rancher/shell';
const SHELL = [
  'v0.1.9',
  'v0.1.20',
  'v0.1.21-rc1',
  'v0.1.21-rc10',
  'v0.1.21-rc2',
  'v0.1.21',
  'v0.2.0',
  'latest',
];
const K3S = ['v1.31.4-k3s1', 'v1.31.4-k3s10', 'v1.31.4-k3s2', 'v1.31.5-rc1-k3s1', 'v1.31.5-k3s1'];
const SIGNATURE = `sha256-${'0'.repeat(64)}.sig`;

describe('tags chosen of those that a repository has', () => {
  it.each<[string, readonly string[], TagsWish, readonly string[]]>([
    ['a range', SHELL, { semver: '>=0.1.20 <0.2' }, ['v0.1.20', 'v0.1.21']],
    ['a range, the newest', SHELL, { semver: '>=0.1.9 <0.3', latest: 2 }, ['v0.1.21', 'v0.2.0']],
    ['more than there are', SHELL, { semver: '0.1.20', latest: 9 }, ['v0.1.20']],
    [
      'a range that names a pre-release',
      SHELL,
      { semver: '>=0.1.21-rc2 <0.2.0' },
      ['v0.1.21-rc2', 'v0.1.21-rc10', 'v0.1.21'],
    ],
    ['a caret, a tilde and alternatives', SHELL, { semver: '~0.1.21 || ^0.2.0' }, ['v0.1.21', 'v0.2.0']],
    ['a hyphen', SHELL, { semver: '0.1.10 - 0.1.20' }, ['v0.1.20']],
    ['match and exclude', SHELL, { match: '^v0[.]1[.]2', exclude: 'rc' }, ['v0.1.20', 'v0.1.21']],
    ['all at once', SHELL, { semver: '>=0.1.20', match: '^v', exclude: 'rc', latest: 1 }, ['v0.2.0']],
    ['just the newest: versions come after words', SHELL, { latest: 1 }, ['v0.2.0']],
    ['a match that is no version', SHELL, { match: '^latest$' }, ['latest']],
    ['a group as Go names it', SHELL, { match: '^(?P<word>[a-z]+)$' }, ['latest']],
    ['builds', K3S, { semver: '1.31.x' }, ['v1.31.4-k3s1', 'v1.31.4-k3s2', 'v1.31.4-k3s10', 'v1.31.5-k3s1']],
    ['one build', K3S, { semver: '1.31.4-k3s2' }, ['v1.31.4-k3s2']],
    ['builds from one on', K3S, { semver: '>=1.31.4-k3s2 <1.31.5' }, ['v1.31.4-k3s2', 'v1.31.4-k3s10']],
    ['a pre-release with a build', K3S, { semver: '1.31.5-rc1' }, ['v1.31.5-rc1-k3s1']],
    ['the release before its variants', ['1.2.3-alpine', '1.2.3'], { latest: 1 }, ['1.2.3']],
    [
      'metadata as Helm writes it',
      ['1.2.3_up4.5.6', '1.2.4-rc.1_up9'],
      { semver: '^1.2.0' },
      ['1.2.3_up4.5.6'],
    ],
    ['rubbish behind a version', ['1.2.3-01.._x', '1.2.3-'], { semver: '1.2.3' }, ['1.2.3-01.._x', '1.2.3-']],
    ['numbers too large', ['99999999999999999999.0.0', '1.0.0'], { semver: '*' }, ['1.0.0']],
    ['what is listed twice', ['1.0.0', '1.0.0'], { semver: '*' }, ['1.0.0']],
    ['signatures', [SIGNATURE, 'v1'], { match: '.' }, ['v1']],
  ])('are those of %s', (_what, listed, wish, expected) => {
    expect(chooseTags(REPOSITORY, listed, wish)).toEqual(expected);
    // The order of a registry's list reaches no bundle.
    expect(chooseTags(REPOSITORY, listed.toReversed(), wish)).toEqual(expected);
  });

  it.each<[string, TagsWish, string, string]>([
    ['a range between', { semver: '>=0.1.22 <0.2' }, 'semver ">=0.1.22 <0.2"', '"v0.1.21", "v0.2.0"'],
    ['a range above', { semver: '>=3' }, 'semver ">=3"', '"v0.2.0"'],
    [
      'what a match leaves none of',
      { semver: '>=0.1.20', match: 'debug' },
      'semver ">=0.1.20", match "debug"',
      '"v0.1.20", "v0.1.21", "v0.2.0"',
    ],
    ['what all are excluded from', { exclude: '.' }, 'exclude "."', '"v0.1.21-rc10", "v0.1.21", "v0.2.0"'],
  ])('are an error with the nearest, when there are none of %s', async (_what, wish, asked, near) => {
    const error = await failureOf(() => chooseTags(REPOSITORY, SHELL, wish));
    expect(error).toMatchObject({
      code: 'ERR_UPSTREAM_NOT_FOUND',
      message: `Cannot find tags of "${REPOSITORY}": none of the 8 there fits ${asked}`,
      hint: `The nearest are ${near}.`,
    });
  });

  it('are an error with the nearest, of 5000 as well', async () => {
    const listed = Array.from({ length: 5000 }, (_, at) => `v1.${Math.floor(at / 100)}.${at % 100}-${at}`);
    const error = await failureOf(() => chooseTags(REPOSITORY, listed, { semver: '>=1.20.100 <1.21' }));
    expect(error).toMatchObject({
      message: `Cannot find tags of "${REPOSITORY}": none of the 5000 there fits semver ">=1.20.100 <1.21"`,
      hint: 'The nearest are "v1.20.99-2099", "v1.21.0-2100".',
    });
  });

  it.each(['match', 'exclude'])('end, whatever expression is under %s', async (key) => {
    const listed = [`${'a'.repeat(127)}_`];
    const error = await failureOf(() => chooseTags(REPOSITORY, listed, { [key]: '^(a+)+$' }));
    expect(error.code).toBe('ERR_SPEC_INVALID');
    expect(error.message).toContain('the expression takes too long');
  });
});
