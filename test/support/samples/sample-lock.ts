import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { CATALOGUE } from '../../../src/sources/k3s/catalogue.ts';
import { SOURCES } from '../../../src/sources/sources.ts';
import type { Lock, LockSection, Pin, ReferencePin } from '../../../src/spec/lock/lock.ts';
import { parseLock } from '../../../src/spec/lock/parse.ts';

/** Returns a pin of made-up content. */
export function samplePin(content: string): Pin {
  return { digest: digestOf(content), size: content.length };
}

/** Returns a pin of a made-up image. */
export function sampleReferencePin(content: string): ReferencePin {
  return { mediaType: MEDIA_TYPE.ociIndex, ...samplePin(content) };
}

/** Returns a lock with one of everything, or with `more` in place of a part of it. */
export function sampleLock(more: Partial<Lock> = {}): Lock {
  return {
    name: 'lab',
    references: new Map([
      ['quay.io/jetstack/cert-manager-controller:v1.15.3', sampleReferencePin('cert')],
      ['docker.io/rancher/rancher:v2.9.2', sampleReferencePin('rancher')],
    ]),
    urls: new Map([
      ['https://example.com/tool.tar.gz', samplePin('tool')],
      ['https://dl.k8s.io/release/v1.20.15/bin/darwin/arm64/kubectl.sha256', null],
    ]),
    answers: new Map([
      ['https://dl.k8s.io/release/stable-1.31.txt', 'v1.31.14'],
      ['https://dl.k8s.io/release/stable-1.99.txt', null],
    ]),
    sections: sampleSections(),
    ...more,
  };
}

/** Returns a section of a lock about K3s, with these groups in place of its own. */
export function sampleSections(more: Readonly<Record<string, FactGroup>> = {}): Lock['sections'] {
  const groups = {
    channels: new Map([
      ['stable', 'v1.31.2+k3s1'],
      ['new', null],
    ]),
    releases: new Map([
      ['v1.31.2+k3s1', 'amd64 arm arm64'],
      ['v1.30.6+k3s1', 'amd64'],
      ['v1.36.1+k3s1', ''],
    ]),
    ...more,
  };
  return new Map([[CATALOGUE.section, new Map(Object.entries<FactGroup>(groups))]]);
}

type FactGroup = ReadonlyMap<string, string | null>;

/** The sections of every source. */
export const SECTIONS: readonly LockSection[] = SOURCES.flatMap(({ sections }) => sections);

/** Parses a lock with the sections of every source. */
export function parseWholeLock(text: string, file: string): Lock {
  return parseLock(text, file, SECTIONS);
}
