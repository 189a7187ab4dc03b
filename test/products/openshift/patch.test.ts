import { describe, expect, it } from 'vitest';
import { MARKERS, markerText, type MarkerValues } from '../../../src/products/openshift/tools/marker.ts';
import { patched } from '../../../src/products/openshift/tools/patch.ts';
import { PROGRAMS, programSources } from '../../../src/products/openshift/tools/programs.ts';

/** openshift/installer, `pkg/asset/releaseimage/default.go` and `pkg/version/version.go`: lengths that upstream gives. */
const LENGTHS = { image: 327, version: 93, architecture: 98 };
const PREFIX = '\0_RELEASE_IMAGE_LOCATION_\0';
const IMAGE = Buffer.from(`${PREFIX}${'X'.repeat(300)}\0`);
const VALUES: MarkerValues = {
  image: 'registry.lab:5000/openshift/release@sha256:1',
  version: '4.20.3',
  architecture: 'linux/amd64',
};

async function patch(
  program: Uint8Array,
  size: number,
  values: Partial<MarkerValues> = VALUES,
): Promise<{ readonly bytes: Buffer; readonly found: readonly string[] }> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < program.length; at += size) yield program.subarray(at, at + size);
  }
  let found: readonly string[] = [];
  const parts = await Array.fromAsync(patched(chunks(), values, (all) => (found = [...all].sort())));
  return { bytes: Buffer.concat(parts), found };
}

function program(...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

describe('the markers of a program', () => {
  it('are as long as upstream builds them', () => {
    expect(Object.fromEntries(MARKERS.map(({ name, bytes }) => [name, bytes.length]))).toEqual(LENGTHS);
  });

  it.each([1, 7, 326, 327, 328, 1000, 100_000])(
    'are found in chunks of %i bytes, behind constants that begin like them',
    async (size) => {
      const head = program('ELF', PREFIX, 'code', PREFIX, 'X'.repeat(299), '\0');
      const tail = program(...MARKERS.slice(1).map(({ bytes }) => bytes), 'end');
      const { bytes, found } = await patch(program(head, IMAGE, tail), size);
      const value = Buffer.from(`${VALUES.image}\0`);
      expect(found).toEqual(['architecture', 'image', 'version']);
      expect(bytes.length).toBe(head.length + IMAGE.length + tail.length);
      expect(bytes.subarray(0, head.length).equals(head)).toBe(true);
      expect(bytes.subarray(head.length, head.length + value.length).equals(value)).toBe(true);
      // What the value does not cover stays.
      expect(
        bytes
          .subarray(head.length + value.length, head.length + IMAGE.length)
          .equals(IMAGE.subarray(value.length)),
      ).toBe(true);
      expect(bytes.toString('latin1', head.length + IMAGE.length)).toMatch(
        /^4\.20\.3\0.*linux\/amd64\0.*end$/s,
      );
    },
  );

  it('are overwritten once, where there are two', async () => {
    const { bytes } = await patch(program(IMAGE, 'between', IMAGE), 100);
    expect(bytes.subarray(-IMAGE.length).equals(IMAGE)).toBe(true);
  });

  it.each([
    ['absent', program('ELF', 'nothing')],
    ['a beginning alone', program(PREFIX, 'code')],
    ['too short', program(PREFIX, 'X'.repeat(299), '\0')],
    ['too long', program(PREFIX, 'X'.repeat(301), '\0')],
    ['cut off by the end', IMAGE.subarray(0, -1)],
    ['nothing', Buffer.alloc(0)],
  ])('are told where they are %s, and nothing is changed', async (_, bytes) => {
    const result = await patch(bytes, 50);
    expect(result.found).toEqual([]);
    expect(result.bytes.equals(bytes)).toBe(true);
  });

  it.each([
    [326, true],
    [327, false],
  ])('have room for a value of %i bytes and its zero: %s', (length, fits) => {
    const [image] = MARKERS;
    expect(image !== undefined && markerText(image, 'x'.repeat(length)) !== undefined).toBe(fits);
    expect(image && markerText(image, 'a\0b')).toBeUndefined();
  });
});

describe('the programs of a release', () => {
  it.each([
    [
      'linux',
      'amd64',
      'amd64',
      ['cli usr/bin/oc', 'cli-artifacts usr/share/openshift/linux_amd64/oc'],
      [
        'installer usr/bin/openshift-install',
        'installer-artifacts usr/share/openshift/linux_amd64/openshift-install',
      ],
    ],
    [
      'linux',
      'arm64',
      'amd64',
      ['cli-artifacts usr/share/openshift/linux_arm64/oc'],
      ['installer-artifacts usr/share/openshift/linux_arm64/openshift-install'],
    ],
    [
      'linux',
      'arm64',
      'multi',
      ['cli usr/bin/oc', 'cli-artifacts usr/share/openshift/linux_arm64/oc'],
      [
        'installer usr/bin/openshift-install',
        'installer-artifacts usr/share/openshift/linux_arm64/openshift-install',
      ],
    ],
    [
      'darwin',
      'amd64',
      'amd64',
      ['cli-artifacts usr/share/openshift/mac/oc'],
      ['installer-artifacts usr/share/openshift/mac/openshift-install'],
    ],
    [
      'darwin',
      'arm64',
      'amd64',
      ['cli-artifacts usr/share/openshift/mac_arm64/oc'],
      ['installer-artifacts usr/share/openshift/mac_arm64/openshift-install'],
    ],
    ['windows', 'amd64', 'amd64', ['cli-artifacts usr/share/openshift/windows/oc.exe'], []],
    ['plan9', 'amd64', 'amd64', [], []],
  ])(
    'are, for %s/%s of a release for %s, where upstream has them',
    (os, architecture, release, oc, installer) => {
      const places = PROGRAMS.map((name) =>
        programSources(name, { os, architecture }, release).map(
          ({ component, path }) => `${component} ${path}`,
        ),
      );
      expect(places).toEqual([oc, installer]);
    },
  );
});
