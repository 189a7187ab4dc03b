import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { decodeManifest, MANIFEST_LIMIT, successorsOf } from '../../src/oci/manifest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';

const descriptor = (text: string, mediaType: string = MEDIA_TYPE.ociLayerGzip): Record<string, unknown> => ({
  mediaType,
  digest: digestOf(text),
  size: text.length,
});
const manifest = {
  schemaVersion: 2,
  config: descriptor('{}', MEDIA_TYPE.ociConfig),
  layers: [descriptor('a'), descriptor('b')],
};
const index = { schemaVersion: 2, manifests: [descriptor('m', MEDIA_TYPE.ociManifest)] };
const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

describe('decodeManifest', () => {
  it('lists config and layers of a manifest in their order', () => {
    const decoded = decodeManifest(encode({ ...manifest, mediaType: MEDIA_TYPE.dockerManifest }));
    expect(decoded).toMatchObject({ type: 'manifest', mediaType: MEDIA_TYPE.dockerManifest });
    expect(successorsOf(decoded).map(({ digest }) => digest)).toEqual([
      digestOf('{}'),
      digestOf('a'),
      digestOf('b'),
    ]);
  });

  it.each([
    [manifest, undefined, MEDIA_TYPE.ociManifest],
    [manifest, MEDIA_TYPE.dockerManifest, MEDIA_TYPE.dockerManifest],
    [index, undefined, MEDIA_TYPE.ociIndex],
    [index, MEDIA_TYPE.dockerList, MEDIA_TYPE.dockerList],
    [index, 'application/json', MEDIA_TYPE.ociIndex],
  ])(
    'tells an untyped document by its shape, then by what the sender called it (%#)',
    (document, hint, expected) => {
      expect(decodeManifest(encode(document), hint).mediaType).toBe(expected);
    },
  );

  it('keeps artifactType, subject and annotations', () => {
    const full = {
      ...manifest,
      artifactType: 'application/x',
      subject: descriptor('s'),
      annotations: { a: 'b' },
    };
    expect(decodeManifest(encode(full))).toMatchObject({
      artifactType: 'application/x',
      subject: { digest: digestOf('s') },
      annotations: { a: 'b' },
    });
  });

  it.each([{ schemaVersion: 1, fsLayers: [] }, { mediaType: MEDIA_TYPE.dockerSchema1Signed }])(
    'refuses schema 1 with what to do',
    (document) => {
      expect(() => decodeManifest(encode(document))).toThrow(
        expect.objectContaining({ code: 'ERR_MANIFEST_UNSUPPORTED', hint: expect.stringContaining('newer') }),
      );
    },
  );

  it.each([
    ['not JSON', Buffer.from('<html>')],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['an array', encode([])],
    ['null', encode(null)],
    ['neither list', encode({ schemaVersion: 2 })],
    ['both lists', encode({ ...manifest, ...index })],
    ['a foreign type', encode({ ...manifest, mediaType: 'text/html' })],
    ['no config', encode({ layers: [] })],
    ['layers of another type', encode({ ...manifest, layers: 'x', mediaType: MEDIA_TYPE.ociManifest })],
    ['a negative size', encode({ ...manifest, layers: [{ ...descriptor('a'), size: -1 }] })],
    ['a fractional size', encode({ ...manifest, layers: [{ ...descriptor('a'), size: 1.5 }] })],
    ['annotations that are not text', encode({ ...manifest, annotations: { a: 1 } })],
    ['too many bytes', Buffer.alloc(MANIFEST_LIMIT + 1, ' ')],
  ])('refuses %s', (_name, bytes) => {
    expect(() => decodeManifest(bytes)).toThrow(expect.objectContaining({ code: 'ERR_DOCUMENT_INVALID' }));
  });

  it.each([null, 1, {}, [], true])('refuses a media type that is %j', (mediaType) => {
    expect(() => decodeManifest(encode({ ...manifest, mediaType }))).toThrow(
      'its "mediaType" is not a string',
    );
  });

  it.each([undefined, 1.5, 3, '2', null])('refuses %j for a version of its schema', (schemaVersion) => {
    expect(() => decodeManifest(encode({ ...manifest, schemaVersion }))).toThrow('"schemaVersion" is not 2');
  });

  it.each([
    ['a member twice', '"layers":[],"layers":'],
    ['a member twice when case is ignored', '"Layers":[],"layers":'],
  ])('refuses %s, which others read in another way', (_, layers) => {
    const text = Buffer.from(encode(manifest)).toString().replace('"layers":', layers);
    expect(() => decodeManifest(Buffer.from(text))).toThrow('twice');
  });

  it('refuses a byte order mark, and what is nested without end [B-ITEM-5] [B-DOC-16]', () => {
    const text = Buffer.from(encode(manifest)).toString();
    expect(() => decodeManifest(Buffer.from(`\ufeff${text}`))).toThrow('it is not JSON');
    const deep = text.replace('{', `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},`);
    expect(() => decodeManifest(Buffer.from(deep))).toThrow('nested more than 64 deep');
  });

  it('refuses a digest in upper case', () => {
    const layers = [{ ...descriptor('a'), digest: digestOf('a').toUpperCase() }];
    expect(() => decodeManifest(encode({ ...manifest, layers }))).toThrow(
      expect.objectContaining({ code: 'ERR_DIGEST_INVALID' }),
    );
  });
});
