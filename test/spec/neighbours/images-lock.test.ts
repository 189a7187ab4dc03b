import { describe, expect, it } from 'vitest';
import { joinedSpec, problemsOfSpec } from '../../support/sites/included-spec.ts';

const LAB = 'bundle: 1\nname: lab\ninclude: [images.yml]\n';
const head = (kind: string): string => `apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ${kind}\n`;
const IMAGE = `index.docker.io/lab/app@sha256:${'c'.repeat(64)}`;

describe('an ImagesLock of imgpkg in a spec', () => {
  it('gives its images', async () => {
    const text = `${head('ImagesLock')}images:\n- image: ${IMAGE}\n  annotations: { kbld.carvel.dev/id: app:1 }\n`;
    expect(await joinedSpec({ 'lab.yaml': LAB, 'images.yml': text })).toEqual({ images: [IMAGE] });
  });

  it.each([
    [
      `${head('ImagesLock')}images: [{ image: "app:1" }]\n`,
      /"images\[0\]\.image" at images\.yml:3:19: expected a reference with a digest, found "app:1"/,
    ],
    [
      `${head('ImagesLock')}images: [{ image: ${IMAGE}, name: x }]\n`,
      /key "name" at images\.yml:3:\d+: there is no such key in "images\[0\]"/,
    ],
    [
      `${head('BundleLock')}bundle: { image: ${IMAGE} }\n`,
      /"kind" at images\.yml:2:7: the images of an imgpkg bundle are listed inside it \| Include the file/,
    ],
  ])('is refused: %s', async (text, expected) => {
    const found = await problemsOfSpec({ 'lab.yaml': `${LAB}images: [z]\n`, 'images.yml': text });
    expect(found).toEqual([expect.stringMatching(expected)]);
  });
});
