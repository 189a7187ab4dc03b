import { SaddlebagError } from '../internal/error.ts';
import { isRecord } from '../internal/json.ts';
import { type Digest, parseDigest } from './digest.ts';
import { MEDIA_TYPE } from './media-type.ts';
import { decodePlatform, encodePlatform, type Platform } from './platform.ts';

/** Each descriptor is decoded with texts of its own: the media types that nearly all have are kept once. */
const KNOWN_TYPES: ReadonlyMap<string, string> = new Map(
  Object.values(MEDIA_TYPE).map((type) => [type, type]),
);

/** What identifies content: type, digest and size (OCI image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly platform?: Platform | undefined;
  readonly artifactType?: string | undefined;
  /** Where to get a foreign layer when the registry does not hold it. */
  readonly urls?: readonly string[] | undefined;
}

/**
 * Decodes a descriptor in a manifest or an index; `where` names its place in messages.
 *
 * @throws `ERR_DOCUMENT_INVALID`, `ERR_DIGEST_INVALID`
 */
export function decodeDescriptor(value: unknown, where: string): Descriptor {
  if (!isRecord(value)) throw invalid(where, 'expected an object');
  const { mediaType, size, artifactType, urls } = value;
  if (typeof mediaType !== 'string' || mediaType === '') throw invalid(where, 'it has no "mediaType"');
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid(where, '"size" is not a whole number');
  const annotations = decodeAnnotations(value['annotations'], where);
  const platform = decodePlatform(value['platform']);
  return {
    mediaType: KNOWN_TYPES.get(mediaType) ?? mediaType,
    digest: parseDigest(value['digest']),
    size,
    annotations,
    platform,
    artifactType: typeof artifactType === 'string' ? artifactType : undefined,
    urls: Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : undefined,
  };
}

/** Returns a descriptor as OCI JSON, its keys in a fixed order. */
export function encodeDescriptor(descriptor: Descriptor): Record<string, unknown> {
  const { mediaType, digest, size, annotations, platform, artifactType, urls } = descriptor;
  return {
    mediaType,
    digest,
    size,
    urls,
    annotations,
    platform: platform === undefined ? undefined : encodePlatform(platform),
    artifactType,
  };
}

/**
 * Returns the annotations of a document, or `undefined` when it has none.
 *
 * @throws `ERR_DOCUMENT_INVALID` when they are not strings by name
 */
export function decodeAnnotations(
  value: unknown,
  where: string,
): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) throw invalid(where, '"annotations" is not an object');
  const entries = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text !== 'string') throw invalid(where, `annotation "${key}" is not a string`);
    return [key, text];
  });
  return Object.fromEntries(entries);
}

function invalid(where: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot decode descriptor in ${where}: ${fact}`);
}
