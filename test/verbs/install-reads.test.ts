import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
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
  it('reads each manifest with its neighbours, beside the reading that verifies every byte', async () => {
    const lab = await installLab(SAMPLES);
    const manifests = SAMPLES.flatMap(({ contents }) => contents)
      .filter(({ descriptor }) => isManifestType(descriptor.mediaType))
      .map(({ bytes }) => bytes);
    const tar = await readFile(lab.at('lab.tar'));
    const reads = await readsOf(lab.at('lab.tar'));
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
    // The walk over the archive and the targets read many at once, the verification each by itself.
    const counts = manifests.map((bytes) => {
      const place = tar.indexOf(bytes);
      const over = reads.filter(({ start, end }) => start <= place && place < end);
      return [over.length, over.filter(({ end }) => end === place + bytes.length).length];
    });
    expect(counts).toEqual(manifests.map(() => [3, 1]));
  });
});

/** Returns the reads of a file from now on, as they are made: where each starts and ends (bytes). */
async function readsOf(path: string): Promise<readonly { readonly start: number; readonly end: number }[]> {
  const reads: { readonly start: number; readonly end: number }[] = [];
  const { ino } = await stat(path);
  const probe = await open(path, 'r');
  const prototype: FileHandle = Object.getPrototypeOf(probe);
  await probe.close();
  // oxlint-disable-next-line typescript/unbound-method -- it is applied to each file that is read
  const read = prototype.read;
  const spy = vi.spyOn(prototype, 'read').mockImplementation(async function (
    this: FileHandle,
    ...args: unknown[]
  ) {
    const [, , length, start] = args;
    const isOurs = (await this.stat()).ino === ino;
    if (isOurs && typeof start === 'number') reads.push({ start, end: start + Number(length) });
    return await Reflect.apply(read, this, args);
  });
  onTestFinished(() => spy.mockRestore());
  return reads;
}
