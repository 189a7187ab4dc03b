import { createHash } from 'node:crypto';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';

/** Blobs of one image: an index, and for each platform a manifest, a config and four layers. */
export const BLOBS_OF_IMAGE = 13;
const LAYERS = 4;
/** Size of a layer (bytes). */
const LAYER = 4000;
const PLATFORMS = ['amd64', 'arm64'] as const;

interface Content {
  readonly type: string;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** Returns an image of two platforms, the same for the same number, that shares nothing with any other. */
export function smallImage(number: number): { readonly contents: readonly Content[]; readonly root: Digest } {
  const contents: Content[] = [];
  const put = (type: string, bytes: Uint8Array): Record<string, unknown> => {
    const digest = digestOf(bytes);
    contents.push({ type, digest, bytes });
    return { mediaType: type, digest, size: bytes.length };
  };
  const manifests = PLATFORMS.map((architecture) => {
    const layers = Array.from({ length: LAYERS }, (_, layer) =>
      put(MEDIA_TYPE.ociLayerGzip, noise(`${number} ${architecture} ${layer}`)),
    );
    const history = [{ created_by: `RUN step of image ${number} for ${architecture}` }];
    const config = put(MEDIA_TYPE.ociConfig, encode({ architecture, os: 'linux', history }));
    const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers };
    return { ...put(MEDIA_TYPE.ociManifest, encode(manifest)), platform: { architecture, os: 'linux' } };
  });
  put(MEDIA_TYPE.ociIndex, encode({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests }));
  const root = contents.at(-1)?.digest;
  if (root === undefined) throw new Error('the image has no content');
  return { contents, root };
}

/** Bytes that do not compress, and depend only on the name. */
function noise(name: string): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(LAYER / 64) }, (_, block) =>
    createHash('sha512').update(`${name} ${block}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, LAYER);
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
