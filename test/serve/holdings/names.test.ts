import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { namesOf, type ServedImage } from '../../../src/serve/holdings/names.ts';

function image(name: string, content = name): ServedImage {
  return { name, descriptor: { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(content), size: 10 } };
}

const IMAGES = [
  image('docker.io/rancher/rancher:v2.9.2'),
  image('docker.io/library/busybox:1.36'),
  image('quay.io/jetstack/controller:v1'),
  image('harbor.lab:8443/team/app:2'),
  image(`docker.io/rancher/pinned@${digestOf('pinned')}`),
];
const names = namesOf(IMAGES);

function digestAt(repository: string, tag: string, host?: string): string | undefined {
  return names.find(repository, host)?.tags.get(tag)?.digest;
}

describe('namesOf', () => {
  it.each([
    ['rancher/rancher', 'v2.9.2', 'docker.io/rancher/rancher:v2.9.2'],
    ['docker.io/rancher/rancher', 'v2.9.2', 'docker.io/rancher/rancher:v2.9.2'],
    ['library/busybox', '1.36', 'docker.io/library/busybox:1.36'],
    ['rancher/busybox', '1.36', 'docker.io/library/busybox:1.36'],
    ['docker.io/library/busybox', '1.36', 'docker.io/library/busybox:1.36'],
    ['quay.io/jetstack/controller', 'v1', 'quay.io/jetstack/controller:v1'],
    ['jetstack/controller', 'v1', 'quay.io/jetstack/controller:v1'],
    ['harbor.lab-8443/team/app', '2', 'harbor.lab:8443/team/app:2'],
  ])('finds %s:%s by a name that an install would give it', (repository, tag, name) => {
    expect(digestAt(repository, tag)).toBe(digestOf(name));
  });

  it.each([
    ['docker.io', 'rancher/rancher', 'v2.9.2'],
    ['registry-1.docker.io', 'rancher/rancher', 'v2.9.2'],
    ['docker.io', 'library/busybox', '1.36'],
    ['quay.io', 'jetstack/controller', 'v1'],
    ['harbor.lab:8443', 'team/app', '2'],
  ])('finds what is meant at %s: %s:%s', (host, repository, tag) => {
    expect(digestAt(repository, tag, host)).toBeDefined();
  });

  it.each([
    ['ghcr.io', 'rancher/rancher'],
    ['quay.io', 'rancher/rancher'],
    ['docker.io', 'jetstack/controller'],
    ['docker.io', 'rancher/busybox'],
  ])('never gives the image of another host for what is meant at %s: %s', (host, repository) => {
    expect(names.find(repository, host)).toBeUndefined();
  });

  it('knows a repository whose image has no tag', () => {
    const repository = names.find('rancher/pinned', 'docker.io');
    expect(repository?.tags.size).toBe(0);
    expect(repository?.roots).toHaveLength(1);
  });

  it('lists each repository once, sorted', () => {
    expect(names.catalog).toEqual([
      'harbor.lab-8443/team/app',
      'library/busybox',
      'quay.io/jetstack/controller',
      'rancher/pinned',
      'rancher/rancher',
    ]);
  });

  it('gives a name to the image that really has it before one that would be called so', () => {
    const two = namesOf([image('quay.io/rancher/rancher:v1'), image('docker.io/rancher/rancher:v1')]);
    expect(two.find('rancher/rancher')?.tags.get('v1')?.digest).toBe(
      digestOf('docker.io/rancher/rancher:v1'),
    );
    const official = namesOf([image('docker.io/library/app:v1'), image('docker.io/rancher/app:v1')]);
    expect(official.find('rancher/app')?.tags.get('v1')?.digest).toBe(digestOf('docker.io/rancher/app:v1'));
  });
});
