import { describe, expect, it, onTestFinished } from 'vitest';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { type SampleImage, sampleImage } from '../support/samples/sample-image.ts';

const COUNT = 60;

describe('a list of images with shared layers', () => {
  it.each([
    ['whole', ''],
    ['narrowed to a platform', 'platforms: [linux/amd64]\n'],
  ])('is built with each blob fetched once, across repositories; %s', async (_how, platforms) => {
    const { lab, images } = await labWith(COUNT);
    const listed = images.map((_, index) => `  - rancher/image-${index}:v1\n`).join('');
    const spec = lab.spec(`${platforms}images:\n${listed}`);
    const { status, stderr } = await lab.run(['build', spec, '-o', 'lab.tar']).ended;
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const digests = images.flatMap(({ blobs }) => blobs.map(({ descriptor }) => descriptor.digest));
    expect(digests.length).toBeGreaterThan(new Set(digests).size);
    expect(fetched(lab)).toEqual(new Map([...new Set(digests)].sort().map((digest) => [digest, 1])));
  });
});

/** Every image has a layer that all have, one that ten have, and one of its own. */
async function labWith(
  count: number,
): Promise<{ readonly lab: Lab; readonly images: readonly SampleImage[] }> {
  const lab = await startLab();
  onTestFinished(() => lab[Symbol.asyncDispose]());
  const images = Array.from({ length: count }, (_, index) =>
    sampleImage({ name: `image ${index}`, sharedLayers: ['base', `family ${index % 6}`], layers: 1 }),
  );
  for (const [index, image] of images.entries())
    await lab.internet.seed(`rancher/image-${index}`, image, 'v1');
  return { lab, images };
}

/** Returns how often each blob was asked for, by digest. */
function fetched({ internet }: Lab): ReadonlyMap<string, number> {
  const asked = internet.log.entries
    .filter(({ method, topic }) => method === 'GET' && topic === 'blob')
    .map(({ path }) => /sha256:[0-9a-f]+/.exec(path)?.[0] ?? path)
    .sort();
  return new Map([...Map.groupBy(asked, (digest) => digest)].map(([digest, all]) => [digest, all.length]));
}
