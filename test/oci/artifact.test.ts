import { describe, expect, it } from 'vitest';
import { artifactTypeIn, encodeArtifact, EMPTY_CONFIG } from '../../src/oci/artifact.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { decodeManifest } from '../../src/oci/manifest.ts';

describe('encodeArtifact', () => {
  const file = (
    name: string,
  ): { name: string; descriptor: { digest: ReturnType<typeof digestOf>; size: number } } => ({
    name,
    descriptor: { digest: digestOf(name), size: name.length },
  });

  it('makes a manifest with the empty config of the image-spec and a titled layer for each file', () => {
    const { bytes, descriptor } = encodeArtifact('application/x', [
      { ...file('k3s'), executable: true },
      file('sums'),
    ]);
    expect(decodeManifest(bytes)).toMatchObject({
      artifactType: 'application/x',
      config: EMPTY_CONFIG,
      layers: [
        { annotations: { 'org.opencontainers.image.title': 'k3s', 'dev.saddlebag.file.executable': 'true' } },
        { annotations: { 'org.opencontainers.image.title': 'sums' } },
      ],
    });
    expect(descriptor).toMatchObject({
      digest: digestOf(bytes),
      size: bytes.length,
      artifactType: 'application/x',
    });
  });

  it('has the digest that the image-spec prints for an empty config', () => {
    expect(EMPTY_CONFIG).toEqual({
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      size: 2,
    });
  });
});

describe('the type of an artifact', () => {
  const part = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf('a'), size: 1 };
  const index = (rest: object): Uint8Array =>
    Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', ...rest }),
    );

  it.each([
    ['what its index says', { artifactType: 'application/x', manifests: [part] }, 'application/x'],
    [
      'what all in its index say',
      { manifests: [{ ...part, artifactType: 'application/y' }] },
      'application/y',
    ],
    ['nobody says of an index of images', { manifests: [part] }, undefined],
  ])('is %s', (_, rest, expected) => {
    expect(artifactTypeIn(decodeManifest(index(rest)))).toBe(expected);
  });
});
