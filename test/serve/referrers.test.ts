import { renameSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeDescriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { EMPTY_CONFIG, EMPTY_CONFIG_BYTES } from '../../src/oci/artifact.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import { plannedImage, type PlannedSample } from '../support/planned/items.ts';
import { type Serving, startServing } from '../support/sites/serving.ts';

const image = plannedImage('docker.io/rancher/rancher:v2.9.2');
const signature = referrer('docker.io/rancher/rancher:sig', 'application/vnd.example.signature');
const statement = referrer('docker.io/rancher/rancher:sbom', 'application/vnd.example.sbom');

/** Returns an artifact whose subject is the image. */
function referrer(name: string, artifactType: string): PlannedSample {
  const { digest, mediaType, size } = image.planned.item.descriptor;
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      artifactType,
      config: encodeDescriptor(EMPTY_CONFIG),
      layers: [encodeDescriptor(EMPTY_CONFIG)],
      subject: { mediaType, digest, size },
      annotations: { 'com.example.of': name },
    }),
  );
  const descriptor = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(bytes), size: bytes.length };
  const contents = [
    { descriptor: EMPTY_CONFIG, bytes: EMPTY_CONFIG_BYTES },
    { descriptor, bytes },
  ];
  const blobs = contents.map((content) => ({
    descriptor: content.descriptor,
    origin: { type: 'bytes', bytes: content.bytes } as const,
  }));
  return { planned: { item: { kind: 'image', name, descriptor, audience: ['registry'] }, blobs }, contents };
}

async function listed(other: Serving): Promise<readonly unknown[]> {
  const response = await other.get(`${NAME}/${digest}`);
  expect(response.status).toBe(200);
  const { manifests }: { readonly manifests: readonly unknown[] } = JSON.parse(await response.text());
  return manifests;
}

let serving: Serving;
beforeAll(async () => {
  serving = await startServing({ bundles: [[image, signature, statement]] });
});
afterAll(() => serving[Symbol.asyncDispose]());

const NAME = '/v2/rancher/rancher/referrers';
const { digest } = image.planned.item.descriptor;

describe('end-12: listing referrers', () => {
  it('GET lists every manifest whose subject it is, as an index', async () => {
    const response = await serving.get(`${NAME}/${digest}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(MEDIA_TYPE.ociIndex);
    expect(await response.json()).toEqual({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociIndex,
      manifests: expect.arrayContaining([
        {
          ...signature.planned.item.descriptor,
          artifactType: 'application/vnd.example.signature',
          annotations: { 'com.example.of': 'docker.io/rancher/rancher:sig' },
        },
        expect.objectContaining({ digest: statement.planned.item.descriptor.digest }),
      ]),
    });
  });

  it('a filter leaves those of one type, and says so', async () => {
    const response = await serving.get(`${NAME}/${digest}?artifactType=application/vnd.example.sbom`);
    expect(response.headers.get('oci-filters-applied')).toBe('artifactType');
    expect(await response.json()).toMatchObject({
      manifests: [{ digest: statement.planned.item.descriptor.digest }],
    });
  });

  it('what could not be read is on the list once it can be read again', async () => {
    await using other = await startServing({ bundles: [[image, signature, statement]] });
    renameSync(other.path, `${other.path}.away`);
    expect(await listed(other)).toEqual([]);
    renameSync(`${other.path}.away`, other.path);
    expect(await listed(other)).toHaveLength(2);
  });

  it('of a digest that nothing refers to, the list is empty and no error', async () => {
    const response = await serving.get(`${NAME}/${digestOf('unknown')}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ manifests: [] });
  });

  it('is an error for what is not a digest', async () => {
    const response = await serving.get(`${NAME}/v2.9.2`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ code: 'DIGEST_INVALID' }] });
  });
});
