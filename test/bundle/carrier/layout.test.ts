import { describe, expect, it } from 'vitest';
import { encodeCarrier } from '../../../src/bundle/carrier/layout.ts';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { decodeManifest } from '../../../src/oci/manifest.ts';
import { isManifestType } from '../../../src/oci/media-type.ts';
import { LAB } from '../../support/registry/carrier-lab.ts';
import { plannedFile } from '../../support/planned/items.ts';
import { type SampleBundle, sampleBundle, SAMPLES } from '../../support/samples/sample-bundle.ts';

/** So many files that one manifest is not enough. */
const MANY = sampleBundle([
  ...SAMPLES,
  ...Array.from({ length: 220 }, (_, at) => plannedFile(`file-${at}`, Buffer.from(`file ${at}`))),
]);
const FORMS = ['artifact', 'image'] as const;

function filesOf({ files }: SampleBundle): { path: string; digest: Digest; size: number }[] {
  return [...files].map(([path, bytes]) => ({ path, digest: digestOf(bytes), size: bytes.length }));
}

function encode(sample: SampleBundle, form: 'artifact' | 'image'): ReturnType<typeof encodeCarrier> {
  const { root, document } = sample.plan;
  return encodeCarrier(filesOf(sample), { root, name: document.name, form });
}

function manifestsOf({
  documents,
  root,
  parts,
}: ReturnType<typeof encodeCarrier>): ReturnType<typeof decodeManifest>[] {
  const all = parts.length === 0 ? [root] : parts;
  return all.map(({ digest, mediaType }) =>
    decodeManifest(documents.get(digest) ?? new Uint8Array(), mediaType),
  );
}

describe('the documents of a carrier', () => {
  it.each(FORMS.flatMap((form) => [['small', LAB, form] as const, ['large', MANY, form] as const]))(
    'have each file of a %s bundle in exactly one manifest [B-CARRY-1]',
    (_, sample, form) => {
      const layers = manifestsOf(encode(sample, form)).flatMap((document) =>
        document.type === 'manifest' ? document.layers : [],
      );
      expect(layers.map(({ digest }) => digest)).toEqual(filesOf(sample).map(({ digest }) => digest));
      expect(layers.filter(({ mediaType }) => isManifestType(mediaType))).toEqual([]);
    },
  );

  it('are within what registries take: Harbor, ECR, zot', () => {
    for (const form of FORMS) {
      const carrier = encode(MANY, form);
      expect(carrier.parts.length).toBeGreaterThan(1);
      expect(new Set(carrier.parts.map(({ digest }) => digest)).size).toBe(carrier.parts.length);
      for (const document of manifestsOf(carrier)) {
        expect(document).toMatchObject({ type: 'manifest', subject: undefined });
        expect(document.mediaType).toMatch(/^application\/vnd\.oci\./);
        expect(document.type === 'manifest' && document.layers.length <= 400).toBe(true);
      }
      for (const bytes of carrier.documents.values()) expect(bytes.length).toBeLessThan(1024 * 1024);
    }
  });

  it('are the same for the same files, and other ones for other files [B-CARRY-2]', () => {
    expect(encode(LAB, 'artifact')).toEqual(encode(LAB, 'artifact'));
    expect(encode(LAB, 'artifact').root.digest).not.toBe(encode(LAB, 'image').root.digest);
    expect(encode(LAB, 'artifact').root.digest).not.toBe(encode(MANY, 'artifact').root.digest);
  });
});
