import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { compareLocks, unsharedPins } from '../../../src/spec/lock/compare.ts';
import type { Lock } from '../../../src/spec/lock/lock.ts';
import { movedPins, unsharedWarnings } from '../../../src/spec/lock/moved-pins.ts';
import { CATALOGUE } from '../../../src/sources/k3s/catalogue.ts';
import {
  sampleLock,
  samplePin,
  sampleReferencePin,
  sampleSections,
} from '../../support/samples/sample-lock.ts';

const RANCHER = 'docker.io/rancher/rancher:v2.9.2';
const TOOL = 'https://example.com/tool.tar.gz';
const MENTIONED = new Set(['busybox', 'stable', 'amd64']);

function replaced<V>(map: ReadonlyMap<string, V> | undefined, key: string, value: V): ReadonlyMap<string, V> {
  return new Map([...(map ?? []), [key, value]]);
}

function warningsOf(after: Lock): readonly string[] {
  return movedPins(compareLocks(sampleLock(), after).moved, MENTIONED).map(({ message }) => message);
}

describe('compareLocks', () => {
  it('counts every pin of a first lock as added', () => {
    expect(compareLocks(undefined, sampleLock())).toEqual({ added: 11, removed: 0, changed: 0, moved: [] });
  });

  it('finds nothing in two locks that say the same', () => {
    expect(compareLocks(sampleLock(), sampleLock())).toEqual({ added: 0, removed: 0, changed: 0, moved: [] });
  });

  it('counts what came and what went', () => {
    const references = new Map([['docker.io/library/busybox:1', sampleReferencePin('busybox')]]);
    expect(compareLocks(sampleLock(), sampleLock({ references }))).toMatchObject({
      added: 1,
      removed: 2,
      changed: 0,
    });
    expect(compareLocks(sampleLock(), sampleLock({ sections: new Map() }))).toMatchObject({
      added: 0,
      removed: 5,
    });
  });

  it('does not take a URL for an answer of the same address', () => {
    const url = 'https://dl.k8s.io/release/stable-1.31.txt';
    const urls = replaced(sampleLock().urls, url, samplePin('x'));
    expect(compareLocks(sampleLock(), sampleLock({ urls }))).toMatchObject({ added: 1, changed: 0 });
  });
});

describe('unsharedPins', () => {
  it('names what only one of two locks has', () => {
    const references = replaced(
      sampleLock().references,
      'docker.io/library/new:1',
      sampleReferencePin('new'),
    );
    const told = (before: Lock, after: Lock): readonly string[] =>
      unsharedWarnings(unsharedPins(before, after)).map(({ message }) => message);
    const grown = sampleLock({ references });
    expect(told(sampleLock(), grown)).toEqual(['Image "docker.io/library/new:1" is not in the lock']);
    expect(told(grown, sampleLock())).toEqual([
      'Image "docker.io/library/new:1" is in the lock, and no longer needed',
    ]);
    expect(told(grown, grown)).toEqual([]);
  });

  it('takes no notice of a release that came, for the list of all grows without the spec', () => {
    const releases = sampleLock().sections.get(CATALOGUE.section)?.get('releases');
    const sections = sampleSections({ releases: replaced(releases, 'v1.99.0+k3s1', 'amd64 arm64') });
    const after = sampleLock({ sections });
    expect(compareLocks(sampleLock(), after)).toMatchObject({ added: 1 });
    expect(unsharedPins(sampleLock(), after)).toEqual({ fresh: [], gone: [] });
  });
});

describe('movedPins', () => {
  it('name a tag that moved, with both digests', () => {
    const references = replaced(sampleLock().references, RANCHER, sampleReferencePin('moved'));
    expect(warningsOf(sampleLock({ references }))).toEqual([
      `Image "${RANCHER}" moved: was "${digestOf('rancher')}", is "${digestOf('moved')}"`,
    ]);
  });

  it('say what is different when the digest is not', () => {
    const pin = { ...sampleReferencePin('rancher'), mediaType: MEDIA_TYPE.dockerList };
    const [warning] = warningsOf(sampleLock({ references: replaced(sampleLock().references, RANCHER, pin) }));
    expect(warning).toContain(MEDIA_TYPE.ociIndex);
    expect(warning).toContain(MEDIA_TYPE.dockerList);
  });

  it('name a file that changed, one that is gone and one that came', () => {
    const checksum = 'https://dl.k8s.io/release/v1.20.15/bin/darwin/arm64/kubectl.sha256';
    const { urls } = sampleLock();
    expect(warningsOf(sampleLock({ urls: replaced(urls, TOOL, samplePin('new tool')) }))).toEqual([
      `"${TOOL}" moved: was "${digestOf('tool')}", is "${digestOf('new tool')}"`,
    ]);
    expect(warningsOf(sampleLock({ urls: replaced(urls, TOOL, null) }))).toEqual([
      `"${TOOL}" moved: was "${digestOf('tool')}", is "nothing"`,
    ]);
    expect(warningsOf(sampleLock({ urls: replaced(urls, checksum, samplePin('sum')) }))).toEqual([
      `"${checksum}" moved: was "nothing", is "${digestOf('sum')}"`,
    ]);
  });

  it('name the newest release of a line', () => {
    const url = 'https://dl.k8s.io/release/stable-1.31.txt';
    expect(warningsOf(sampleLock({ answers: replaced(sampleLock().answers, url, 'v1.31.15') }))).toEqual([
      `"${url}" moved: was "v1.31.14", is "v1.31.15"`,
    ]);
  });

  it('name a channel that the spec names, and no other', () => {
    const facts = sampleLock().sections.get(CATALOGUE.section);
    const after = (channel: string): Lock =>
      sampleLock({
        sections: sampleSections({
          channels: replaced(facts?.get('channels'), channel, 'v1.32.0+k3s1'),
          releases: replaced(facts?.get('releases'), 'v1.30.6+k3s1', 'amd64 arm64'),
        }),
      });
    expect(warningsOf(after('stable'))).toEqual([
      'K3s channel "stable" moved: was "v1.31.2+k3s1", is "v1.32.0+k3s1"',
    ]);
    expect(warningsOf(after('new'))).toEqual([]);
    expect(compareLocks(sampleLock(), after('new'))).toMatchObject({ changed: 2 });
  });
});
