import { type FileHandle, open, readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isManifestType } from '../../src/oci/media-type.ts';
import { plannedImage, type PlannedSample } from '../support/planned/items.ts';
import { install, installLab, LAB } from '../support/sites/install-lab.ts';

const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/s390x'];
/** Five images, two of them indexes of three platforms, and something for every other target. */
const SAMPLES: readonly PlannedSample[] = [
  ...LAB,
  plannedImage('docker.io/library/busybox:1.36', { platforms: PLATFORMS }),
  plannedImage('docker.io/library/alpine:3.20', { platforms: PLATFORMS }),
  plannedImage('docker.io/library/nginx:1.27'),
];

describe('an install', () => {
  it('reads each manifest once, beside the reading that verifies every byte', async () => {
    const lab = await installLab(SAMPLES);
    const manifests = SAMPLES.flatMap(({ contents }) => contents)
      .filter(({ descriptor }) => isManifestType(descriptor.mediaType))
      .map(({ bytes }) => bytes);
    const tar = await readFile(lab.at('lab.tar'));
    const places = manifests.map((bytes) => tar.indexOf(bytes));
    const counted = await countReads(lab.at('lab.tar'));
    await install({
      ...lab.options,
      targets: {
        registry: ['localhost:5000'],
        'k3s-node': lab.at('node'),
        'rancher-desktop': true,
        kuberlr: true,
        files: lab.at('files'),
      },
    });
    expect(manifests).toHaveLength(15);
    expect(places.map((place) => counted.get(place))).toEqual(places.map(() => 2));
  });
});

/** Counts from now on how often a file of the test is read from each position. */
async function countReads(path: string): Promise<ReadonlyMap<number, number>> {
  const counted = new Map<number, number>();
  const probe = await open(path, 'r');
  const prototype: FileHandle = Object.getPrototypeOf(probe);
  await probe.close();
  // oxlint-disable-next-line typescript/unbound-method -- it is applied to each file that is read
  const read = prototype.read;
  const spy = vi.spyOn(prototype, 'read').mockImplementation(function (this: FileHandle, ...args: unknown[]) {
    const position = args[3];
    if (typeof position === 'number') counted.set(position, (counted.get(position) ?? 0) + 1);
    return Reflect.apply(read, this, args);
  });
  onTestFinished(() => spy.mockRestore());
  return counted;
}
