import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLayout } from '../../src/bundle/open-layout.ts';
import { encodeDescriptor } from '../../src/oci/descriptor.ts';
import { hexOf } from '../../src/oci/digest.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { thrownBy } from '../support/thrown.ts';

const [one, two] = [sampleImage({ name: 'one' }), sampleImage({ name: 'two' })];
const NAME = 'org.opencontainers.image.ref.name';

describe('a layout that another program made', () => {
  it.each<[string, readonly (string | undefined)[], readonly string[]]>([
    ['skopeo, with full names', ['docker.io/lab/app:v1'], ['docker.io/lab/app:v1']],
    ['oras and regctl, with tags alone', ['v1', 'v2'], ['localhost/my-images:v1', 'localhost/my-images:v2']],
    ['crane, without a name', [undefined], ['localhost/my-images:latest']],
    [
      'crane, with two images and no name',
      [undefined, undefined],
      [`localhost/my-images@${one.root.digest}`, `localhost/my-images@${two.root.digest}`],
    ],
    ['somebody, with a name that is none', ['a b'], []],
  ])('gives its images by %s', async (_who, names, expected) => {
    await using layout = await openLayout(layoutWith(names));
    expect(layout.images.map(({ name }) => name)).toEqual(expected);
  });

  it('is recognized by its list, also without the mark of a layout, as that of hauler', async () => {
    await using layout = await openLayout(layoutWith(['docker.io/lab/app:v1'], { hasMark: false }));
    expect(layout.images).toHaveLength(1);
  });

  it('is none without a list', async () => {
    const folder = temporaryFolder();
    onTestFinished(() => folder[Symbol.dispose]());
    expect(await thrownBy(openLayout(folder.path))).toMatchObject({
      code: 'ERR_BUNDLE_INVALID',
      message: expect.stringContaining('neither "bundle.json" nor "index.json"'),
    });
  });
});

function layoutWith(names: readonly (string | undefined)[], { hasMark = true } = {}): string {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const path = join(folder.path, 'My images');
  mkdirSync(join(path, 'blobs', 'sha256'), { recursive: true });
  for (const { descriptor, bytes } of [...one.manifests, ...two.manifests])
    writeFileSync(join(path, 'blobs', 'sha256', hexOf(descriptor.digest)), bytes);
  const manifests = names.map((name, index) => ({
    ...encodeDescriptor((index === 0 ? one : two).root),
    ...(name === undefined ? {} : { annotations: { [NAME]: name } }),
  }));
  writeFileSync(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  if (hasMark) writeFileSync(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return path;
}
